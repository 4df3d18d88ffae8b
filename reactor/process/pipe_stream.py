"""PipeStream: a stream over pipes, for tasks.

Law of this file: a pipe goes one way, so each direction has a descriptor of its own, and to end
one is to close it. The loop says when, the woken task makes the system call, as in a Connection:
a cancelled receive loses nothing.
"""

from __future__ import annotations

import errno
import os
import warnings
from typing import Final

from reactor.errors import BusyError, ClosedError, ReactorError, WrongThreadError
from reactor.loop import Reactor, Side
from reactor.net import Stream
from reactor.tasks import Steps, breathe, coroutine

_CHUNK: Final = 65_536
"""How much is received at a time unless a limit is given, in bytes: what a pipe holds (man 7
pipe).
"""

_BREATH: Final = breathe()


class PipeStream(Stream):
    """A stream over the descriptor of a pipe to receive from, one to send to, or both.

    It takes them over: they are non-blocking from now on, and closed with it. Where a direction is
    missing, what needs it raises OSError (EBADF). What else can be waited on, a terminal or a
    socket, serves as well; a regular file cannot, and says so where it is waited for. Raises
    ValueError for one descriptor given for both, OSError for one that is none, ClosedError or
    ForkedError as the reactor does; what was taken over is closed then.

    One task at a time may receive, and one send.
    """

    __slots__ = ("__weakref__", "_from", "_open", "_sending", "_to", "reactor")

    def __init__(
        self, reactor: Reactor, *, receiving: int | None = None, sending: int | None = None
    ) -> None:
        super().__init__()
        self.reactor: Reactor = reactor
        self._open = True
        self._sending = False  # whether a sender waits for room
        # The number of a descriptor is its side's: a side that is forgotten has none.
        self._from: Side | None = None
        self._to: Side | None = None
        if receiving == sending:
            raise ValueError(
                f"a PipeStream of fd {receiving} for both ways cannot end one of them; give two, "
                "or make a Connection of a socket"
            )
        try:
            if receiving is not None:
                self._from = _own(reactor, receiving)
            if sending is not None:
                self._to = _own(reactor, sending).other
        except BaseException:
            self.close()
            raise

    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        """Wait for bytes and return at most limit of them, 64 KiB unless given; b"" once nobody
        has the other end open any more.

        Raises ClosedError if this is closed, BusyError if another task receives, OSError as the
        system does. A cancellation loses nothing.
        """
        side = self._side(self._from, "receive from")
        while True:
            yield side
            try:
                return os.read(side.fd, _CHUNK if limit is None else limit)
            except BlockingIOError:
                continue  # another process took it
            except OSError:
                self._side(side, "receive from")
                raise

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        """Send data; it is done when the pipe has all, so who does not read holds its sender back.

        What the pipe takes at once is sent without a wait. Raises BrokenPipeError when nobody has
        the other end open any more, ClosedError after send_end or close, BusyError if another task
        waits to send. Cancelled or failed: a part may have been sent.
        """
        side = self._side(self._to, "send to")
        if self._sending:
            raise BusyError(f"{self!r} has a sender that waits for room; one at a time may send")
        rest = memoryview(data).cast("B")
        self._sending = True
        try:
            while rest := rest[self._write(side, rest) :]:
                yield side
        finally:
            self._sending = False

    def _write(self, side: Side, data: memoryview) -> int:
        try:
            return os.write(side.fd, data)
        except BlockingIOError:
            return 0
        except OSError:
            self._side(side, "send to")
            raise

    @coroutine
    def send_end(self) -> Steps[None]:
        """Close what is sent to: who reads there comes to the end. It is done at once.

        Where nothing can be sent there is nothing to end. Raises ClosedError after close.
        """
        self._check()
        self._give_back(self._to)
        yield _BREATH

    def close(self) -> None:
        """Close at once. Tasks that wait here get ClosedError. May be called twice."""
        self._open = False
        try:
            self._give_back(self._from)
        finally:
            self._give_back(self._to)

    def abort(self) -> None:
        """Close at once: a pipe has no way to tell why."""
        self.close()

    def _side(self, side: Side | None, deed: str) -> Side:
        """Return side if it can be used. Raises ClosedError, or OSError if it is missing."""
        self._check()
        if side is None:
            raise OSError(errno.EBADF, f"there is nothing to {deed}: {self!r} goes the other way")
        if side.fd < 0:
            raise ClosedError(f"{self!r} has sent its end; there is no more to send") from None
        return side

    def _check(self) -> None:
        if not self._open:
            raise ClosedError(f"{self!r} is closed on this side; open a new one") from None

    def _give_back(self, side: Side | None) -> None:
        if side is not None and (fd := side.fd) >= 0:
            _give_back(self.reactor, fd)

    def __del__(self) -> None:
        sides = (getattr(self, "_from", None), getattr(self, "_to", None))
        fds = [side.fd for side in sides if side is not None and side.fd >= 0]
        if fds:
            try:
                text = f"{self!r} was never closed"
                warnings.warn(text, ResourceWarning, source=self, stacklevel=2)
            finally:
                for fd in fds:
                    _give_back_later(self.reactor, fd)

    def __repr__(self) -> str:
        ways = (("receiving", self._from), ("sending", self._to))
        fds = "".join(f" {name}={side.fd}" for name, side in ways if side is not None)
        return f"<PipeStream{fds}>"


def _own(reactor: Reactor, fd: int) -> Side:
    """Take fd over, and return its reading side; closed here, if the reactor refuses it."""
    os.set_blocking(fd, False)
    try:
        return reactor.reading_anew(fd)
    except ReactorError:
        os.close(fd)
        raise


def _give_back(reactor: Reactor, fd: int) -> None:
    """Forget fd, then close it, whatever comes of that; in another thread, do nothing."""
    try:
        reactor.forget(fd)
    except WrongThreadError:
        raise
    except BaseException:  # an interrupt; nobody would close it any more
        os.close(fd)
        raise
    os.close(fd)


def _give_back_later(reactor: Reactor, fd: int) -> None:
    """Give back what the garbage collector has found, in the reactor's own time: the collector
    comes in any thread, and in the middle of anything.
    """
    try:
        reactor.call_threadsafe(_give_back, reactor, fd)
    except ReactorError:
        _give_back(reactor, fd)
