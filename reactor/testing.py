"""World: a reactor in a world of its own, where time passes only when nothing else can happen.

Law of this file: the poller is the only thing that sleeps and the clock is an argument, so a
poller that moves the clock instead of sleeping is a whole virtual world. An hour of timeouts
takes milliseconds, and where a real loop would sleep for ever, this one says that it would.
Descriptors are real (a socketpair does nicely), and asked without waiting; what another thread or
process will do is unknown here, so use a real reactor for those.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from math import nextafter
from typing import Any, Self, TypeVar, TypeVarTuple

from reactor.errors import DeadlockError
from reactor.loop import Reactor, Tracer
from reactor.poller import Mechanism, default_poller
from reactor.tasks import Operation, run_in

__all__ = ["DeadlockError", "VirtualClock", "VirtualPoller", "World"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class VirtualClock:
    """A clock that shows what it was set to: call it to read it, in seconds."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on by seconds; where the sum must be rounded, to the moment before."""
        later = self.now + seconds
        before = nextafter(later, self.now)
        # Past the deadline there would be no way back; what is missing comes in the next turn.
        self.now = before if before - self.now >= seconds else later


class VirtualPoller:
    """A poller that never sleeps: with nothing ready, it moves clock on.

    poller finds what is ready.
    """

    def __init__(self, clock: VirtualClock, poller: Mechanism) -> None:
        self.readable = poller.readable
        self.writable = poller.writable
        self._clock = clock
        self._poller = poller

    def add(self, fd: int, events: int) -> None:
        """Pass it on."""
        self._poller.add(fd, events)

    def change(self, fd: int, old: int, new: int) -> None:
        """Pass it on."""
        self._poller.change(fd, old, new)

    def drop(self, fd: int, events: int) -> None:
        """Pass it on."""
        self._poller.drop(fd, events)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        """Return what is ready; if nothing is, let timeout seconds pass.

        Raises DeadlockError for None.
        """
        events = self._poller.wait(0.0)
        if not events:
            if timeout is None:
                raise DeadlockError(
                    f"at {self._clock.now:g} s nothing can happen any more: no timer is set and no "
                    "watched descriptor is ready; whoever waits, waits for ever"
                )
            self._clock.advance(timeout)
        return events

    def close(self) -> None:
        """Pass it on."""
        self._poller.close()


class World:
    """A reactor with a virtual clock, which starts at 0.

    poller finds what is ready, default_poller() unless given. An Exception that a callback lets
    out leaves run, unless on_error is given.
    """

    def __init__(
        self,
        poller: Mechanism | None = None,
        *,
        tracer: Tracer | None = None,
        on_error: Callable[[object, Exception], object] | None = None,
        debug: bool = False,
    ) -> None:
        self.clock = VirtualClock()
        self.poller = VirtualPoller(self.clock, default_poller() if poller is None else poller)
        self.reactor = Reactor(
            self.poller,
            clock=self.clock,
            tracer=tracer,
            on_error=_raise if on_error is None else on_error,
            debug=debug,
        )

    def run(self, fn: Callable[[*Ts], Operation[T] | Coroutine[Any, Any, T]], *args: *Ts) -> T:
        """Run fn(*args) as the main task to its end, and return its result.

        Raises what it raises, and DeadlockError.
        """
        return run_in(self.reactor, fn, *args)

    def run_until(self, when: float) -> None:
        """Let time pass until the clock shows when, in seconds, or the reactor is stopped.

        What is due by then has run, unless it was made in the very turn of that moment.
        """
        if when < self.clock.now:
            raise ValueError(
                f"it is {self.clock.now:g} s already; time does not go back to {when:g}"
            )
        stop = self.reactor.call_at(when, self.reactor.stop)
        try:
            self.reactor.run()
        finally:
            stop.cancel()

    def close(self) -> None:
        """Close the reactor."""
        self.reactor.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()


def _raise(what: object, error: Exception) -> None:
    raise error
