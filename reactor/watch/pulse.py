"""Pulse: how often a loop turns, how long it sleeps, and since when it has been at work.

Law of this file: it is told of the poller's wait and of nothing else, so it costs a call and two
looks at the clock per turn, whatever a turn does. Any thread may read it.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable
from typing import Final

from reactor.loop import Reactor, Wait

LAGS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Up to so many seconds of work a turn counts to each of Pulse.lags, and to the last any more."""


class Pulse:
    """The pulse of a reactor: reactor.belonging(Pulse) is the one that all share.

    lags counts the turns since it was made by how long each was at work, which is how late the loop
    was for what came meanwhile; at_work is how long that was in all, events how many descriptors
    were found ready. fell_asleep and woke are when the loop did so last. All is in seconds on the
    reactor's clock. thread is that of the reactor, as threading.get_ident names it, and over says
    that the reactor is closed.

    Time in which the loop does not run counts as work, of the turn that comes next.
    """

    def __init__(self, reactor: Reactor) -> None:
        self.reactor: Reactor = reactor
        self.thread: int = threading.get_ident()
        self.events: int = 0
        self.lags: list[int] = [0] * (len(LAGS) + 1)
        self.at_work: float = 0.0
        self.began: float = reactor.now()
        self.fell_asleep: float = self.began
        self.woke: float = self.began
        self.over: bool = False
        self._at_rest: list[Callable[[int, float], object]] = []
        reactor.around_wait(self._around)

    @property
    def turns(self) -> int:
        """How many turns have begun. What runs now is in the last of them."""
        return sum(self.lags)

    @property
    def awake(self) -> bool:
        """Whether the loop is at work, or does not run."""
        return self.woke >= self.fell_asleep

    @property
    def since(self) -> float:
        """When the loop last fell asleep or woke."""
        return max(self.woke, self.fell_asleep)

    @property
    def asleep(self) -> float:
        """How long the loop has slept in all, in seconds."""
        return self.since - self.began - self.at_work

    def when_at_rest(self, fn: Callable[[int, float], object]) -> None:
        """Have fn(turn, seconds) called once, in the reactor's thread, when this turn has ended:
        which it was, as turns counts, and how long it was at work. Any thread may ask for it. What
        fn raises leaves the reactor's run().
        """
        self._at_rest.append(fn)

    def _around(self, wait: Wait) -> Wait:
        now, lags = self.reactor.now, self.lags

        def heard(patience: float | None) -> list[tuple[int, int]]:
            self.fell_asleep = now()
            try:
                worked = self.fell_asleep - self.woke
                self.at_work += worked
                if self._at_rest:
                    self._tell(worked)
                lags[bisect_left(LAGS, worked)] += 1
                events = wait(patience)
            finally:
                self.woke = now()
            self.events += len(events)
            return events

        return heard

    def _tell(self, worked: float) -> None:
        turn = self.turns
        while self._at_rest:
            self._at_rest.pop()(turn, worked)

    def close(self) -> None:
        """The reactor is closed."""
        self.over = True

    def forked(self) -> None:
        """This is a child, in which the reactor does not run."""
        self.over = True
