"""Connection: a connected stream socket, for tasks.

Law of this file: the loop says when, the woken task makes the system call. So until the task's
own turn comes no byte has left the kernel, and a cancelled receive loses nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from reactor.errors import BusyError
from reactor.poller import fd_of
from reactor.tasks import Operation, Steps, breathe, coroutine

from .connection_life import ConnectionLife
from .sockets import LARGEST, copy_file, half_close, larger, part

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

_read: Final = os.read
_write: Final = os.write
_BREATH: Final = breathe()


class Connection(ConnectionLife):
    """A connected socket, taken over as an object or a descriptor; peer is who is at the other
    end, unsent how many bytes a send_all waits to hand to the kernel.

    One task at a time may receive, and one send. With idle_seconds, a wait in which nothing moves
    in either direction for so long ends with IdleError. When making one fails, the socket is
    closed.
    """

    __slots__ = ()

    unsent: int

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
        try:  # as _send does, without the price of a call
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
