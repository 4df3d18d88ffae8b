"""ChannelLife: the descriptor that a channel owns, which of its two ways are open, and its end.

Law of this file: a channel ends once, and whoever it was that ended it, ended() hears of it when
the descriptor is given back. Nothing is received or sent from then on.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Literal, Self, TypeAlias

from reactor.errors import IdleError
from reactor.loop import Reactor, Runnable

from .idle import IdleTimer
from .meter import Meter
from .parting import Parting
from .sockets import Address, give_back, own, reset_on_close

Why: TypeAlias = Literal["paused", "behind", "over"]
Keeper: TypeAlias = Callable[[Any, Exception | None], object]


class _Stand(Runnable):
    """Stands where a channel does not wait: so it is held, and hears when all is over there."""

    __slots__ = ("_channel",)

    def __init__(self, channel: ChannelLife) -> None:
        self._channel = channel

    def lose(self, side: object, error: Exception) -> None:
        self._channel.lose(side, error)


class Room(_Stand):
    """Waits until there is room to send more, then calls go_on()."""

    __slots__ = ("_go_on",)

    def __init__(self, channel: ChannelLife, go_on: Callable[[], None]) -> None:
        super().__init__(channel)
        self._go_on = go_on

    def run(self) -> None:
        self._go_on()


class ChannelLife(Runnable):
    """A connected socket, taken over as an object or a descriptor, until it is given back."""

    __slots__ = (
        "_deaf",
        "_failure",
        "_idle",
        "_keepers",
        "_meter",
        "_mute",
        "_noted",
        "_open",
        "_out",
        "_parting",
        "_readable",
        "peer",
        "reactor",
    )

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket | int,
        peer: Address,
        idle_seconds: float | None,
    ) -> None:
        self.reactor: Reactor = reactor
        self.peer: Address = peer
        self._open = True
        self._mute: Literal["behind", "over"] | None = None  # why send does not write at once
        self._deaf: Why | None = None  # why nothing is received
        self._out: bytearray | memoryview | None = None  # what waits to be sent, if anything does
        self._failure: OSError | None = None  # of a send: how this ends, whatever comes after it
        self._parting: Parting | None = None  # being finished: half-closed by us
        self._keepers: tuple[Keeper, ...] = ()
        # The number of the descriptor is this side's: a side that is forgotten has none.
        self._readable = own(reactor, sock)
        self._idle = None
        self._meter: Meter | None = None
        self._noted = idle_seconds is not None  # whether one of these two wants to know what moves
        if idle_seconds is not None:
            try:
                self._idle = IdleTimer(reactor, idle_seconds, self._expired)
            except ValueError:
                self._close()
                raise

    def ended(self, error: Exception | None) -> None:
        """The channel is closed; error is why, unless it was in good order. Called once.

        A peer that is gone or silent after finish() has half-closed was seen off in good order.
        """

    def when_ended(self, fn: Callable[[Self, Exception | None], object]) -> None:
        """Have fn(channel, error) called after ended(error), too: for whoever keeps channels.

        What one of them raises does not keep it from the others. After the end: nothing.
        """
        self._keepers += (fn,)

    def fileno(self) -> int:
        """Return the descriptor; -1 once closed."""
        return self._readable.fd

    @property
    def closed(self) -> bool:
        """Whether this has ended. Still False while finish() is under way."""
        return not self._open

    def meter(self) -> Meter:
        """Count what is received and sent from now on, and return the counts; again: the same.

        What comes counts when received() has returned, what is sent when the kernel has it, and
        what finish() throws away not at all.
        """
        if self._meter is None:
            self._meter = Meter(self.reactor.now)
            self._noted = True
        return self._meter

    def _stop_hearing(self, why: Why) -> None:
        self._deaf = why
        self._step_aside()

    def _step_aside(self) -> None:
        """Wait for nothing to receive any more, nor run if that is queued."""
        if self._readable.waiter is self:  # else somebody stands there, or waits
            self._readable.leave(self)
            self._readable.waiter = _Stand(self)

    def close(self) -> None:
        """Close at once, whatever waits to be sent. May be called twice."""
        self._end(None)

    def abort(self) -> None:
        """Close at once, with a reset."""
        if self._open:
            reset_on_close(self._readable.fd)
            self._end(None)

    def lose(self, side: object, error: Exception) -> None:
        """The descriptor was forgotten by somebody else, and is theirs."""
        if self._open:
            self._let_go()
            self.reactor.call_soon(self._tell, error)  # user code runs in the fourth step only

    def _expired(self) -> None:
        assert self._idle is not None
        self._end(IdleError(f"nothing moved on {self!r} for {self._idle.seconds:g} seconds"))

    def _end(self, error: Exception | None) -> None:
        if self._open:
            parted = self._parting is not None
            self._close()
            self._tell(self._failure or (None if parted else error))

    def _tell(self, error: Exception | None) -> None:
        keepers = self._keepers
        try:
            self.ended(error)
        finally:
            if keepers:
                self._tell_keepers(iter(keepers), error)

    def _tell_keepers(self, keepers: Iterator[Keeper], error: Exception | None) -> None:
        for keeper in keepers:
            try:
                keeper(self, error)
            except BaseException:
                with ExitStack() as others:  # goes on whatever they raise, but costs more
                    for other in reversed(tuple(keepers)):
                        others.callback(other, self, error)
                raise

    def _close(self) -> None:
        self._let_go()
        give_back(self.reactor, self._readable.fd)

    def _let_go(self) -> None:
        self._open = False
        self._mute = "over"
        self._deaf = "over"
        self._out = None
        self._readable.leave(self)
        if self._idle is not None:
            self._idle.cancel()
        if self._parting is not None:
            self._parting.cancel()
            self._parting = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} fd={self._readable.fd} peer={self.peer!r}>"
