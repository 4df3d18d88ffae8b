"""Sides: who waits on which descriptor, and what the poller is armed for.

Law of this file: interest is sticky, waiting is one-shot. A wake clears the waiter and leaves the
side armed, so the next wait costs no system call; a side that fires with nobody waiting is
disarmed, which means removed: epoll and poll report hang-ups through an empty mask for ever.
Write interest goes with its wake, because a socket is nearly always writable. forget comes before
every close: the operating system hands the same number to the next connection.
"""

from __future__ import annotations

import os

from reactor.errors import BusyError, ClosedError, ReactorError
from reactor.poller import INVALID, READ, WRITE, Mechanism

from .runnable import Failure, Handle, Runnable

_NOBODY = Runnable()


class Side:
    """One side of a descriptor, reading or writing; made by Reactor.reading and writing.

    It lives as long as the descriptor is watched, and a task may wait on it as it stands: it is a
    trap. A wait is over when the descriptor is ready; the system call is the waiter's own.
    """

    __slots__ = ("_sides", "armed", "event", "fd", "waiter", "waiting")

    def __init__(self, sides: Sides, fd: int, event: int) -> None:
        self._sides = sides
        self.fd = fd
        self.event = event
        self.armed = False
        self.waiting = False
        self.waiter = _NOBODY  # who waits, or who waited last

    def park(self, who: Runnable) -> None:
        """Queue who, once, when this side is ready.

        Raises BusyError if someone waits already, ClosedError if the descriptor was forgotten.
        """
        if self.waiting or (self.waiter is not who and self._is_watched()):
            raise BusyError(
                f"{self!r} already has a waiter, {self.waiter!r}; one at a time may wait on a side"
            )
        if not self.armed:
            self._sides.arm(self)
        self.waiting = True
        self.waiter = who

    def abort(self, who: Runnable) -> bool:
        """Undo park. Returns False if it is too late: who is queued already."""
        if not self.waiting or self.waiter is not who:
            return False
        self.waiting = False
        return True

    def fail(self, error: Exception) -> None:
        """End the wait with error, for who is parked here or was queued by this and has not run."""
        try:
            self.waiter.lose(self, error)
        except Exception as failure:
            self._sides.ready.append(Failure(repr(self.waiter), failure))
        if self.waiting:
            self.waiting = False
            self._sides.ready.append(self.waiter)

    def verify(self) -> None:
        """Give the descriptor up if it was closed without forget: each turn would fail again."""
        if self.fd >= 0:
            try:
                os.fstat(self.fd)
            except OSError:
                self._sides.lose(self.fd)

    def _is_watched(self) -> bool:
        """Tell whether a watch has this side, also while it is queued and does not wait."""
        return isinstance(self.waiter, Watch) and self.waiter.live

    def __repr__(self) -> str:
        return f"<Side fd={self.fd} {'reading' if self.event == READ else 'writing'}>"


class Sides:
    """All the sides over one poller.

    ready is the reactor's queue.
    """

    def __init__(self, poller: Mechanism, ready: list[Runnable]) -> None:
        self.ready = ready
        self._poller = poller
        self._closed = False
        self._readers: dict[int, Side] = {}
        self._writers: dict[int, Side] = {}

    def reading(self, fd: int) -> Side:
        """Return the reading side of fd."""
        side = self._readers.get(fd)
        if side is None:
            side = self._readers[fd] = Side(self, fd, READ)
        return side

    def writing(self, fd: int) -> Side:
        """Return the writing side of fd."""
        side = self._writers.get(fd)
        if side is None:
            side = self._writers[fd] = Side(self, fd, WRITE)
        return side

    def wake(self, events: list[tuple[int, int]]) -> None:
        """Queue whoever waits on what the poller found ready."""
        readers, ready = self._readers, self.ready
        for fd, mask in events:
            # "Readable and nothing else" is by far the most common, and the same number everywhere.
            if mask == READ and (side := readers.get(fd)) is not None and side.waiting:
                side.waiting = False
                ready.append(side.waiter)
            else:
                self._wake_both(fd, mask)

    def _wake_both(self, fd: int, mask: int) -> None:
        reader, writer = self._readers.get(fd), self._writers.get(fd)
        if reader is None and writer is None:
            self._poller.drop(fd, READ | WRITE)  # a stray: nobody has asked for it
            self.lose(fd)
            return
        if mask & INVALID:
            self.lose(fd)
            return
        if (
            reader is not None
            and reader.armed
            and mask & self._poller.readable
            and not self._queue(reader)
        ):
            self._disarm(reader)
        if writer is not None and writer.armed and mask & self._poller.writable:
            self._queue(writer)
            self._disarm(writer)

    def _queue(self, side: Side) -> bool:
        waiting, side.waiting = side.waiting, False
        if waiting:
            self.ready.append(side.waiter)
        return waiting

    def forget(self, fd: int) -> None:
        """Watch fd no longer; end every wait on it with ClosedError, also one that is queued."""
        reader, writer = self._readers.pop(fd, None), self._writers.pop(fd, None)
        if armed := self._retire(reader) | self._retire(writer):
            self._poller.drop(fd, armed)

    def lose(self, fd: int) -> None:
        """Drop a descriptor that was closed without forget, and say so, once."""
        side = self._readers.get(fd) or self.writing(fd)
        error = ReactorError(f"fd {fd} was closed without forget({fd}); call forget before close")
        self.ready.append(Failure(repr(side), error))
        self.forget(fd)

    def _retire(self, side: Side | None) -> int:
        """End a side, and return what the poller is armed for on its behalf."""
        if side is None:
            return 0
        armed = side.event if side.armed else 0
        if side.waiter is not _NOBODY:
            side.fail(ClosedError(f"fd {side.fd} was closed on this side; nothing can come of it"))
        side.armed = False
        side.fd = -1
        return armed

    def arm(self, side: Side) -> None:
        """Have the poller watch side.

        Raises ClosedError if it was forgotten, or the reactor closed.
        """
        if side.fd < 0 or self._closed:
            raise ClosedError(
                f"{side!r} was forgotten, or its reactor closed; nothing can come of it"
            )
        if other := self._other(side):
            self._poller.change(side.fd, other, other | side.event)
        else:
            self._poller.add(side.fd, side.event)
        side.armed = True

    def _disarm(self, side: Side) -> None:
        if not (other := self._other(side)):
            self._poller.drop(side.fd, side.event)
        else:
            try:
                self._poller.change(side.fd, other | side.event, other)
            except OSError:  # closed; a duplicate keeps the file open, so epoll still reports it
                self.lose(side.fd)
        side.armed = False

    def _other(self, side: Side) -> int:
        """What the poller is armed for on the other side of this descriptor."""
        other = (self._writers if side.event == READ else self._readers).get(side.fd)
        return other.event if other is not None and other.armed else 0

    def close(self) -> None:
        """Watch nothing any more, telling nobody and the poller neither.

        forget still takes numbers away.
        """
        self._closed = True
        for side in (*self._readers.values(), *self._writers.values()):
            side.armed = side.waiting = False


class Watch(Handle):
    """Calls back each time a side is ready, until it is cancelled or the descriptor forgotten."""

    __slots__ = ("_side",)
    _side: Side

    def begin(self, side: Side) -> None:
        """Wait on side from now on. Raises as Side.park does."""
        self._side = side
        side.park(self)

    def run(self) -> None:
        """Wait again, then make the call: it may end the watch."""
        if self.live:
            try:
                self._side.park(self)
                self.call()
            except Exception:
                self._look_after()
                raise

    def cancel(self) -> bool:
        """End the watch. Returns whether it was on."""
        self._side.abort(self)
        return super().cancel()

    def _look_after(self) -> None:
        """Go on after a failure only if the descriptor is open, and this could wait again."""
        live, self.live = self.live, False  # one that ends here keeps its name, for on_error
        self._side.verify()
        self.live = live and self._side.waiting
