"""What the tests of the loop are made of: mechanisms that take notes, someone who waits.

Law of this file: a part that notes something passes everything on; a part that is played says what
it was told to say and nothing else.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from reactor.loop import Reactor, Runnable
from reactor.poller import READ, WRITE, Mechanism, default_poller

Call = tuple[str, int, int] | tuple[str, int, int, int]


class Recorder:
    """A mechanism that notes what it is asked to watch, and asks poller, a new one unless given.

    refusal is what add raises while it is set.
    """

    def __init__(self, poller: Mechanism | None = None) -> None:
        self._poller = default_poller() if poller is None else poller
        self.readable = self._poller.readable
        self.writable = self._poller.writable
        self.calls: list[Call] = []
        self.refusal: OSError | None = None

    def add(self, fd: int, events: int) -> None:
        self.calls.append(("add", fd, events))
        if self.refusal is not None:
            raise self.refusal
        self._poller.add(fd, events)

    def change(self, fd: int, old: int, new: int) -> None:
        self.calls.append(("change", fd, old, new))
        self._poller.change(fd, old, new)

    def drop(self, fd: int, events: int) -> None:
        self.calls.append(("drop", fd, events))
        self._poller.drop(fd, events)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        return self._poller.wait(timeout)

    def close(self) -> None:
        self._poller.close()

    def news(self) -> list[Call]:
        """Return the calls since the last time this was asked."""
        news, self.calls = self.calls, []
        return news


class Script:
    """A mechanism that is played: wait notes how long it may sleep and returns the next answer.

    When there are no more answers, nothing is ready. asleep is called in each wait.
    """

    readable = ~WRITE
    writable = ~READ

    def __init__(self, *answers: list[tuple[int, int]]) -> None:
        self.timeouts: list[float | None] = []
        self.dropped: list[tuple[int, int]] = []
        self.closes = 0
        self.asleep: Callable[[], object] = bool
        self._answers = list(answers)

    def add(self, fd: int, events: int) -> None:
        pass

    def change(self, fd: int, old: int, new: int) -> None:
        pass

    def drop(self, fd: int, events: int) -> None:
        self.dropped.append((fd, events))

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        self.timeouts.append(timeout)
        self.asleep()
        return self._answers.pop(0) if self._answers else []

    def close(self) -> None:
        self.closes += 1


class Waiter(Runnable):
    """Someone who waits on sides, and notes how often it ran and what it lost."""

    def __init__(self) -> None:
        self.runs = 0
        self.lost: list[tuple[object, Exception]] = []

    def run(self) -> None:
        self.runs += 1

    def lose(self, side: object, error: Exception) -> None:
        self.lost.append((side, error))

    def __repr__(self) -> str:
        return "<Waiter>"


class Heard:
    """An on_error that notes what it hears."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.names: list[str] = []

    def __call__(self, what: object, error: Exception) -> None:
        self.errors.append(error)
        self.names.append(repr(what))


class CountingClock:
    """A clock that stands still, and counts how often it is read."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.reads = 0

    def __call__(self) -> float:
        self.reads += 1
        return self.now


def fail_with(error: BaseException) -> None:
    """Raise error: a callback that fails."""
    raise error


def nothing() -> None:
    """Do nothing: a callback that keeps a turn from waiting."""


def room_of_a_socket() -> int:
    """Count how many single bytes a socket like the wake-up one holds."""
    near, far = socket.socketpair()
    room = 0
    with near, far:
        near.setblocking(False)
        try:
            while near.send(b"\0"):
                room += 1
        except BlockingIOError:
            return room
    raise AssertionError("the peer has closed")


class Shelf:
    """What is kept with a reactor, and notes what becomes of it."""

    def __init__(self, reactor: Reactor) -> None:
        self.reactor = reactor
        self.log: list[str] = []

    def close(self) -> None:
        self.log.append("closed")

    def forked(self) -> None:
        self.log.append("forked")
