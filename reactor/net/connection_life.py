"""ConnectionLife: the descriptor that a connection owns, its limit of idleness, and its end.

Law of this file: the descriptor is given back once, and whoever waits on it hears so. A connection
that nobody closed is closed when it is let go of, and said to have been forgotten.
"""

from __future__ import annotations

import os
import socket
import warnings

from reactor.errors import ClosedError, IdleError
from reactor.loop import Reactor

from .idle import IdleTimer
from .meter import Meter
from .sockets import CHUNK, Address, give_back, give_back_later, own, reset_on_close
from .stream import Stream


class ConnectionLife(Stream):
    """A connected socket, taken over as an object or a descriptor, until it is given back."""

    __slots__ = (
        "__weakref__",
        "_idle",
        "_meter",
        "_noted",
        "_readable",
        "_sending",
        "_size",
        "peer",
        "reactor",
        "unsent",
    )

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket | int,
        peer: Address = None,
        *,
        idle_seconds: float | None = None,
    ) -> None:
        self._held: bytearray | None = None  # as Stream's __init__ does, without a call
        self.reactor: Reactor = reactor
        self.peer: Address = peer
        # The number of the descriptor is this side's: a side that is forgotten has none.
        self._readable = own(reactor, sock)
        self._size = CHUNK  # what is received at a time
        self.unsent: int = 0
        self._meter: Meter | None = None
        self._noted = idle_seconds is not None  # whether one of these two wants to know what moves
        self._sending = False  # whether a sender waits for room, with a part to follow
        self._idle = None
        if idle_seconds is not None:
            try:
                self._idle = IdleTimer(reactor, idle_seconds, self._expired)
            except ValueError:
                self.close()
                raise

    def fileno(self) -> int:
        """Return the descriptor; -1 once closed."""
        return self._readable.fd

    def meter(self) -> Meter:
        """Count what is received and sent from now on, and return the counts; again: the same."""
        if self._meter is None:
            self._meter = Meter(self.reactor.now)
            self._noted = True
        return self._meter

    def _touch(self) -> None:
        """Note that something moves, or that a wait begins: no limit is over before that is."""
        if (idle := self._idle) is not None:
            idle.since = idle.clock()

    def _peer_has_ended(self) -> bool:
        if self._readable.waiter is not self.reactor.current:
            return False  # what came may be for who is queued here, or finish is to meet who waits
        try:
            data = os.read(self._readable.fd, CHUNK)
        except BlockingIOError:
            return False
        if self._meter is not None:
            self._meter.take(len(data))
        return not data

    def close(self) -> None:
        """Close at once.

        Tasks that wait on this connection get ClosedError. May be called twice.
        """
        if (fd := self._readable.fd) >= 0:
            if (task := self.reactor.current) is not None:
                self._readable.leave(task)  # it runs, so it does not wait
            give_back(self.reactor, fd)
            if self._idle is not None:
                self._idle.cancel()

    def abort(self) -> None:
        """Close at once, with a reset: what was not sent yet is thrown away."""
        if (fd := self._readable.fd) >= 0:
            reset_on_close(fd)
            self.close()

    def _expired(self) -> None:
        assert self._idle is not None
        error = IdleError(f"nothing moved on {self!r} for {self._idle.seconds:g} seconds")
        for side in (self._readable, self._readable.other):
            if side.waiting:
                side.fail(error)

    def _check(self) -> None:
        if self._readable.fd < 0:
            raise ClosedError(f"{self!r} is closed on this side; open a new one") from None

    def __del__(self) -> None:
        try:
            fd = self._readable.fd
        except AttributeError:  # there was no socket to take over
            return
        if fd >= 0:
            try:
                text = f"{self!r} was never closed"
                warnings.warn(text, ResourceWarning, source=self, stacklevel=2)
            finally:
                give_back_later(self.reactor, fd)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} fd={self._readable.fd} peer={self.peer!r}>"
