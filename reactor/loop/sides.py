"""Sides: who waits on which descriptor, and what the poller is armed for.

Law of this file: interest is sticky, waiting is one-shot. A wake clears the waiter and leaves the
side armed, so the next wait costs no system call; a side that fires with nobody waiting is
disarmed, which means removed: epoll and poll report hang-ups through an empty mask for ever.
Write interest goes with its wake, because a socket is nearly always writable. forget comes before
every close: the operating system hands the same number to the next connection.
"""

from __future__ import annotations

import errno
from typing import Final

from reactor.errors import BusyError, ClosedError, ReactorError
from reactor.poller import INVALID, READ, WRITE, Mechanism, is_open

from .runnable import Failure, Handle, Runnable
from .tracer import GuardedTracer

_NOBODY = Runnable()


class Side:
    """One side of a descriptor, reading or writing; made by Reactor.reading and writing.

    It lives as long as the descriptor is watched, and a task may wait on it as it stands: it is a
    trap. A wait is over when the descriptor is ready; the system call is the waiter's own.
    """

    __slots__ = ("_sides", "armed", "fd", "twin", "waiter", "waiting")

    event: int = READ

    def __init__(self, sides: Sides, fd: int) -> None:
        self._sides = sides
        self.fd: int = fd
        self.twin: Side | None = None  # the other one, if anybody has asked for it
        self.armed: bool = False
        self.waiting: bool = False
        self.waiter: Runnable = _NOBODY  # who waits, or who waited last

    @property
    def other(self) -> Side:
        """The other side of the same descriptor. Most are never waited on for writing."""
        if self.twin is None:
            self.twin = _Writing(self._sides, self.fd)
            self.twin.twin = self
        return self.twin

    def park(self, who: Runnable) -> None:
        """Queue who, once, when this side is ready.

        Raises BusyError if someone waits already, ClosedError if the descriptor was forgotten.
        """
        waiter = self.waiter  # a watch has its side also while it is queued and does not wait
        if self.waiting or (waiter is not who and isinstance(waiter, Handle) and waiter.live):
            raise BusyError(
                f"{self!r} already has a waiter, {waiter!r}; one at a time may wait on a side"
            )
        if not self.armed:
            self._sides.arm(self)
        self.waiting = True
        self.waiter = who
        if self._sides.tracer is not None:
            self._sides.tracer.watch(self.fd, self.event, who)

    def abort(self, who: Runnable) -> bool:
        """Undo park. Returns False if it is too late: who is queued already."""
        if not self.waiting or self.waiter is not who:
            return False
        self.waiting = False
        return True

    def leave(self, who: Runnable) -> None:
        """Tell who nothing any more, if it waits here or waited last: it knows what comes."""
        if self.waiter is who:
            self.waiting = False
            self.waiter = _NOBODY
            if self._sides.tracer is not None:
                self._sides.tracer.watch(self.fd, self.event, None)

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
        if self.fd >= 0 and not is_open(self.fd):
            self._sides.give_up(self.fd)

    def __repr__(self) -> str:
        return f"<Side fd={self.fd} {'reading' if self.event == READ else 'writing'}>"


class _Writing(Side):
    """The side to write to. Which of the two it is, its class says: so no side has to keep that."""

    __slots__ = ()

    event = WRITE


class _Vacant(Side):
    """Stands where a descriptor has no side: nobody waits on it."""

    __slots__ = ()

    def __init__(self) -> None:
        self.waiting = False


_VACANT: Final = _Vacant()


class Sides:
    """All the sides over one poller.

    ready is the reactor's queue, tracer hears who waits.
    """

    def __init__(
        self, poller: Mechanism, ready: list[Runnable], tracer: GuardedTracer | None
    ) -> None:
        self.ready = ready
        self.tracer = tracer
        self._poller = poller
        self._closed = False
        # By descriptor: the system gives the lowest number that is free, so a list has few holes.
        # The writer is the other side of each.
        self._readers: list[Side] = []

    def reading(self, fd: int) -> Side:
        """Return the reading side of fd; the writing one is its other."""
        if fd < len(self._readers) and (reader := self._readers[fd]) is not _VACANT:
            return reader
        return self.reading_anew(fd)

    def reading_anew(self, fd: int) -> Side:
        """Return a reading side of fd that nobody has; whoever waited on that number hears so."""
        readers = self._readers
        if fd >= len(readers):
            if not is_open(fd):  # or a wrong number would have room made for all below it
                raise _refusal(Side(self, fd), OSError(errno.EBADF, "not an open descriptor"))
            readers += [_VACANT] * (fd + 1 - len(readers))
        elif readers[fd] is not _VACANT:
            self.forget(fd)
        reader = readers[fd] = Side(self, fd)
        return reader

    def all(self) -> list[Side]:
        """Return every side that somebody has asked for; any thread may ask."""
        readers = [reader for reader in self._readers if reader is not _VACANT]
        return [side for reader in readers for side in (reader, reader.twin) if side is not None]

    def wake(self, events: list[tuple[int, int]]) -> None:
        """Queue whoever waits on what the poller found ready."""
        readers, ready = self._readers, self.ready
        for fd, mask in events:
            try:
                reader = readers[fd]
            except IndexError:
                reader = _VACANT
            # "Readable and nothing else" is by far the most common, and the same number everywhere.
            if mask == READ and reader.waiting:
                reader.waiting = False
                ready.append(reader.waiter)
            elif reader is not _VACANT:
                self._wake_both(reader, mask)
            else:
                self._poller.drop(fd, READ | WRITE)  # a stray: nobody has asked for it
                self.give_up(fd)

    def _wake_both(self, reader: Side, mask: int) -> None:
        if mask & INVALID:
            self.give_up(reader.fd)
        else:
            writer = reader.twin
            if reader.armed and mask & self._poller.readable and not self._queue(reader):
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
        reader = self._readers[fd] if fd < len(self._readers) else _VACANT
        if reader is not _VACANT:
            self._readers[fd] = _VACANT
            if self.tracer is not None:
                self.tracer.forget(fd)
            armed = READ if reader.armed else 0
            reader.armed, reader.fd = False, -1
            if (writer := reader.twin) is not None:
                armed |= WRITE if writer.armed else 0
                writer.armed, writer.fd = False, -1
            try:
                if reader.waiter is not _NOBODY:
                    self._lose(reader, fd)
                if writer is not None and writer.waiter is not _NOBODY:
                    self._lose(writer, fd)
            finally:
                reader.twin = None  # or they would wait for the garbage collector
                if armed:
                    self._poller.drop(fd, armed)

    def _lose(self, side: Side, fd: int) -> None:
        side.fail(ClosedError(f"fd {fd} was closed on this side; nothing can come of it"))
        side.waiter = _NOBODY

    def give_up(self, fd: int) -> None:
        """Drop a descriptor that was closed without forget, and say so, once."""
        error = ReactorError(f"fd {fd} was closed without forget({fd}); call forget before close")
        self.ready.append(Failure(f"fd {fd}", error))
        self.forget(fd)

    def arm(self, side: Side) -> None:
        """Have the poller watch side.

        Raises ClosedError if it was forgotten, or the reactor closed, and OSError as the poller
        does: epoll takes no regular file, which is always ready (EPERM, man 2 epoll_ctl).
        """
        if side.fd < 0 or self._closed:
            raise ClosedError(f"{side!r} was forgotten, or its reactor closed; wait no more")
        try:
            if side.twin is not None and side.twin.armed:
                self._poller.change(side.fd, side.twin.event, READ | WRITE)
            else:
                self._poller.add(side.fd, side.event)
        except OSError as error:
            raise _refusal(side, error) from None
        side.armed = True

    def _disarm(self, side: Side) -> None:
        twin = side.twin
        if twin is None or not twin.armed:
            self._poller.drop(side.fd, side.event)
        else:
            try:
                self._poller.change(side.fd, READ | WRITE, twin.event)
            except OSError:  # closed; a duplicate keeps the file open, so epoll still reports it
                self.give_up(side.fd)
        side.armed = False
        if self.tracer is not None:
            self.tracer.disarm(side.fd, side.event)

    def close(self) -> None:
        """Watch nothing any more, telling nobody and the poller neither.

        forget still takes numbers away.
        """
        self._closed = True
        for side in self.all():
            side.armed = side.waiting = False


def _refusal(side: Side, error: OSError) -> OSError:
    why = f"{side!r} cannot be watched; give an open pipe or socket, within its limits"
    return OSError(error.errno, f"{error.strerror}: {why}")
