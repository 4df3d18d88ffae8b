"""Pulse: how often a loop turns, how long it sleeps, and since when it has been at work.

Law of this file: it is told of the poller's wait and of nothing else, so it costs a call and two
looks at the clock per turn, whatever a turn does. Any thread may read it.
"""

from __future__ import annotations

import threading
import time

from reactor.loop import Reactor, Wait


class Pulse:
    """The pulse of a reactor: reactor.belonging(Pulse) is the one that all share.

    turns and events count since it was made; asleep is how long the loop has slept in them, in
    seconds. since is when it last fell asleep or woke, by time.monotonic, and awake tells which
    of the two it was. thread is that of the reactor, as threading.get_ident names it.
    """

    def __init__(self, reactor: Reactor) -> None:
        self.reactor = reactor
        self.thread: int = threading.get_ident()
        self.turns: int = 0
        self.events: int = 0
        self.asleep: float = 0.0
        self.awake: bool = True
        self.began: float = time.monotonic()
        self.since: float = self.began
        reactor.around_wait(self._around)

    def _around(self, wait: Wait) -> Wait:
        now = time.monotonic

        def heard(patience: float | None) -> list[tuple[int, int]]:
            fell_asleep = now()
            # No call from here to the next: another thread sees all of these change, or none.
            self.turns += 1
            self.since = fell_asleep
            self.awake = False
            try:
                events = wait(patience)
            finally:
                woke = now()
                self.asleep += woke - fell_asleep  # the same holds here
                self.since = woke
                self.awake = True
            self.events += len(events)
            return events

        return heard

    def close(self) -> None:
        """Nothing is held."""

    def forked(self) -> None:
        """Nothing is held."""
