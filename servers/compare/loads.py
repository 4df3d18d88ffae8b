"""The loads: what a server is put through.

Law of this file: every load is bounded, in time and in number, and checks every byte that it gets;
a server that is fast and wrong is an error. It stands on plain sockets, and so on neither of the
foundations that are compared.
"""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass, field
from typing import Final, Self

from servers.compare.subject import PATIENCE, CompareError
from servers.conversation import RECEIVE_LIMIT, REPLY

MESSAGE: Final = b"a message of some forty bytes, like a line\n"

FLOOD: Final = 128 * 1024
"""What the slow reader sends before it reads its first reply, in bytes."""


@dataclass(slots=True)
class Answers:
    """What came of a load: for each request, the seconds until its reply was there."""

    seconds: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.seconds)

    def quantile(self, part: float) -> float:
        """Return the seconds within which that part of the requests, from 0 to 1, had a reply."""
        ordered = sorted(self.seconds)
        return ordered[min(int(part * len(ordered)), len(ordered) - 1)]

    def add(self, others: Answers) -> None:
        """Count the others too."""
        self.seconds += others.seconds


class Callers:
    """Some clients who are connected, and were answered once, when this is made."""

    def __init__(self, address: tuple[str, int], number: int) -> None:
        self._socks: list[socket.socket] = []
        try:
            for _ in range(number):
                sock = _connect(address)
                self._socks.append(sock)
                _ask(sock)
        except BaseException:
            self._close()
            raise

    def ping_pong(self, seconds: float) -> Answers:
        """Ask for so long, each caller again as soon as it has its reply."""
        answers = Answers()
        end = time.perf_counter() + seconds
        with selectors.DefaultSelector() as selector:
            sent = {sock: self._send(selector, sock) for sock in self._socks}
            while selector.get_map():
                ready = selector.select(PATIENCE)
                if not ready:
                    raise CompareError(f"no reply in {PATIENCE:g} s")
                for key, _ in ready:
                    sock = key.fileobj
                    assert isinstance(sock, socket.socket)
                    selector.unregister(sock)
                    _check(sock.recv(RECEIVE_LIMIT))
                    now = time.perf_counter()
                    answers.seconds.append(now - sent[sock])
                    if now < end:
                        sent[sock] = self._send(selector, sock)
        return answers

    def _send(self, selector: selectors.BaseSelector, sock: socket.socket) -> float:
        now = time.perf_counter()
        sock.sendall(MESSAGE)
        selector.register(sock, selectors.EVENT_READ)
        return now

    def _close(self) -> None:
        for sock in self._socks:
            sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._close()


class SlowReader:
    """Sends a flood and reads nothing; leaving a `with` block reads it all and checks it."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._sock = _connect(address, receive_buffer=4096)
        try:
            self._sock.sendall(bytes(FLOOD))
        except BaseException:
            self._sock.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with self._sock:
            if error is None:
                self._sock.shutdown(socket.SHUT_WR)
                replies = b"".join(iter(lambda: self._sock.recv(65536), b""))
                if replies != REPLY * (len(replies) // len(REPLY)) or len(
                    replies
                ) < FLOOD / RECEIVE_LIMIT * len(REPLY):
                    raise CompareError("the replies to a slow reader were not whole")


def churn(address: tuple[str, int], seconds: float, most: int) -> Answers:
    """Come, ask and go, one client at a time, for so long or until there were most."""
    answers = Answers()
    end = time.perf_counter() + seconds
    while (now := time.perf_counter()) < end and len(answers) < most:
        with _connect(address) as sock:
            _ask(sock)
            sock.shutdown(socket.SHUT_WR)
            if sock.recv(1):
                raise CompareError("more came than one reply")
        answers.seconds.append(time.perf_counter() - now)
    return answers


def _connect(address: tuple[str, int], *, receive_buffer: int | None = None) -> socket.socket:
    sock = socket.socket()
    try:
        if receive_buffer is not None:  # before connecting: the window is agreed on there
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def _ask(sock: socket.socket) -> None:
    sock.sendall(MESSAGE)
    _check(sock.recv(RECEIVE_LIMIT))


def _check(reply: bytes) -> None:
    if reply != REPLY:
        raise CompareError(f"a request was answered with {reply!r}")
