"""Reactor: one turn in four named steps.

Law of this file: wait, wake, expire, run, and nothing else happens in a turn. The poller is the
only thing that sleeps, and the clock is an argument. User code runs in the fourth step only, so
nothing that it closes is still among the events; what becomes ready meanwhile waits for the next
turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

from reactor.poller import LONGEST, Mechanism, bounded, default_poller

from . import asked
from . import debug as debugging
from .lifetime import Lifetime, here
from .runnable import Runnable
from .scheduler import Clock
from .tracer import GuardedTracer, Tracer


class Reactor(Lifetime):
    """An event loop: callbacks, timers, waits on descriptors, signals.

    poller finds what is ready and belongs to the reactor from now on; clock returns seconds and
    never goes back; tracer is told what happens. on_error(what, error) hears of each Exception
    that a callback lets out, and the loop goes on; it logs unless given, and what it raises
    itself leaves run(). debug checks the thread everywhere, remembers where callbacks were
    scheduled and reports slow ones; unless given, REACTOR_DEBUG=1 asks for it. inspect lets who
    has its rights look into it from outside, as does REACTOR_INSPECT=1. REACTOR_TRACER=MODULE:NAME
    asks for a tracer, one of name() for each reactor that is given none; REACTOR_WATCHDOG=SECONDS
    for a watchdog that logs what holds the loop for longer, unless inspect is False.

    A reactor belongs to the thread that made it: only call_threadsafe may be called from others.
    It does not survive a fork: in the child all but close and forget refuses.
    """

    def __init__(
        self,
        poller: Mechanism | None = None,
        *,
        clock: Clock = time.monotonic,
        tracer: Tracer | None = None,
        on_error: Callable[[object, Exception], object] = debugging.log_error,
        debug: bool | None = None,
        inspect: bool | None = None,
    ) -> None:
        if poller is not None and (isinstance(poller, type) or not hasattr(poller, "add")):
            raise TypeError(
                f"{poller!r} is no poller; give an EpollPoller(), or SelectorPoller(your_selector)"
            )
        tracer = asked.tracer_asked_for() if tracer is None else tracer
        own = default_poller() if poller is None else poller
        told = None if tracer is None else GuardedTracer(tracer, on_error)
        try:
            super().__init__(own, clock, told, debugging.asked_for() if debug is None else debug)
        except OSError:  # no descriptor for the waker, for instance
            own.close()
            raise
        self.on_error = on_error
        self._let_in(inspect)

    # -- the turn

    def _turn(self) -> None:
        events = self._wait()
        self._wake(events)
        self._expire()
        self._run()

    def _wait(self) -> list[tuple[int, int]]:
        """Sleep as long as the nearest deadline allows, and not at all if something is ready."""
        timers = self._timers
        patience: float | None = None
        if self.ready:
            patience = 0.0
        elif timers.heap or timers.fresh:
            patience = self._patience()
        if self.tracer is None:
            return self._sleep(patience)
        self.tracer.turn(patience)
        events = self._sleep(patience)
        self.tracer.poll(events)
        return events

    def _wake(self, events: list[tuple[int, int]]) -> None:
        """Queue whoever waits on what is ready."""
        if events:
            self._sides.wake(events)

    def _expire(self) -> None:
        """Queue the timers that are due. Without a timer there is no look at the clock."""
        timers = self._timers
        if timers.heap or timers.fresh:
            now = self.now()
            if now >= timers.soonest:
                timers.expire(now, self.ready)
            elif len(timers.fresh) > timers.room:
                timers.tidy()

    def _run(self) -> None:
        """Run what is ready when this step begins."""
        watched = self.tracer is not None or self.debug is not None
        what: Runnable | None
        batch = self._batch
        todo = iter(batch)
        try:
            batch += self.ready
            del self.ready[:]  # no call since, so that no interrupt comes between
            for what in todo:
                try:
                    if watched:
                        self._run_watched(what)
                    else:
                        what.run()
                except Exception as error:
                    self._fail(what, error)
        except BaseException:
            self.ready[:0] = todo  # what this cuts off comes first in the next turn
            raise
        finally:
            batch.clear()  # what has run is let go before the poller sleeps
            what = None  # and not kept by this frame, which the traceback of its error may keep

    def _patience(self) -> float | None:
        """Return how long it is until a timer is due, in seconds; None if all are cancelled."""
        patience = self._timers.next_due() - self.now()
        if 0.0 <= patience <= LONGEST:
            return patience
        return None if patience == inf else bounded(patience)

    def _fail(self, what: Runnable, error: Exception) -> None:
        if self.tracer is not None:
            self.tracer.error(what, error)
        self.on_error(what, error)

    def _run_watched(self, what: Runnable) -> None:
        if self.tracer is not None:
            self.tracer.run(what)
        if self.debug is not None:
            self.debug.run(what)
        else:
            what.run()

    # -- running

    def turn(self) -> None:
        """Take one turn.

        Raises BusyError while a reactor runs in this thread; refuses as run does.
        """
        self._enter()
        try:
            self._turn()
        finally:
            self._leave()
        self._end_child()

    def run(self) -> None:
        """Turn until stop() is called; at once, if it was called before. It may be run again.

        What a callback raises that is no Exception leaves run() at once, and what that cuts off
        runs in the next turn. Raises BusyError while a reactor runs in this thread, ClosedError,
        WrongThreadError, and ForkedError in a forked child, also when the fork was made by a
        callback that returns.
        """
        self._enter()
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._stopping = False
            self._leave()
        self._end_child()

    def stop(self) -> None:
        """Let run() return when the current batch is finished.

        From other threads: call_threadsafe(reactor.stop).
        """
        if self.debug is not None:
            self.debug.check()
        self._stopping = True


def running() -> Reactor | None:
    """Return the reactor that runs in this thread, None if none does."""
    reactor: Reactor | None = here.reactor
    return reactor
