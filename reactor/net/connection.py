"""Connection: a connected stream socket, for tasks.

Law of this file: the loop says when, the woken task makes the system call. So until the task's
own turn comes no byte has left the kernel, and a cancelled receive loses nothing.
"""

from __future__ import annotations

import os
import socket
import warnings
from typing import Final, Self

from reactor.errors import BusyError, ClosedError, IdleError
from reactor.loop import Reactor
from reactor.tasks import Steps, coroutine, move_on_after

from .idle import IdleTimer
from .sockets import (
    CHUNK,
    Address,
    give_back,
    give_back_later,
    half_close,
    larger,
    own,
    reset_on_close,
)

_read: Final = os.read
_write: Final = os.write


class Connection:
    """A connected socket, taken over as an object or a descriptor; peer is who is at the other
    end.

    One task at a time may receive, and one send. With idle_seconds, a wait in which nothing moves
    in either direction for so long ends with IdleError. When making one fails, the socket is
    closed.
    """

    __slots__ = ("__weakref__", "_idle", "_readable", "_sending", "_size", "peer", "reactor")

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket | int,
        peer: Address = None,
        *,
        idle_seconds: float | None = None,
    ) -> None:
        self.reactor = reactor
        self.peer = peer
        # The number of the descriptor is this side's: a side that is forgotten has none.
        self._readable = own(reactor, sock)
        self._size = CHUNK  # what is received at a time
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

    @coroutine
    def receive(self, limit: int | None = None) -> Steps[bytes]:
        """Wait for bytes and return at most limit of them; b"" once the peer has finished.

        Unless it is given the limit is 64 KiB, and up to 256 KiB for a peer who fills it.

        It always waits first, so it lets others have their turn. Raises ClosedError if the
        connection is closed here, BusyError if another task receives, IdleError, OSError as the
        system does (ConnectionResetError), ValueError for a limit below 1.
        """
        size = self._size if limit is None else limit
        if size < 1:
            raise ValueError(f"receive({limit}) on {self!r} cannot bring a byte; give 1 or more")
        if (idle := self._idle) is not None:
            idle.since = idle.clock()
        readable = self._readable
        while True:
            yield readable
            try:
                data = _read(readable.fd, size)
            except BlockingIOError:
                continue  # another process took it, or the kernel dropped a bad packet
            except OSError:
                self._check()
                raise
            if self._sending:  # else the next wait will
                self._touch()
            if len(data) == size and limit is None:
                self._size = larger(size)
            return data

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        """Send data. Returns when the kernel has taken all, so a peer that does not read holds
        its sender back.

        When it is taken at once there is no wait, and no other task has its turn. Raises as
        receive does, and BusyError if another task waits to send the rest of its data. Cancelled,
        or failed: a part may have been sent, so nothing more can be said on this connection.
        """
        if self._sending:
            self._check()
            raise BusyError(f"{self!r} has a sender that waits for room; one at a time may send")
        try:  # as _send does, at the price of a call
            sent = _write(self._readable.fd, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._check()
            raise
        if self._readable.waiting:  # else the next wait will
            self._touch()
        if type(data) is bytes and sent == len(data):
            return  # by far the most common, so it is spared the views
        rest = memoryview(data).cast("B")[sent:]
        self._touch()
        self._sending = True
        writable = self._readable.other
        try:
            while rest:
                yield writable
                rest = rest[self._send(rest) :]
        finally:
            self._sending = False

    def _send(self, data: bytes | bytearray | memoryview) -> int:
        """Send what the kernel takes now, and return how many bytes that were."""
        try:
            sent = _write(self._readable.fd, data)
        except BlockingIOError:
            return 0
        except OSError:
            self._check()
            raise
        self._touch()
        return sent

    def _touch(self) -> None:
        """Note that something moves, or that a wait begins: no limit is over before that is."""
        if (idle := self._idle) is not None:
            idle.since = idle.clock()

    def send_end(self) -> None:
        """Tell the peer that nothing more comes (half-close, FIN).

        Raises ClosedError, OSError if the peer is gone.
        """
        self._check()
        half_close(self._readable.fd)

    @coroutine
    def finish(self, seconds: float = 0.25) -> Steps[None]:
        """End in good order: half-close, throw away what still comes until the peer closes too,
        close.

        That takes at most seconds. Without it a close with unread input sends a reset, which can
        destroy what the peer has not read yet (RFC 1122, 4.2.2.13). A peer that is gone already,
        that resets the connection or falls silent has been seen off as well. Raises BusyError if
        another task receives, and closes at once then.
        """
        try:
            self.send_end()
            with move_on_after(seconds):
                while (yield from self.receive()):
                    pass
        except OSError:
            pass  # a half-close after a reset is ENOTCONN, which is no ConnectionError
        finally:
            self.close()

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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()

    def __del__(self) -> None:
        readable = getattr(self, "_readable", None)  # missing if there was no socket to take over
        if readable is not None and readable.fd >= 0:
            try:
                text = f"{self!r} was never closed"
                warnings.warn(text, ResourceWarning, source=self, stacklevel=2)
            finally:
                give_back_later(self.reactor, readable.fd)

    def __repr__(self) -> str:
        return f"<Connection fd={self._readable.fd} peer={self.peer!r}>"
