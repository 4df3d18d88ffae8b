"""Watchdog: tells that a loop is held, by what, and where that stands, while it is.

Law of this file: the loop does nothing for it but what its pulse does. A thread looks twice per
limit while a turn is at work, at the one moment when the limit is over, and then ever less often.
What was looked at twice in one turn ran all the time between.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Self

from reactor.errors import ReactorError
from reactor.loop import Clock, Reactor, Runnable, log

from .explanation import Place
from .now import Running, running_now
from .pulse import Pulse

_GROWTH: Final = 2.0
"""By how much longer it is until the same hold is told again."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A turn of reactor that is at work for longer than was allowed.

    what runs in it, and has for so long as was looked, if alone; else what runs now is one of many.
    seconds is how long it has lasted, stack where what stands, from its own function inwards. over
    says that the loop has gone on; then stack is empty, and seconds all that it took.
    """

    reactor: Reactor
    what: Runnable
    alone: bool
    seconds: float
    stack: tuple[Place, ...]
    over: bool

    def __str__(self) -> str:
        who = repr(self.what) if self.alone else "a turn of many calls"
        if self.over:
            return f"{who} held the loop for {self.seconds:.3f} seconds, and has let it go"
        first = f"{who} has held the loop for {self.seconds:.3f} seconds, and holds it"
        if not self.alone:
            first += f"; now it runs {self.what!r}"
        return "\n".join([first, *(f"  at {place}" for place in self.stack)])


def log_hold(hold: Hold) -> None:
    """Log it as a warning: a watchdog's report, unless another is given."""
    log().warning("%s", hold)


class Watchdog:
    """Looks after the loop of reactor, until close() or the end of a `with` block.

    report(hold) hears in a thread of its own, when a turn has been at work for more than seconds;
    again after twice as long, and so on; and when the loop goes on. What it raises is logged. A
    loop that sleeps or does not run is not held, and a process that was stopped meanwhile (SIGSTOP)
    begins anew. It keeps its reactor until either is closed. Made in the reactor's thread. Raises
    ValueError unless seconds is more than 0.

    spent tells for how many seconds the process has worked, and bell is what the thread sleeps in:
    other ones than these are for tests.
    """

    def __init__(
        self,
        reactor: Reactor,
        seconds: float = 0.5,
        report: Callable[[Hold], object] = log_hold,
        *,
        spent: Clock = time.process_time,
        bell: threading.Condition | None = None,
    ) -> None:
        if not seconds > 0:
            raise ValueError(f"a loop cannot be held for {seconds} seconds; give more than 0")
        self.reactor: Reactor = reactor
        self.seconds: float = seconds
        self._report = report
        self._clock = reactor.now
        self._spent = spent
        self._pulse: Pulse = reactor.belonging(Pulse)
        self._bell = threading.Condition() if bell is None else bell
        self._closed = False
        self._process = os.getpid()
        self._rested: tuple[int, float] = (-1, 0.0)  # which turn has ended, and how long it was
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more. A report that is under way is waited for. Again: nothing."""
        if os.getpid() != self._process:
            return  # a forked child has no such thread
        with self._bell:
            self._closed = True
            self._bell.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def forked(self) -> None:
        """This is a child, which has no such thread."""

    def _watch(self) -> None:
        pulse, stopped = self._pulse, 0.0
        while self._may_look():
            turn, woke = pulse.turns, pulse.woke
            if pulse.awake and pulse.turns == turn:
                stopped = self._follow(turn, woke, stopped)
            else:
                stopped = self._rest(self.seconds / 2, turn)

    def _follow(self, turn: int, woke: float, stopped: float) -> float:
        """Look at one turn until it has ended, and tell of it when it lasts too long.

        For how long the process was stopped in the rest before comes in, and in the last one goes
        out: the turn that is found then may have begun before that.
        """
        began = min(woke + stopped, self._clock())
        patience = self.seconds / 2
        seen = told = None
        while True:
            stopped = self._rest(began + patience - self._clock(), turn)
            began += stopped
            running = running_now(self.reactor, self._pulse.thread)
            if self._pulse.turns != turn or not self._may_look():
                break
            if running is None:  # the loop does not run
                if told is not None:
                    break
                began = self._clock()
            elif patience < self.seconds:
                patience, seen = self.seconds, running.what
            else:
                if told is None:
                    self._pulse.when_at_rest(self._hear)
                told = self._hold(running, running.what is seen, self._clock() - began)
                self._tell(told)
                patience, seen = patience * _GROWTH, running.what
        if told is not None:
            lasted = self._clock() - began
            if self._rested[0] == turn:
                lasted = self._rested[1] - (began - woke)
            self._tell(replace(told, seconds=lasted, stack=(), over=True))
        return stopped

    def _hold(self, running: Running, alone: bool, seconds: float) -> Hold:
        return Hold(self.reactor, running.what, alone, seconds, running.stack, over=False)

    def _rest(self, seconds: float, turn: int) -> float:
        """Wait so long, or until turn or all is over, and return for how many seconds the process
        was stopped meanwhile: it has not worked, and nothing can have held it.
        """
        nap = min(max(seconds, 0.0), threading.TIMEOUT_MAX)
        began, spent = self._clock(), self._spent()
        with self._bell:
            # A turn may end while its report is written: nobody would hear the bell.
            if not self._closed and nap > 0 and self._rested[0] != turn:
                self._bell.wait(nap)
        late = self._clock() - began - nap
        return late if late > self.seconds / 2 and self._spent() - spent < late / 2 else 0.0

    def _hear(self, turn: int, seconds: float) -> None:
        with self._bell:
            self._rested = turn, seconds
            self._bell.notify()

    def _may_look(self) -> bool:
        return not self._closed and not self._pulse.over

    def _tell(self, hold: Hold) -> None:
        try:
            self._report(hold)
        except Exception as error:
            log().error("the report of %r failed", self, exc_info=error)

    def __repr__(self) -> str:
        return f"<Watchdog of {self.reactor!r}, {self.seconds:g} s>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()


def watchdog_asked_for(reactor: Reactor) -> Watchdog:
    """Return a watchdog of reactor that allows as many seconds as REACTOR_WATCHDOG says.

    Raises ReactorError if that is no number above 0.
    """
    asked = os.environ["REACTOR_WATCHDOG"]
    try:
        return Watchdog(reactor, float(asked))
    except ValueError as error:
        raise ReactorError(
            f"REACTOR_WATCHDOG asks for {asked!r} seconds; give a number above 0"
        ) from error
