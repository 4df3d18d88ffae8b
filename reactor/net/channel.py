"""Channel: a connected stream socket, for callbacks.

Law of this file: while bytes wait to be sent, nothing is received. So a peer that does not read
is not read from, and whoever only answers holds what one call of received sends. Whoever sends
unasked is stopped by a limit.
"""

from __future__ import annotations

import os
import socket
from math import isnan
from typing import Final, Literal, NoReturn

from reactor.errors import BusyError, ClosedError, IdleError
from reactor.loop import Reactor, Runnable, Side

from .idle import IdleTimer
from .parting import Parting
from .sockets import CHUNK, UNSENT, Address, give_back, larger, own, reset_on_close

_read: Final = os.read
_write: Final = os.write


class Channel(Runnable):
    """A connected socket, taken over as an object or a descriptor: derive from it, and write
    received and ended.

    limit is how much is received at a time (unless given 64 KiB, and up to 256 KiB from a peer who
    fills it), unsent_limit how much may wait to be sent before send refuses more, both in bytes.
    With idle_seconds, a channel on which nothing moves for so long ends with IdleError. What an
    override raises goes to the reactor's on_error, and closes the channel. When making one fails,
    the socket is closed.
    """

    __slots__ = (
        "__weakref__",
        "_ending",
        "_failure",
        "_grows",
        "_idle",
        "_open",
        "_out",
        "_parting",
        "_readable",
        "_sealed",
        "_seconds",
        "limit",
        "peer",
        "reactor",
        "unsent_limit",
    )

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket | int,
        peer: Address = None,
        *,
        limit: int | None = None,
        unsent_limit: int = UNSENT,
        idle_seconds: float | None = None,
    ) -> None:
        self.reactor: Reactor = reactor
        self.peer: Address = peer
        self.limit: int = CHUNK if limit is None else limit
        self._grows = limit is None
        self.unsent_limit: int = unsent_limit
        self._out: bytearray | None = None  # what waits to be sent, if anything does
        self._open = True
        self._sealed = False  # whether send is past: closed, or being finished
        self._ending: Literal["", "close", "finish"] = ""  # what follows when all is sent
        self._failure: OSError | None = None  # of a send: how this ends, whatever comes after it
        self._parting: Parting | None = None  # half-closed by us
        self._seconds = 0.0  # that lasts so long, at most
        # The number of the descriptor is this side's: a side that is forgotten has none.
        self._readable = own(reactor, sock)
        self._idle = None
        try:
            if self.limit < 1:
                raise ValueError(f"limit={limit} brings nothing to {self!r}; give 1 or more")
            if idle_seconds is not None:
                self._idle = IdleTimer(reactor, idle_seconds, self._expired)
        except ValueError:
            self._close()
            raise
        self._wait()

    def received(self, data: bytes) -> None:
        """Data came, at least a byte. Override it."""
        raise NotImplementedError(f"{self!r} has no received(data); write one")

    def received_end(self) -> None:
        """The peer has finished.

        What is sent from here still goes out, then the channel closes.
        """

    def sent(self) -> None:
        """All that waited to be sent is with the kernel now: there is room for more."""

    def ended(self, error: Exception | None) -> None:
        """The channel is closed; error is why, unless it was in good order. Called once.

        A peer that is gone or silent after finish() has half-closed was seen off in good order.
        """

    def fileno(self) -> int:
        """Return the descriptor; -1 once closed."""
        return self._readable.fd

    @property
    def closed(self) -> bool:
        """Whether this has ended. Still False while finish() is under way."""
        return not self._open

    @property
    def unsent(self) -> int:
        """How many bytes wait to be sent, because the peer does not keep up."""
        return 0 if self._out is None else len(self._out)

    def send(self, data: bytes | bytearray | memoryview) -> None:
        """Send data; what the kernel does not take is kept, and nothing is received until it is
        gone.

        Raises ClosedError on a channel that is closed or being finished, BusyError while more than
        unsent_limit bytes wait already. If the peer is gone, the channel ends, in a later turn.
        """
        if self._sealed:
            self._refuse()
        if type(data) is not bytes:
            data = memoryview(data).cast("B")  # so that its length is in bytes
        if self._out is not None:
            self._keep(self._out, data)
            return
        try:
            sent = _write(self._readable.fd, data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._failure = error
            self.reactor.call_soon(self._end, error)
            return
        if (idle := self._idle) is not None and sent and self._readable.waiting:
            idle.since = idle.clock()  # else this is called by run, which looks at the clock itself
        if sent != len(data):
            self._out = bytearray(memoryview(data)[sent:])
            self._readable.abort(self)
            self._wait()

    def _refuse(self) -> NoReturn:
        if self._open:
            raise ClosedError(f"{self!r} is being finished; send all before finish()")
        raise ClosedError(f"{self!r} is closed; look at its closed before you send")

    def _keep(self, out: bytearray, data: bytes | memoryview) -> None:
        if len(out) > self.unsent_limit:
            raise BusyError(
                f"{self!r} keeps {len(out)} bytes that its peer does not take; "
                "wait until sent() is called, or abort it"
            )
        out += data

    def finish(self, seconds: float = 0.25) -> None:
        """End in good order: send what waits to be sent, half-close, throw away what comes,
        close.

        The last wait, for the peer to close too, takes at most seconds. Without it a close with
        unread input sends a reset, which can destroy what the peer has not read yet (RFC 1122,
        4.2.2.13). Raises ValueError for NaN.
        """
        if isnan(seconds):
            raise ValueError(f"{self!r} cannot be finished in NaN seconds; give a number")
        if not self._sealed and not self._ending:
            self._ending, self._seconds, self._sealed = "finish", seconds, True
            if self._out is None:
                self._sent_all()

    def close(self) -> None:
        """Close at once, whatever waits to be sent. May be called twice."""
        self._end(None)

    def abort(self) -> None:
        """Close at once, with a reset."""
        if self._open:
            reset_on_close(self._readable.fd)
            self._end(None)

    def run(self) -> None:  # noqa: C901 - split, each part would cost a call more
        """The descriptor is ready, for what is waited for."""
        readable = self._readable
        try:
            if self._out is not None:
                self._send_on(self._out)
            elif not self._sealed:
                try:
                    data = _read(readable.fd, limit := self.limit)
                except BlockingIOError:
                    pass  # not ready any more: another process was quicker
                except OSError as error:
                    self._end(error)
                else:
                    if data:
                        self.received(data)
                    else:
                        self._received_end()
                    if (idle := self._idle) is not None:
                        idle.since = idle.clock()
                    if len(data) == limit and self._grows:
                        self.limit = larger(limit)
        except BaseException as error:
            self._end(error if isinstance(error, Exception) else None)
            raise
        if self._out is None and readable.armed and readable.waiter is self:
            readable.waiting = True  # as park would do, without the price of two calls
        elif self._open:
            self._wait()

    def lose(self, side: object, error: Exception) -> None:
        """The descriptor was forgotten by somebody else, and is theirs."""
        if self._open:
            self._let_go()
            self.reactor.call_soon(self.ended, error)  # user code runs in the fourth step only

    def _received_end(self) -> None:
        self.received_end()
        self._ending = "close"
        if self._out is None:
            self._sent_all()

    def _send_on(self, out: bytearray) -> None:
        """Send more of what waits, and do what follows from that."""
        try:
            del out[: _write(self._readable.fd, out)]
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error)
            return
        if (idle := self._idle) is not None:
            idle.since = idle.clock()
        if not out:
            self._out = None
            self._sent_all()

    def _sent_all(self) -> None:
        """Nothing waits to be sent any more: do what is to follow."""
        if self._ending == "close":
            self._end(None)
        elif self._ending == "finish":
            self._readable.leave(self)
            try:
                self._parting = Parting(self, self._readable, self._seconds, self._idle)
            except OSError:
                self._end(None)  # the peer is gone already, and nothing need be thrown away
        else:
            self.sent()

    def _wait(self) -> None:
        """Wait for what is next: room for what is to be sent, or else data."""
        side = self._side()
        if self._open and not side.waiting:
            try:
                side.park(self)
            except Exception as error:  # the poller has no room for it, for instance
                self.reactor.call_soon(self._end, error)

    def _side(self) -> Side:
        """Return the side to wait on: while something is to be sent, nothing is received."""
        return self._readable if self._out is None else self._readable.other

    def _expired(self) -> None:
        assert self._idle is not None
        self._end(IdleError(f"nothing moved on {self!r} for {self._idle.seconds:g} seconds"))

    def _end(self, error: Exception | None) -> None:
        if self._open:
            parted = self._parting is not None
            self._close()
            self.ended(self._failure or (None if parted else error))

    def _close(self) -> None:
        self._let_go()
        give_back(self.reactor, self._readable.fd)

    def _let_go(self) -> None:
        self._open = False
        self._sealed = True
        self._side().leave(self)
        self._out = None
        for follower in (self._idle, self._parting):
            if follower is not None:
                follower.cancel()
        self._idle = self._parting = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} fd={self._readable.fd} peer={self.peer!r}>"
