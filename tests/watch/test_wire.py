"""What a client says to an inspector, and what comes of nonsense, floods and stalling."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reactor import EndOfStream, LimitError, Reactor, ReactorError
from reactor.watch import Inspected, Inspector

GOOD = b'{"reactor": 1}\n'


def address(reactor: Reactor) -> str:
    path = reactor.belonging(Inspector).path
    assert path is not None
    return os.fspath(path)


def client(reactor: Reactor) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(60)
    sock.connect(address(reactor))
    return sock


def said(sock: socket.socket) -> Any:
    """Return what comes, to the end."""
    with sock, sock.makefile() as lines:
        text = lines.read()
    return json.loads(text)


# -- what a client says


def test_a_line_is_answered_and_the_connection_ends(inspected: Reactor) -> None:
    sock = client(inspected)
    sock.sendall(GOOD)

    answer = said(sock)

    assert (answer["reactor"], answer["pid"]) == (1, os.getpid())
    assert "error" not in answer


def test_a_line_may_come_in_pieces(inspected: Reactor) -> None:
    sock = client(inspected)
    for byte in GOOD:
        sock.sendall(bytes([byte]))

    assert "error" not in said(sock)


@pytest.mark.parametrize(
    ("nonsense", "why"),
    [
        (b"GET / HTTP/1.1\n", "is no JSON"),
        (b"\xff\xfe\n", "is no JSON"),
        (b"\n", "is no JSON"),
        (b"[1]\n", 'has no "reactor": 1'),
        (b'{"reactor": 2}\n', 'has no "reactor": 1'),
        (b'{"reactor": 1, "parts": 5}\n', "parts 5 are not known"),
        (b'{"reactor": 1, "parts": ["all"]}\n', "parts ['all'] are not known; ask for tasks"),
        (b'{"reactor": 1, "parts": [[]]}\n', "are not known"),
        (b"[" * 4000 + b"\n", ""),  # too deep, or no JSON: each Python has its own depth
    ],
)
def test_nonsense_is_refused_in_a_line(nonsense: bytes, why: str, inspected: Reactor) -> None:
    sock = client(inspected)
    sock.sendall(nonsense)

    assert why in said(sock)["error"]


def test_who_says_too_much_is_refused_before_the_end(inspected: Reactor) -> None:
    sock = client(inspected)
    sock.sendall(b"x" * 5000)

    assert "more than 4096 bytes" in said(sock)["error"]


def test_who_ends_in_the_middle_hears_so(inspected: Reactor) -> None:
    sock = client(inspected)
    sock.sendall(b'{"reactor"')
    sock.shutdown(socket.SHUT_WR)

    assert "ended within a message" in said(sock)["error"]


def test_a_key_that_is_not_known_is_passed_over(inspected: Reactor) -> None:
    sock = client(inspected)
    sock.sendall(b'{"reactor": 1, "colour": "blue"}\n')

    assert "error" not in said(sock)


# -- many, and slow ones


def test_fifty_are_answered_while_fifty_others_say_nothing(inspected: Reactor) -> None:
    silent = [client(inspected) for _ in range(50)]
    asking = [client(inspected) for _ in range(50)]

    for sock in reversed(asking):
        sock.sendall(GOOD)
    answers = [said(sock) for sock in asking]

    assert ["error" in answer for answer in answers] == [False] * 50
    for sock in silent:
        sock.close()


def test_beyond_a_hundred_one_is_turned_away(inspected: Reactor) -> None:
    silent = [client(inspected) for _ in range(100)]

    with pytest.raises(ReactorError, match="100 others look already"):
        Inspected(os.getpid(), 1, Path(address(inspected))).ask()

    for sock in silent:
        sock.close()


def test_who_leaves_before_the_answer_harms_nobody(inspected: Reactor) -> None:
    for _ in range(20):
        sock = client(inspected)
        sock.sendall(GOOD)
        sock.close()
    for _ in range(20):
        client(inspected).close()

    sock = client(inspected)
    sock.sendall(GOOD)
    assert "error" not in said(sock)


# -- who asks


@contextmanager
def answering(answer: Callable[[socket.socket], object], home: Path) -> Iterator[Inspected]:
    """Stand for an inspector that does something else."""
    path = home / "1.1"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(path))
        listener.listen()

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                answer(sock)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Inspected(1, 1, path)
        thread.join()


def test_one_that_dies_in_the_middle_of_an_answer_is_told(home: Path) -> None:
    def dies(sock: socket.socket) -> None:
        sock.recv(100)
        sock.sendall(b'{"reactor": 1, "pid"')

    with answering(dies, home) as one, pytest.raises(EndOfStream) as caught:
        one.ask()

    assert caught.value.partial == b'{"reactor": 1, "pid"'


def test_one_that_dies_before_is_told(home: Path) -> None:
    with answering(bool, home) as one, pytest.raises((EndOfStream, OSError)):
        one.ask()


def test_one_that_stalls_has_so_many_seconds(home: Path) -> None:
    over = threading.Event()

    with answering(lambda _: over.wait(60), home) as one:
        try:
            with pytest.raises(TimeoutError):
                one.ask(seconds=0.01)
        finally:
            over.set()


def test_one_that_dribbles_has_no_more(home: Path) -> None:
    def dribbles(sock: socket.socket) -> None:
        try:
            while True:
                sock.sendall(b" ")
        except OSError:
            pass  # the other end has had enough

    with answering(dribbles, home) as one, pytest.raises((TimeoutError, LimitError)):
        one.ask(seconds=0.01)


def test_in_no_time_nobody_answers(home: Path) -> None:
    with answering(bool, home) as one, pytest.raises(TimeoutError):
        one.ask(seconds=0.0)


def test_what_is_no_answer_is_told(home: Path) -> None:
    def speaks_otherwise(sock: socket.socket) -> None:
        sock.recv(100)
        sock.sendall(b"220 smtp\n")

    with answering(speaks_otherwise, home) as one, pytest.raises(ReactorError, match="no JSON"):
        one.ask()
