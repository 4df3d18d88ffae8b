"""Parting: the half-close of a connection, and what is left to do on it then.

Law of this file: what the peer still says is read and thrown away, until it closes too, or time is
up. Unread input would turn the close into a reset (RFC 1122, 4.2.2.13).
"""

from __future__ import annotations

import os
from typing import Protocol

from reactor.loop import Reactor, Runnable, Side

from .idle import IdleTimer
from .sockets import CHUNK, half_close


class Parted(Protocol):
    """Whose connection it is."""

    reactor: Reactor

    def close(self) -> None:
        """Close: it is over."""

    def lose(self, side: object, error: Exception) -> None:
        """Hear that the descriptor was forgotten by somebody else."""


class Parting(Runnable):
    """Half-closes a connection, and has it closed when the peer has closed too, or reset, or after
    so many seconds.

    Raises OSError if the peer is gone already, and as Side.park does.
    """

    __slots__ = ("_idle", "_parted", "_readable", "_timer")

    def __init__(
        self, parted: Parted, readable: Side, seconds: float, idle: IdleTimer | None
    ) -> None:
        half_close(readable.fd)
        self._parted = parted
        self._readable = readable
        self._idle = idle
        readable.park(self)
        self._timer = parted.reactor.call_later(seconds, parted.close)

    def run(self) -> None:
        """Something came: throw it away."""
        try:
            over = not os.read(self._readable.fd, CHUNK)
        except BlockingIOError:
            over = False
        except OSError:  # a reset; or closed while this was queued, and close() does nothing
            over = True
        if over:
            self._parted.close()
            return
        if self._idle is not None:
            self._idle.since = self._idle.clock()
        self._readable.park(self)

    def lose(self, side: object, error: Exception) -> None:
        """Pass it on."""
        self._parted.lose(side, error)

    def cancel(self) -> None:
        """Have nothing closed any more."""
        self._timer.cancel()
        self._readable.leave(self)
