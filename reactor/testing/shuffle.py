"""Shuffle: what is ready in one turn, in an order that a seed decides.

Law of this file: a promise is kept under every seed. Calls that were asked for by call_soon keep
their order among themselves, and so do timers; a task and a watch were promised a turn, no place
in it. The turn keeps its four steps: what the fourth finds ready is mixed before it begins, and
nothing else is touched.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from reactor.loop import Clock, Handle, Reactor, Runnable, Timer, Tracer, Watch
from reactor.poller import Mechanism
from reactor.tasks import Task

_LINES: Final = ("calls", "timers")


class ShuffledReactor(Reactor):
    """A reactor that mixes what is ready in each turn, by seed; the rest is as Reactor takes it.

    A program under it is the same program each time for the same seed, as long as what it hears
    from outside is the same.
    """

    def __init__(
        self,
        seed: int,
        poller: Mechanism | None = None,
        *,
        clock: Clock,
        tracer: Tracer | None = None,
        on_error: Callable[[object, Exception], object],
        debug: bool | None = None,
    ) -> None:
        super().__init__(
            poller, clock=clock, tracer=tracer, on_error=on_error, debug=debug, inspect=False
        )
        self._dice = Random(seed)

    def _run(self) -> None:
        if len(self.ready) > 1:
            self.ready[:] = shuffled(self.ready, self._dice)
        super()._run()


def shuffled(ready: list[Runnable], dice: Random) -> list[Runnable]:
    """Return what is ready in an order that dice decides, the calls and the timers of it each in
    the order in which they came.
    """
    lines = {line: iter([what for what in ready if _line_of(what) == line]) for line in _LINES}
    mixed = dice.sample(ready, len(ready))
    return [next(lines[line]) if (line := _line_of(what)) else what for what in mixed]


def _line_of(what: Runnable) -> str:
    """Return which line what stands in, none if it may pass everybody."""
    if isinstance(what, Timer):
        # One that runs a task is a task that has slept.
        return "" if isinstance(getattr(what.fn, "__self__", None), Task) else "timers"
    return "calls" if isinstance(what, Handle) and not isinstance(what, Watch) else ""
