"""Line echo, in three forms that nobody outside can tell apart."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator

import pytest

from tests.examples.parts import (
    Example,
    deaf,
    is_silent,
    read_line,
    run,
    send_until_full,
    wait_until_refused,
)
from tests.net.peers import read_to_end, reset

FORMS = ("generators", "async", "callbacks")

TOO_LONG = b"that line is too long\n"

NUMBERS = b"".join(b"%0900d\n" % number for number in range(2000))


@pytest.fixture(scope="module", params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return f"line_echo_{request.param}"


@pytest.fixture(scope="module")
def echo(form: str) -> Iterator[Example]:
    with Example(form) as example:
        yield example


@pytest.fixture
def client(echo: Example) -> Iterator[socket.socket]:
    with echo.connect() as sock:
        yield sock


def ask(client: socket.socket, said: bytes) -> bytes:
    """Say all there is to say, and return all that comes back."""
    client.sendall(said)
    client.shutdown(socket.SHUT_WR)
    return read_to_end(client)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b"hello\n", b"hello\n"),
        (b"one\r\ntwo\n\n", b"one\ntwo\n\n"),
        (b"no end", b"no end\n"),
        (b"\xff\0\r\r\n", b"\xff\0\r\n"),
        (b"x" * 1000 + b"\n", b"x" * 1000 + b"\n"),
        (b"", b""),
    ],
)
def test_lines_come_back(client: socket.socket, said: bytes, heard: bytes) -> None:
    assert ask(client, said) == heard


def test_a_line_may_come_byte_by_byte(client: socket.socket) -> None:
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in b"hello\n":
        client.sendall(bytes([byte]))

    assert read_line(client) == b"hello\n"


@pytest.mark.parametrize("end", [b"", b"\n", b"\nand more\n"])
def test_a_line_that_is_too_long_ends_the_conversation(client: socket.socket, end: bytes) -> None:
    client.sendall(b"short\n" + b"x" * 1001 + end)

    assert read_to_end(client) == b"short\n" + TOO_LONG


def test_many_lines_come_back_in_order(client: socket.socket) -> None:
    assert ask(client, NUMBERS) == NUMBERS


@pytest.mark.once
@pytest.mark.needs("nc")
def test_netcat_talks_to_it(echo: Example) -> None:
    heard = run("nc", "-N", "127.0.0.1", str(echo.port), told=b"hello\nyou\n")

    assert heard == (0, "hello\nyou\n")


@pytest.mark.once
@pytest.mark.needs("curl")
def test_curl_talks_to_it_as_telnet_does(echo: Example) -> None:
    too_long = b"x" * 1001  # curl goes on until the server closes

    heard = run("curl", "-sS", f"telnet://127.0.0.1:{echo.port}", told=b"hello\r\n" + too_long)

    assert heard == (0, "hello\n" + TOO_LONG.decode())


def test_a_client_that_resets_harms_nobody(echo: Example, client: socket.socket) -> None:
    with echo.connect() as rude:
        rude.sendall(b"hello\n" * 1000)
        reset(rude)

    assert ask(client, b"still there?\n") == b"still there?\n"


def test_a_silent_client_is_seen_off(form: str) -> None:
    with Example(form, "--idle", "0.1") as echo, echo.connect() as client:
        assert read_to_end(client) == b""
        assert echo.stop() == 0

    assert "nothing moved on " in echo.heard[-1]


def test_who_comes_when_all_are_in_waits_until_one_has_left(form: str) -> None:
    with Example(form, "--most", "2") as echo:
        for _ in range(3):
            with echo.connect() as one, echo.connect() as two, echo.connect() as waits:
                for client in (waits, one, two):
                    client.sendall(b"hello\n")
                assert read_line(one) == read_line(two) == b"hello\n"
                for _ in range(10):  # turns enough to serve a third one
                    one.sendall(b"again\n")
                    assert read_line(one) == b"again\n"
                assert is_silent(waits)
                one.close()
                assert read_line(waits) == b"hello\n"


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_all_out_in_good_order(form: str, signum: int) -> None:
    with Example(form) as echo, echo.connect() as at_rest, echo.connect() as begun:
        for client in (at_rest, begun):
            client.sendall(b"hello\n")
            read_line(client)
        begun.sendall(b"half a li")

        echo.send(signum)

        assert read_to_end(at_rest) == read_to_end(begun) == b""
        assert echo.end() == 0
    assert echo.heard[1:] == []


def test_what_is_on_its_way_arrives_before_the_end(form: str) -> None:
    with Example(form) as echo, deaf(echo.address) as slow:
        sent = send_until_full(slow, NUMBERS * 10)
        echo.send(signal.SIGTERM)

        heard = read_to_end(slow)

        assert heard.endswith(b"\n")
        assert sent.startswith(heard)
        assert echo.end() == 0


@pytest.mark.once
def test_a_second_signal_does_not_wait(form: str) -> None:
    with Example(form) as echo, deaf(echo.address) as slow:
        send_until_full(slow, NUMBERS * 10, seconds=1)
        echo.send(signal.SIGTERM)
        wait_until_refused(echo.address)

        assert echo.stop() == -signal.SIGTERM
