"""Shuffle: what is ready in one turn, in an order that a seed decides.

Law of this file: a promise is kept under every seed. Calls that were asked for by call_soon keep
their order among themselves, and so do timers; a task and a watch were promised a turn, no place
in it. The turn keeps its four steps: what the fourth finds ready is mixed before it begins, and
nothing else is touched.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from reactor.loop import Clock, Handle, Reactor, Runnable, Timer, Tracer, Watch
from reactor.poller import Mechanism
from reactor.tasks import Task


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
        super().__init__(poller, clock=clock, tracer=tracer, on_error=on_error, debug=debug)
        self._dice = Random(seed)

    def _run(self) -> None:
        if len(self.ready) > 1:
            self.ready[:] = shuffled(self.ready, self._dice)
        super()._run()


def shuffled(ready: list[Runnable], dice: Random) -> list[Runnable]:
    """Return what is ready in an order that dice decides, each call behind the calls before it,
    and each timer behind the timers before it.
    """
    mixed: list[Runnable] = []
    last = {"call": -1, "timer": -1}  # where the latest of a line stands
    for what in ready:
        line = _line_of(what)
        place = dice.randint(last[line] + 1 if line else 0, len(mixed))
        mixed.insert(place, what)
        for name, at in last.items():
            if at >= place:
                last[name] = at + 1
        if line:
            last[line] = place
    return mixed


def _line_of(what: Runnable) -> str:
    """Return which line what stands in, none if it may pass everybody."""
    if isinstance(what, Timer):
        # One that runs a task is a task that has slept.
        return "" if isinstance(getattr(what.fn, "__self__", None), Task) else "timer"
    return "call" if isinstance(what, Handle) and not isinstance(what, Watch) else ""
