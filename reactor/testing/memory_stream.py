"""MemoryStream: a connection without a socket, in its reactor's time, as bad as a test wants it.

Law of this file: whoever waits looks again when woken, and takes nothing before: so a wait that is
cancelled loses nothing, in whatever turn. What may happen to the bytes is in end.py.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from random import Random
from typing import Final, Self

from reactor.errors import ClosedError, ForkedError, IdleError
from reactor.loop import Reactor
from reactor.net import Address, IdleTimer, Stream
from reactor.tasks import Steps, breathe, coroutine

from .end import End
from .seat import Seat
from .wire import Link

_BREATH: Final = breathe()


class MemoryStream(Stream):
    """One end of a connection in memory; made by Network. peer is the address of the other end.

    One task at a time may receive, and one send. Nothing has to be given back, but whoever does not
    close one leaves its peer waiting, as with a socket.
    """

    __slots__ = ("__weakref__", "_dice", "_end", "_idle", "_receiver", "_sender", "peer", "reactor")

    def __init__(self, reactor: Reactor, link: Link, dice: Random | None, peer: Address) -> None:
        super().__init__()
        self.reactor: Reactor = reactor
        self.peer: Address = peer
        self._dice = dice
        self._end = End(reactor, link, self._moved)
        self._idle: IdleTimer | None = None
        self._receiver = Seat(self, "data")
        self._sender = Seat(self, "room")

    @classmethod
    def pair(
        cls, reactor: Reactor, link: Link, dice: Random | None, near: Address, far: Address
    ) -> tuple[Self, Self]:
        """Return two ends that are connected, at those addresses."""
        here, there = cls(reactor, link, dice, far), cls(reactor, link, dice, near)
        here._end.join(there._end)
        there._end.join(here._end)
        return here, there

    # -- what a stream does

    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        """Wait for bytes and return at most limit of them; b"" once the peer has finished.

        With a seed it is as many as that decides, of those that have arrived. What has arrived
        already comes without a wait; it lets others have their turn as breathe does. Raises
        ClosedError, BusyError if another task receives, IdleError, ConnectionResetError,
        ValueError for a limit below 1. A cancellation loses nothing.
        """
        self._refuse(limit)
        end = self._end
        with self._receiver:
            yield _BREATH
            while not (end.arrived or end.finished or end.broken or end.closed):
                yield from self._wait(self._receiver)
        self._refuse_closed()
        if not end.arrived:
            if end.broken:
                raise self._reset()
            return b""
        size = len(end.arrived) if limit is None else min(limit, len(end.arrived))
        return end.take(size if self._dice is None else self._dice.randint(1, size))

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        """Send data. Returns when all of it is on its way, so a peer that does not read holds its
        sender back.

        When there is room for all of it there is no wait. Raises ClosedError, BusyError if another
        task waits to send, IdleError, BrokenPipeError after send_end, ConnectionResetError.
        Cancelled, or failed: a part may have been sent.
        """
        self._refuse_sending()
        with self._sender:
            rest = memoryview(bytes(data))
            while rest:
                if room := self._end.room:
                    self._end.send(bytes(rest[:room]))
                    rest = rest[room:]
                else:
                    yield from self._wait(self._sender)
                    self._refuse_sending()

    @coroutine
    def send_end(self) -> Steps[None]:
        """Tell the peer that nothing more comes; it may still send. It is done at once; again:
        nothing.

        Raises ClosedError, ConnectionResetError.
        """
        self._refuse_closed()
        if self._end.broken:
            raise self._reset()
        self._end.send_end()
        yield _BREATH

    def close(self) -> None:
        """Close at once. Tasks that wait here get ClosedError. May be called twice.

        With unread input the peer gets a reset (RFC 1122, 4.2.2.13), else the end.
        """
        self._part(self._end.send_reset if self._end.arrived else self._end.send_end)

    def abort(self) -> None:
        """Close at once; the peer gets a reset, behind what is on its way."""
        self._part(self._end.send_reset)

    def limit_idle(self, seconds: float) -> None:
        """From now on, end a wait in which nothing moves in either direction for so long with
        IdleError. Raises ValueError unless seconds are more than 0, ClosedError.
        """
        self._refuse_closed()
        if self._idle is not None:
            self._idle.cancel()
        self._idle = IdleTimer(self.reactor, seconds, self._expired)

    # -- what goes wrong

    def lose(self) -> None:
        """Lose the connection now: both ends are reset, what is on its way is gone. What had
        arrived can still be received.
        """
        self._end.lose()

    def lose_after(self, count: int) -> None:
        """Lose the connection when count bytes more that are sent here have arrived; what follows
        them is sent in vain. Raises ValueError for a count below 0.
        """
        if count < 0:
            raise ValueError(f"{count} bytes cannot arrive over {self!r}; give 0 or more")
        self._end.lose_after(count)

    # -- inside

    def _wait(self, seat: Seat) -> Steps[None]:
        self._touch()
        error = yield seat
        if error is not None:
            raise error

    def _moved(self, look: bool) -> None:
        self._touch()
        if look:
            self._wake(None)

    def _touch(self) -> None:
        """Note that something moves, or that a wait begins: no limit is over before that is."""
        if self._idle is not None:
            self._idle.since = self._idle.clock()

    def _expired(self) -> None:
        assert self._idle is not None
        self._wake(IdleError(f"nothing moved on {self!r} for {self._idle.seconds:g} seconds"))

    def _wake(self, error: IdleError | None) -> None:
        self._receiver.wake_all(error)
        self._sender.wake_all(error)

    def _part(self, farewell: Callable[[], None]) -> None:
        if self._end.closed:
            return
        self._end.close()
        if self._idle is not None:
            self._idle.cancel()
        try:
            farewell()
        except (ClosedError, ForkedError):
            pass  # the reactor has ended, and the other end with it

    def _refuse_closed(self) -> None:
        if self._end.closed:
            raise ClosedError(f"{self!r} is closed on this side; open a new one")

    def _refuse_sending(self) -> None:
        self._refuse_closed()
        if self._end.broken:
            raise self._reset()
        if self._end.ended:
            what = f"{self!r} has said that nothing more comes; send before send_end"
            raise BrokenPipeError(errno.EPIPE, what)

    def _reset(self) -> ConnectionResetError:
        return ConnectionResetError(errno.ECONNRESET, f"{self!r} was reset; open a new one")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} peer={self.peer!r}>"
