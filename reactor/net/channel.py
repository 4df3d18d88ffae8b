"""Channel: a connected stream socket, for callbacks.

Law of this file: while bytes wait to be sent, nothing is received. So a peer that does not read
is not read from, and whoever only answers holds what one call of received sends. Whoever sends
unasked, or has both ways go on by themselves, is stopped by a limit.
"""

from __future__ import annotations

import os
import socket
from math import isnan
from typing import Final, Literal

from reactor.errors import BusyError, ClosedError
from reactor.loop import Reactor, Runnable, Side

from .channel_life import ChannelLife, Room
from .parting import Parting
from .sockets import CHUNK, UNSENT, Address, half_close, larger

_read: Final = os.read
_write: Final = os.write


class Channel(ChannelLife):
    """A connected socket, taken over as an object or a descriptor: derive from it, and write
    received and ended.

    limit is how much is received at a time (unless given 64 KiB, and up to 256 KiB from a peer who
    fills it), unsent_limit how much may wait to be sent before send refuses more, both in bytes.
    With idle_seconds, a channel on which nothing moves for so long ends with IdleError, be it
    paused or not. With duplex it receives also while bytes wait to be sent; pause() it where that
    needs a bound. What an override raises goes to the reactor's on_error, and closes the channel.
    When making one fails, the socket is closed.
    """

    __slots__ = ("_duplex", "_ending", "_grows", "_seconds", "limit", "unsent_limit")

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket | int,
        peer: Address = None,
        *,
        limit: int | None = None,
        unsent_limit: int = UNSENT,
        idle_seconds: float | None = None,
        duplex: bool = False,
    ) -> None:
        self.limit: int = CHUNK if limit is None else limit
        self._grows = limit is None
        self.unsent_limit: int = unsent_limit
        self._duplex = duplex
        self._ending: Literal["", "close", "finish", "half-close"] = ""  # when all is sent
        self._seconds = 0.0  # that lasts so long, at most
        super().__init__(reactor, sock, peer, idle_seconds)
        if self.limit < 1:
            error = ValueError(f"limit={limit} brings nothing to {self!r}; give 1 or more")
            self._close()
            raise error
        self._park(self._readable, self)

    # -- to be written

    def received(self, data: bytes) -> None:
        """Data came, at least a byte. Override it."""
        raise NotImplementedError(f"{self!r} has no received(data); write one")

    def received_end(self) -> bool | None:
        """The peer has finished.

        What is sent from here still goes out, then the channel closes. Return True to go on
        sending: then it is open until send_end(), finish() or close().
        """
        return None

    def sent(self) -> None:
        """All that waited to be sent is with the kernel now: there is room for more."""

    def leave(self) -> None:
        """Whoever serves this wants it to end: finish() unless overridden, by what first does what
        is under way.
        """
        self.finish()

    # -- receiving

    def pause(self) -> None:
        """Receive nothing until resume(): what comes waits in the kernel, then with the peer.

        The end of the peer, and a reset, wait there too. Again: nothing.
        """
        if self._deaf != "over":
            self._stop_hearing("paused")

    def resume(self) -> None:
        """Receive again, in a later turn. Unless paused: nothing."""
        if self._deaf == "paused":
            self._deaf = None
            self._wait()

    # -- sending

    @property
    def unsent(self) -> int:
        """How many bytes wait to be sent, because the peer does not keep up."""
        return 0 if self._out is None else len(self._out)

    def send(self, data: bytes | bytearray | memoryview) -> None:
        """Send data; what the kernel does not take is kept, and nothing is received until it is
        gone, unless this is duplex.

        Raises ClosedError when it is closed, and after send_end or finish; BusyError while more
        than unsent_limit bytes wait already. If the peer is gone, it ends, in a later turn.
        """
        if self._mute is not None:
            self._send_behind(data)
            return
        if type(data) is not bytes:
            data = memoryview(data).cast("B")  # so that its length is in bytes
        try:
            sent = _write(self._readable.fd, data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._failure = error
            self.reactor.call_soon(self._end, error)
            return
        if self._noted and sent:
            # Else this is called by run, which looks at the clock itself.
            idle = self._idle
            if idle is not None and (self._readable.waiting or self._deaf is not None):
                idle.since = idle.clock()
            if self._meter is not None:
                self._meter.give(sent)
        if sent != len(data):
            rest = memoryview(data)[sent:]  # bytes cannot change, so it need not be copied
            self._out, self._mute = rest if type(data) is bytes else bytearray(rest), "behind"
            if not self._duplex:
                self._step_aside()
            self._wait()

    def _send_behind(self, data: bytes | bytearray | memoryview) -> None:
        """Keep data behind what waits already, if there will be a time for it."""
        if not self._open:
            raise ClosedError(f"{self!r} is closed; look at its closed before you send")
        if self._mute == "over" or self._out is None:
            what = "is being finished" if self._ending == "finish" else "has sent its end"
            raise ClosedError(f"{self!r} {what}; send all before finish() or send_end()")
        if len(self._out) > self.unsent_limit:
            raise BusyError(
                f"{self!r} keeps {len(self._out)} bytes that its peer does not take; "
                "wait until sent() is called, or abort it"
            )
        if not isinstance(self._out, bytearray):
            self._out = bytearray(self._out)
        self._out += memoryview(data).cast("B")

    def send_end(self) -> None:
        """Tell the peer that nothing more comes (half-close, FIN), when all that waits to be sent
        is sent. It may still send; when it has finished too, the channel closes. Again: nothing.
        """
        if self._mute != "over":
            self._mute, self._ending = "over", "half-close"
            if self._out is None:
                self._sent_all()

    def finish(self, seconds: float = 0.25) -> None:
        """End in good order: send what waits to be sent, half-close, throw away what comes,
        close.

        The last wait, for the peer to close too, takes at most seconds. Without it a close with
        unread input sends a reset, which can destroy what the peer has not read yet (RFC 1122,
        4.2.2.13). Raises ValueError for NaN.
        """
        if isnan(seconds):
            raise ValueError(f"{self!r} cannot be finished in NaN seconds; give a number")
        if self._open and self._ending != "finish":
            self._ending, self._seconds = "finish", seconds
            self._mute = "over"
            self._stop_hearing("over")
            if self._out is None:
                self._sent_all()

    def run(self) -> None:  # noqa: C901 - split, each part would cost a call more
        """There is something to receive, unless that was given up after this was queued."""
        readable = self._readable
        if readable.waiter is not self:
            return
        try:
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
                if self._noted:
                    if (idle := self._idle) is not None:
                        idle.since = idle.clock()
                    if self._meter is not None:
                        self._meter.take(len(data))
                if len(data) == limit and self._grows:
                    self.limit = larger(limit)
        except BaseException as error:
            self._end(error if isinstance(error, Exception) else None)
            raise
        if readable.waiter is self and readable.armed:
            readable.waiting = True  # as park would do, without the price of two calls
        elif self._open:
            self._wait()

    def _received_end(self) -> None:
        self._deaf = "over"
        if not self.received_end() or self._mute == "over":
            self._ending = "close"
            if self._out is None:
                self._end(None)
        self._step_aside()  # last, since most have closed by now

    def _send_on(self) -> None:
        """There is room for more of what waits."""
        if self._out is None or self._readable.other.waiting:
            return  # given up, or begun anew, after this was queued
        try:
            self._send_more(self._out)
        except BaseException as error:
            self._end(error if isinstance(error, Exception) else None)
            raise
        if self._open:
            self._wait()

    def _send_more(self, out: bytearray | memoryview) -> None:
        try:
            sent = _write(self._readable.fd, out)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error)
            return
        if (idle := self._idle) is not None:
            idle.since = idle.clock()
        if self._meter is not None:
            self._meter.give(sent)
        if sent == len(out):
            self._out = None
            if self._mute == "behind":
                self._mute = None
            self._sent_all()
        elif isinstance(out, bytearray):
            del out[:sent]
        else:
            self._out = out[sent:]

    def _sent_all(self) -> None:
        """Nothing waits to be sent any more: do what is to follow."""
        if self._ending == "close":
            self._end(None)
        elif self._ending == "finish":
            try:
                self._parting = Parting(self, self._readable, self._seconds, self._idle)
            except OSError:
                self._end(None)  # the peer is gone already, and nothing need be thrown away
        elif self._ending == "half-close":
            self._half_close()
        else:
            self.sent()

    def _half_close(self) -> None:
        failure = None
        try:
            half_close(self._readable.fd)
        except OSError as error:  # the peer is gone already, which receiving tells too
            failure = error
        if self._deaf == "over":
            self._end(failure)

    def _wait(self) -> None:
        """Wait for what is next: room for what is to be sent, data, or both."""
        if self._out is not None:
            self._park(self._readable.other, Room(self, self._send_on))
        if (self._out is None or self._duplex) and self._deaf is None:
            self._park(self._readable, self)

    def _park(self, side: Side, who: Runnable) -> None:
        if not side.waiting:
            try:
                side.park(who)
            except Exception as error:  # the poller has no room for it, for instance
                self.reactor.call_soon(self._end, error)
