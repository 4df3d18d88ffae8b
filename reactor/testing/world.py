"""World: a reactor in a world of its own, where time passes only when nothing else can happen.

Law of this file: an hour of timeouts takes milliseconds, and where a real loop would sleep for
ever, this one says that it would, and who waits for what. Descriptors are real (a socketpair does
nicely), and asked without waiting; what another thread or process will do is unknown here, so use
a real reactor for those.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar, TypeVarTuple

from reactor.loop import Reactor, Tracer
from reactor.poller import Mechanism, default_poller
from reactor.tasks import Operation, run_in
from reactor.watch import explain

from .clock import VirtualClock, VirtualPoller
from .shuffle import ShuffledReactor

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class World:
    """A reactor with a virtual clock, which starts at 0.

    poller finds what is ready, default_poller() unless given. An Exception that a callback lets
    out leaves run, unless on_error is given.

    Without a seed, what is ready runs first come, first run, as on any reactor. With one, a
    ShuffledReactor mixes it, the same way each time for the same seed: what goes wrong under one
    of many seeds relies on more than it was promised.
    """

    def __init__(
        self,
        poller: Mechanism | None = None,
        *,
        seed: int | None = None,
        tracer: Tracer | None = None,
        on_error: Callable[[object, Exception], object] | None = None,
        debug: bool = False,
    ) -> None:
        self.seed = seed
        self.clock: VirtualClock = VirtualClock()
        own = default_poller() if poller is None else poller
        self.poller: VirtualPoller = VirtualPoller(self.clock, own, self._explain)
        heard = _raise if on_error is None else on_error
        self.reactor: Reactor
        if seed is None:
            self.reactor = Reactor(
                self.poller,
                clock=self.clock,
                tracer=tracer,
                on_error=heard,
                debug=debug,
                inspect=False,
            )
        else:
            self.reactor = ShuffledReactor(
                seed, self.poller, clock=self.clock, tracer=tracer, on_error=heard, debug=debug
            )

    def run(self, fn: Callable[[*Ts], Operation[T] | Coroutine[Any, Any, T]], *args: *Ts) -> T:
        """Run fn(*args) as the main task to its end, and return its result.

        Raises what it raises, and DeadlockError, which tells who waits for what.
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

    def _explain(self) -> str:
        return explain(self.reactor)

    def __repr__(self) -> str:
        seed = "" if self.seed is None else f", seed {self.seed}"
        return f"<World at {self.clock.now:g} s{seed}>"


def _raise(what: object, error: Exception) -> None:
    raise error
