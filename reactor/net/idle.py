"""IdleTimer: notices a connection on which nothing moves.

Law of this file: traffic does not touch the timer. Each wait notes when it begins, and
what moves meanwhile when it came, by `idle.since = idle.clock()`; the timer, when it rings, looks
at that and sets itself again for what is left. So a limit round every receive costs one look at the
clock.
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakMethod

from reactor.loop import Clock, Reactor


class IdleTimer:
    """Calls expired() when since, which whoever waits keeps up to date, is so many seconds ago by
    the clock, and again after as many.

    expired is a method, and is not kept alive: a connection that is lost is not held by its limit.
    """

    __slots__ = ("_expired", "_reactor", "_timer", "clock", "seconds", "since")

    def __init__(self, reactor: Reactor, seconds: float, expired: Callable[[], object]) -> None:
        if not seconds > 0:
            raise ValueError(f"an idle limit of {seconds} seconds cannot be kept; give more than 0")
        self.seconds: float = seconds
        self._reactor = reactor
        self._expired = WeakMethod(expired)
        self.clock: Clock = reactor.now
        self.since: float = reactor.now()
        self._timer = reactor.call_later(seconds, self._ring)

    def cancel(self) -> None:
        """Never call expired() again."""
        self._timer.cancel()

    def _ring(self) -> None:
        expired = self._expired()
        if expired is None:
            return
        due = self.since + self.seconds
        now = self._reactor.now()
        late = due <= now
        self._timer = self._reactor.call_at(now + self.seconds if late else due, self._ring)
        if late:
            expired()
