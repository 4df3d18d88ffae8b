"""Connection: a connected stream socket, for tasks.

Law of this file: the loop says when, the woken task makes the system call. So until the task's
own turn comes no byte has left the kernel, and a cancelled receive loses nothing.
"""

from __future__ import annotations

import os
import socket
import warnings
from typing import TYPE_CHECKING, Final

from reactor.errors import BusyError, ClosedError, IdleError
from reactor.loop import Reactor
from reactor.poller import fd_of
from reactor.tasks import Operation, Steps, breathe, coroutine

from .idle import IdleTimer
from .meter import Meter
from .sockets import (
    CHUNK,
    LARGEST,
    Address,
    copy_file,
    give_back,
    give_back_later,
    half_close,
    larger,
    own,
    part,
    reset_on_close,
)
from .stream import Stream

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

_read: Final = os.read
_write: Final = os.write
_BREATH: Final = breathe()


class Connection(Stream):
    """A connected socket, taken over as an object or a descriptor; peer is who is at the other
    end, unsent how many bytes a send_all waits to hand to the kernel.

    One task at a time may receive, and one send. With idle_seconds, a wait in which nothing moves
    in either direction for so long ends with IdleError. When making one fails, the socket is
    closed.
    """

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

    @coroutine
    def receive(  # noqa: C901 - split, each part would cost a frame more
        self, limit: int | None = None
    ) -> Steps[bytes]:
        """Wait for bytes and return at most limit of them; b"" once the peer has finished.

        Unless it is given the limit is 64 KiB, and up to 256 KiB for a peer who fills it.

        It always waits first, so it lets others have their turn; but what is held comes at once.
        Raises ClosedError if the connection is closed here, BusyError if another task receives,
        IdleError, OSError as the system does (ConnectionResetError), ValueError for a limit below
        1.
        """
        if limit is None:
            size = self._size
        elif (size := limit) < 1:
            self._refuse(limit)
        if self._held is not None:
            yield _BREATH
            if self._held is not None:
                return self._take(limit)
        if self._noted and (idle := self._idle) is not None:
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
            if self._noted:
                if self._meter is not None:
                    self._meter.take(len(data))
                if self._sending:  # else the next wait will
                    self._touch()
            if len(data) == size and limit is None:
                self._size = larger(size)
            return data

    def receive_more(self, limit: int | None) -> Operation[bytes]:
        """Wait for bytes: receive does it by itself, at the price of one frame less."""
        return self.receive(limit)

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        """Send data. Returns when the kernel has taken all, so a peer that does not read holds
        its sender back.

        When it is taken at once there is no wait, and no other task has its turn. Raises as
        receive does, and BusyError if another task waits to send the rest of its data. Cancelled,
        or failed: a part may have been sent, so nothing more can be said on this connection.
        """
        if self._sending:
            self._refuse_sender()
        try:  # as _send does, at the price of a call
            sent = _write(self._readable.fd, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._check()
            raise
        if self._noted:
            if self._meter is not None:
                self._meter.give(sent)
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
                self.unsent = len(rest)
                yield writable
                rest = rest[self._send(rest) :]
        finally:
            self._sending = False
            self.unsent = 0

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
        if self._meter is not None:
            self._meter.give(sent)
        return sent

    def _touch(self) -> None:
        """Note that something moves, or that a wait begins: no limit is over before that is."""
        if (idle := self._idle) is not None:
            idle.since = idle.clock()

    @coroutine
    def send_end(self) -> Steps[None]:
        """Tell the peer that nothing more comes (half-close, FIN). It is done at once.

        Raises ClosedError, OSError if the peer is gone.
        """
        self._check()
        half_close(self._readable.fd)
        yield _BREATH

    @coroutine
    def send_file(
        self, file: FileDescriptorLike, offset: int = 0, count: int | None = None
    ) -> Steps[int]:
        """Send a file as Stream does; the kernel copies it, where it can."""
        if self._sending:
            self._refuse_sender()
        source, sent = fd_of(file), 0
        self._touch()
        self._sending = True
        writable = self._readable.other
        try:
            while size := part(LARGEST, count, sent):
                try:
                    done = copy_file(self._readable.fd, source, offset + sent, size)
                except BlockingIOError:
                    yield writable
                    continue
                except OSError:
                    self._check()
                    raise
                if not done:
                    break
                sent += done
                self._touch()
                if self._meter is not None:
                    self._meter.give(done)
                yield _BREATH
        finally:
            self._sending = False
        return sent

    def _refuse_sender(self) -> None:
        self._check()
        raise BusyError(f"{self!r} has a sender that waits for room; one at a time may send")

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
        return f"<Connection fd={self._readable.fd} peer={self.peer!r}>"
