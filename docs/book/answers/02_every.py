"""Exercise 2: a call each second, that does not drift."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactor import Reactor
from reactor.testing import World


def every(reactor: Reactor, seconds: float, fn: Callable[[], object]) -> None:
    when = reactor.now() + seconds

    def again() -> None:
        nonlocal when
        while when <= reactor.now():
            when += seconds
        reactor.call_at(when, again)
        fn()

    reactor.call_at(when, again)


def check(mine: Any) -> None:
    moments: list[float] = []
    took = [0.25, 0.25, 2.5, 0.25, 0.25, 0.25]
    with World() as world:

        def work() -> None:
            moments.append(world.clock.now)
            world.clock.advance(took[len(moments) - 1])

        mine.every(world.reactor, 1.0, work)
        world.run_until(7.5)
    assert moments == [1.0, 2.0, 3.0, 5.5, 6.0, 7.0], moments
