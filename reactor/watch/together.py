"""Tracers: several tracers at once, where a reactor takes one.

Law of this file: each is told as if it were alone, in the order in which they were given. One that
fails is logged and told no more; one that has Enough just is told no more. The others hear nothing
of either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reactor.loop import Enough, Runnable, Timer, Tracer, log
from reactor.poller import Mechanism


class Tracers(Tracer):
    """A tracer that passes on what it is told: `tracer=Tracers(one, other)`."""

    def __init__(self, *tracers: Tracer) -> None:
        self.tracers: list[Tracer] = list(tracers)

    def _tell(self, hook: str, *args: object) -> None:
        for tracer in tuple(self.tracers):
            try:
                getattr(tracer, hook)(*args)
            except Enough:
                self.tracers.remove(tracer)
            except Exception as error:
                self.tracers.remove(tracer)
                log().error("%r failed in %s, and is told no more", tracer, hook, exc_info=error)

    def begin(self, clock: Callable[[], float], poller: Mechanism) -> None:
        self._tell("begin", clock, poller)

    def end(self) -> None:
        self._tell("end")

    def turn(self, patience: float | None) -> None:
        self._tell("turn", patience)

    def poll(self, events: Sequence[tuple[int, int]]) -> None:
        self._tell("poll", events)

    def wake(self, what: Runnable) -> None:
        self._tell("wake", what)

    def run(self, what: Runnable) -> None:
        self._tell("run", what)

    def error(self, what: Runnable, error: Exception) -> None:
        self._tell("error", what, error)

    def schedule(self, timer: Timer) -> None:
        self._tell("schedule", timer)

    def cancel(self, timer: Timer) -> None:
        self._tell("cancel", timer)

    def watch(self, fd: int, event: int, who: Runnable | None) -> None:
        self._tell("watch", fd, event, who)

    def disarm(self, fd: int, event: int) -> None:
        self._tell("disarm", fd, event)

    def forget(self, fd: int) -> None:
        self._tell("forget", fd)

    def spawn(self, what: Runnable) -> None:
        self._tell("spawn", what)

    def throw(self, what: Runnable, error: BaseException) -> None:
        self._tell("throw", what, error)

    def park(self, what: Runnable, door: object) -> None:
        self._tell("park", what, door)

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        self._tell("finish", what, error)
