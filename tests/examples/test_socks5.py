"""SOCKS5: what curl does through it, and what it answers byte by byte (RFC 1928, RFC 1929)."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator

import pytest

from tests.examples.http_backend import http_backend
from tests.examples.parts import Example, read_exactly, run, send_until_full
from tests.net.peers import DEADLINE, is_over, read_to_end, reset

HELLO, WELCOME = b"\5\1\0", b"\5\0"

NO_ADDRESS = b"\0\1" + bytes(6)


@pytest.fixture(scope="module")
def proxy() -> Iterator[Example]:
    with Example("socks5") as example:
        yield example


@pytest.fixture(scope="module")
def locked() -> Iterator[Example]:
    with Example("socks5", "--user", "ann", "--password", "secret") as example:
        yield example


@pytest.fixture(scope="module")
def http() -> Iterator[int]:
    with http_backend() as port:
        yield port


@pytest.fixture
def client(proxy: Example) -> Iterator[socket.socket]:
    with proxy.connect() as sock:
        yield sock


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """Where a target listens that the test itself is."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(DEADLINE)
        yield door


def port_of(sock: socket.socket) -> bytes:
    port: int = sock.getsockname()[1]
    return port.to_bytes(2)


def to(port: bytes, kind: bytes = b"\1\x7f\0\0\1") -> bytes:
    """A request for a connection to this machine."""
    return b"\5\1\0" + kind + port


# -- curl


@pytest.mark.needs("curl")
@pytest.mark.parametrize("option", ["--socks5", "--socks5-hostname"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_curl_reads_a_page_through_it(proxy: Example, http: int, option: str, host: str) -> None:
    where = f"127.0.0.1:{proxy.port}"

    heard = run("curl", "-sS4", option, where, f"http://{host}:{http}/page")

    assert heard == (0, "you asked for /page\n")


@pytest.mark.once
@pytest.mark.needs("curl")
@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="only where there is IPv6")
def test_curl_reads_a_page_over_ipv6(proxy: Example) -> None:
    where = f"127.0.0.1:{proxy.port}"
    with http_backend("::1") as port:
        heard = run("curl", "-sS", "--socks5", where, f"http://[::1]:{port}/page")

    assert heard == (0, "you asked for /page\n")


@pytest.mark.once
@pytest.mark.needs("curl")
@pytest.mark.parametrize(
    ("host", "code"), [("127.0.0.1", 5), ("255.255.255.255", 3), ("no..name", 4)]
)
def test_curl_hears_why_nobody_is_reached(proxy: Example, host: str, code: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    where = f"127.0.0.1:{proxy.port}"
    status, said = run("curl", "-sS", "--socks5-hostname", where, f"http://{host}:{port}/")

    assert (status, f"({code})" in said) == (97, True)


@pytest.mark.once
@pytest.mark.needs("curl")
@pytest.mark.parametrize(
    ("who", "status"), [("ann:secret@", 0), ("ann:guess@", 97), ("eve:secret@", 97), ("", 97)]
)
def test_curl_says_who_asks(locked: Example, http: int, who: str, status: int) -> None:
    where = f"socks5h://{who}127.0.0.1:{locked.port}"

    assert run("curl", "-sS", "-x", where, f"http://127.0.0.1:{http}/")[0] == status


# -- byte by byte


def test_a_connection_is_told_from_where_it_is(client: socket.socket, door: socket.socket) -> None:
    client.sendall(HELLO)
    assert read_exactly(client, 2) == WELCOME
    client.sendall(to(port_of(door)))
    target, (host, port) = door.accept()
    with target:
        assert read_exactly(client, 10) == b"\5\0\0\1" + socket.inet_aton(host) + port.to_bytes(2)


def test_all_may_come_at_once_or_byte_by_byte(proxy: Example, door: socket.socket) -> None:
    said = HELLO + to(port_of(door), b"\3\x09localhost") + b"hello"
    for pieces in ([said], [bytes([byte]) for byte in said]):
        with proxy.connect() as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                client.sendall(piece)
            target, _ = door.accept()
            with target:
                assert read_exactly(target, 5) == b"hello"
                target.sendall(b"good morning")
                assert read_exactly(client, 24)[12:] == b"good morning"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"\5\0", b"\5\xff"),
        (b"\5\2\1\2", b"\5\xff"),
        (HELLO + b"\5\2\0\1\x7f\0\0\1\0\x50", WELCOME + b"\5\7" + NO_ADDRESS),
        (HELLO + b"\5\3\0\1\x7f\0\0\1\0\x50", WELCOME + b"\5\7" + NO_ADDRESS),
        (HELLO + b"\5\1\0\2\x7f\0\0\1\0\x50", WELCOME + b"\5\x08" + NO_ADDRESS),
        (HELLO + b"\5\1\0\3\0\0\x50", WELCOME + b"\5\4" + NO_ADDRESS),
        (HELLO + b"\5\1\0\3\4\xff\0\n \0\x50", WELCOME + b"\5\4" + NO_ADDRESS),
    ],
    ids=["no method", "no known method", "bind", "associate", "kind", "no name", "no such name"],
)
def test_what_it_cannot_do_is_answered(client: socket.socket, said: bytes, answer: bytes) -> None:
    client.sendall(said)

    assert read_to_end(client) == answer


@pytest.mark.parametrize("said", [b"\4\1\0\x50\x7f\0\0\1ann\0", b"GET / HTTP/1.1\r\n\r\n"])
def test_who_speaks_something_else_is_not_answered(client: socket.socket, said: bytes) -> None:
    client.sendall(said)

    assert is_over(client)


def test_who_leaves_halfway_is_let_go(proxy: Example) -> None:
    said = HELLO + to(b"\0\x50", b"\3\x09localhost")
    for length in range(len(said)):
        with proxy.connect() as client:
            client.sendall(said[:length])
            client.shutdown(socket.SHUT_WR)
            assert read_to_end(client) == (WELCOME if length >= len(HELLO) else b"")


def test_who_stalls_is_seen_off() -> None:
    with Example("socks5", "--patience", "0.2") as proxy, proxy.connect() as client:
        client.sendall(HELLO + b"\5\1")
        assert read_exactly(client, 2) == WELCOME
        assert is_over(client)
        proxy.hear("not done within 0.2 seconds")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"\5\1\2\1\3ann\6secret", b"\5\2\1\0"),
        (b"\5\2\0\2\1\3ann\6secreT", b"\5\2\1\1"),
        (b"\5\1\2\1\0\0", b"\5\2\1\1"),
        (b"\5\1\0", b"\5\xff"),
    ],
    ids=["right", "wrong", "empty", "nothing"],
)
def test_a_password_is_asked_for(locked: Example, said: bytes, answer: bytes) -> None:
    with locked.connect() as client:
        client.sendall(said)
        client.shutdown(socket.SHUT_WR)

        assert read_to_end(client) == answer


# -- the tunnel


def tunnel(proxy: Example, door: socket.socket) -> tuple[socket.socket, socket.socket]:
    client = proxy.connect()
    client.sendall(HELLO + to(port_of(door)))
    target, _ = door.accept()
    read_exactly(client, 12)
    return client, target


@pytest.mark.parametrize("first", ["client", "target"])
def test_a_half_close_is_passed_on(proxy: Example, door: socket.socket, first: str) -> None:
    client, target = tunnel(proxy, door)
    one, other = (client, target) if first == "client" else (target, client)
    with one, other:
        one.sendall(b"all that I have to say")
        one.shutdown(socket.SHUT_WR)
        assert read_to_end(other) == b"all that I have to say"
        other.sendall(b"and all from me")
        other.shutdown(socket.SHUT_WR)
        assert read_to_end(one) == b"and all from me"


@pytest.mark.parametrize("rude", ["client", "target"])
def test_a_reset_is_passed_on(proxy: Example, door: socket.socket, rude: str) -> None:
    client, target = tunnel(proxy, door)
    one, other = (client, target) if rude == "client" else (target, client)
    with one, other:
        reset(one)
        with pytest.raises(ConnectionResetError):
            other.recv(1)


def test_who_does_not_read_holds_the_sender_back(proxy: Example, door: socket.socket) -> None:
    client, target = tunnel(proxy, door)
    with client, target:
        sent = send_until_full(target, b"0123456789abcde\n" * 4_000_000)
        target.shutdown(socket.SHUT_WR)
        assert read_to_end(client) == sent


def test_a_patience_that_is_over_does_not_end_what_stands(door: socket.socket) -> None:
    with Example("socks5", "--patience", "0.5", "--idle", "1") as proxy:
        client, target = tunnel(proxy, door)
        with client, target:
            assert is_over(client)
            assert is_over(target)
        proxy.hear("nothing moved on .* for 1 seconds")


def test_it_ends_in_good_order(door: socket.socket) -> None:
    with Example("socks5") as proxy:
        client, target = tunnel(proxy, door)
        with client, target:
            proxy.send(signal.SIGTERM)
            client.sendall(b"hello")
            assert read_exactly(target, 5) == b"hello"
        assert proxy.end() == 0
