"""The loads of a comparison: every byte that a server says is checked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from servers.compare import CompareError
from servers.compare.loads import FLOOD, Callers, SlowReader, churn
from servers.conversation import RECEIVE_LIMIT, answer
from tests.servers.harness import DEADLINE

Talk = Callable[[socket.socket], None]


@contextmanager
def serving(talk: Talk) -> Iterator[tuple[str, int]]:
    """A server that holds the conversation talk with each client, in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(DEADLINE)

        def serve(sock: socket.socket) -> None:
            with sock, suppress(ConnectionError):
                sock.settimeout(DEADLINE)
                talk(sock)

        def accept() -> None:
            with suppress(OSError):  # shut
                while True:
                    threading.Thread(target=serve, args=door.accept()[:1], daemon=True).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield door.getsockname()
        door.shutdown(socket.SHUT_RDWR)
        accepting.join(DEADLINE)


def right(sock: socket.socket) -> None:
    while data := sock.recv(RECEIVE_LIMIT):
        sock.sendall(answer(data))


def wrong(sock: socket.socket) -> None:
    while sock.recv(RECEIVE_LIMIT):
        sock.sendall(b"KO\n")


def wrong_at_last(sock: socket.socket) -> None:
    right(sock)
    sock.sendall(b"O")


def test_each_caller_has_a_reply_for_each_request() -> None:
    asked = []

    def counted(sock: socket.socket) -> None:
        while data := sock.recv(RECEIVE_LIMIT):
            asked.append(len(data))
            sock.sendall(answer(data))

    with serving(counted) as address, Callers(address, 3) as callers:
        answers = callers.ping_pong(0.1)
        assert len(asked) == 3 + len(answers)
    assert min(answers.seconds) > 0


def test_a_server_that_answers_wrong_is_noticed() -> None:
    with serving(wrong) as address, pytest.raises(CompareError, match="answered with b'KO"):
        Callers(address, 1)


def test_a_server_that_says_more_than_it_owes_is_noticed() -> None:
    with serving(wrong_at_last) as address, pytest.raises(CompareError, match="more came"):
        churn(address, 10, most=1)


def test_replies_to_a_slow_reader_that_are_not_whole_are_noticed() -> None:
    with (
        serving(wrong_at_last) as address,
        pytest.raises(CompareError, match="not whole"),
        SlowReader(address),
    ):
        pass


def test_a_slow_reader_who_gets_too_little_is_noticed() -> None:
    def lazy(sock: socket.socket) -> None:
        while sock.recv(FLOOD):
            pass
        sock.sendall(b"OK\n")

    with (
        serving(lazy) as address,
        pytest.raises(CompareError, match="not whole"),
        SlowReader(address),
    ):
        pass


def test_churn_ends_when_there_were_most() -> None:
    with serving(right) as address:
        assert len(churn(address, DEADLINE, most=7)) == 7
