"""A server of the protocol of Redis, asked by the clients of Redis."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.parts import Example, read_line, run
from tests.net.peers import read_to_end

PONG = b"+PONG\r\n"


@pytest.fixture(scope="module")
def resp() -> Iterator[Example]:
    with Example("resp") as example:
        yield example


def redis_cli(resp: Example, commands: str) -> list[str]:
    status, said = run("redis-cli", "-p", str(resp.port), told=commands.encode())
    assert status == 0
    return said.splitlines()


def ask(sock: socket.socket, request: bytes) -> bytes:
    sock.sendall(request)
    return read_line(sock)


@pytest.mark.needs("redis-cli")
def test_redis_cli_sets_gets_and_counts(resp: Example) -> None:
    told = redis_cli(
        resp,
        "PING\nECHO hello\nGET name\nSET name world\nGET name\nINCR n\nINCR n\n"
        "EXISTS name n nobody\nDEL name n nobody\nGET name\nTTL name\n",
    )

    assert told == [
        *("PONG", "hello", "", "OK", "world", "1", "2"),
        *("2", "2", "", "-2"),
    ]


@pytest.mark.once
@pytest.mark.needs("redis-cli")
def test_redis_cli_hears_what_is_wrong(resp: Example) -> None:
    told = redis_cli(resp, "SET word x\nINCR word\nGET\nSET word x EX 0\nSET word x XX 1\n")

    assert [line for line in told if line] == [
        "OK",
        "ERR value is not an integer or out of range",
        "ERR unknown command or wrong number of arguments for 'GET'",
        "ERR invalid expire time",
        "ERR unknown command or wrong number of arguments for 'SET'",
    ]


@pytest.mark.once
@pytest.mark.needs("redis-cli")
def test_a_key_lives_as_long_as_it_is_told(resp: Example) -> None:
    told = redis_cli(
        resp,
        "SET key 1 EX 1000\nTTL key\nINCR key\nTTL key\nSET key 1\nTTL key\n"
        "EXPIRE key 500\nTTL key\nEXPIRE nobody 500\nDEL key\nINCR key\nTTL key\n"
        "SET key 1 px 500000\nTTL key\n",
    )

    assert all(900 < int(told[index]) <= 1000 for index in (1, 3))
    assert all(400 < int(told[index]) <= 500 for index in (7, 13))
    assert [told[index] for index in (5, 6, 8, 11)] == ["-1", "1", "0", "-1"]


def test_a_key_expires(resp: Example) -> None:
    with resp.connect() as client:
        assert ask(client, b"SET brief world PX 1\r\n") == b"+OK\r\n"
        while ask(client, b"GET brief\r\n") != b"$-1\r\n":
            assert read_line(client) == b"world\r\n"


def test_a_key_that_is_set_anew_does_not_expire(resp: Example) -> None:
    with resp.connect() as client:
        client.sendall(b"SET anew 1 PX 20\r\nSET anew 2\r\nSET brief 3 PX 40\r\n")
        assert [read_line(client) for _ in range(3)] == [b"+OK\r\n"] * 3
        while ask(client, b"GET brief\r\n") != b"$-1\r\n":
            assert read_line(client) == b"3\r\n"
        assert ask(client, b"GET anew\r\n") == b"$1\r\n"


@pytest.mark.once
@pytest.mark.needs("redis-benchmark")
def test_redis_benchmark_pipelines(resp: Example) -> None:
    status, said = run(
        *("redis-benchmark", "-p", str(resp.port), "-t", "ping,set,get,incr"),
        *("-P", "16", "-q", "-n", "2000", "-c", "10"),
    )

    assert status == 0
    assert said.count("requests per second") == 5
    assert "rror" not in said
    assert "WARNING" not in said


@pytest.mark.once
def test_redis_py_pipelines(resp: Example) -> None:
    program = f"""
import redis
with redis.Redis(port={resp.port}, protocol=2) as client:
    with client.pipeline(transaction=False) as many:
        for _ in range(1000):
            many.incr("count")
        assert many.execute() == list(range(1, 1001))
    assert client.set("all", bytes(range(256)), ex=100)
    assert client.get("all") == bytes(range(256))
    assert 0 < client.ttl("all") <= 100
    assert client.delete("count", "all") == 2
    assert not client.exists("all")
print("good")
"""

    assert run(sys.executable, "-c", program) == (0, "good\n")


def test_what_came_together_is_answered_together(resp: Example) -> None:
    with resp.connect() as client:
        client.sendall(b"*1\r\n$4\r\nPING\r\n" * 1000)

        assert client.recv(100_000) == PONG * 1000  # of two sends, the first would come alone


def test_a_request_that_comes_byte_by_byte_is_understood(resp: Example) -> None:
    with resp.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$4\r\n\r\n\r\n\r\n\r\nGET a\r\n":
            client.send(bytes([byte]))

        assert read_line(client) == b"+OK\r\n"
        assert read_line(client) == b"$4\r\n"
        assert client.recv(6, socket.MSG_WAITALL) == b"\r\n\r\n\r\n"


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (b"*1\r\n:5\r\n", b"expected '$', got ':'"),
        (b"*1\r\n\r\n", b"expected '$', got ''"),
        (b"*-1\r\n", b"invalid multibulk length"),
        (b"*65537\r\n", b"invalid multibulk length"),
        (b"*" + b"9" * 5000 + b"\r\n", b"invalid multibulk length"),
        (b"*1\r\n$-1\r\n", b"invalid bulk length"),
        (b"*1\r\n$1048577\r\n", b"invalid bulk length"),
        (b"*2\r\n$2\r\nxx\r\n$1048575\r\n", b"invalid bulk length"),
        (b"x" * 65_536, b"too big inline request"),
    ],
)
@pytest.mark.once
def test_garbage_ends_the_conversation(resp: Example, request_: bytes, complaint: bytes) -> None:
    with resp.connect() as client:
        client.sendall(b"PING\r\n" + request_)

        assert read_to_end(client) == PONG + b"-ERR Protocol error: " + complaint + b"\r\n"


@pytest.mark.once
def test_lines_may_be_empty(resp: Example) -> None:
    with resp.connect() as client:
        client.sendall(b"\r\n\n*0\r\nPING\r\n")

        assert read_line(client) == PONG


@pytest.mark.once
@pytest.mark.needs("redis-cli")
def test_values_may_be_large(resp: Example) -> None:
    value = "0123456789" * 100_000
    client = ("redis-cli", "-p", str(resp.port))

    assert run(*client, "-x", "SET", "large", told=value.encode()) == (0, "OK\n")
    assert run(*client, "GET", "large") == (0, value + "\n")


@pytest.mark.once
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only where there is a /proc")
def test_a_client_that_does_not_read_costs_nobody_else(resp: Example) -> None:
    value = b"x" * 1_000_000
    with resp.connect() as greedy, resp.connect() as other, greedy.makefile("rb") as replies:
        set_large = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$%d\r\n%b\r\n" % (len(value), value)
        assert ask(greedy, set_large) == b"+OK\r\n"
        greedy.sendall(b"GET a\r\n" * 100 + b"PING\r\n")

        for _ in range(100):
            assert ask(other, b"PING\r\n") == PONG
        assert memory(resp) < 80_000_000
        for _ in range(100):
            assert replies.readline() == b"$%d\r\n" % len(value)
            assert replies.read(len(value) + 2) == value + b"\r\n"
        assert replies.readline() == PONG


def memory(resp: Example) -> int:
    """Return how many bytes of memory it has (man 5 proc)."""
    status = Path(f"/proc/{resp.pid}/status").read_text()
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_good_order(signum: int) -> None:
    with Example("resp") as resp, resp.connect() as client:
        assert ask(client, b"PING\r\n") == PONG
        client.sendall(b"*1\r\n$4\r\n")  # not all of a request, so nobody waits for the answer

        assert resp.stop(signum) == 0
        assert read_to_end(client) == b""
