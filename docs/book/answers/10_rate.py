"""Exercise 10: a rate limiter."""

from __future__ import annotations

from math import inf
from typing import Any

from reactor import Steps, TaskGroup, breathe, coroutine, current_task, sleep
from reactor.testing import World


class Rate:
    """So many a second, and at most burst at once after a pause.

    One number is all its state: the moment at which the next one is due if nobody has paused.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self.gap = 1 / per_second
        self.burst = burst
        self.due = -inf

    @coroutine
    def take(self) -> Steps[None]:
        now = current_task().reactor.now()
        mine = max(self.due, now - (self.burst - 1) * self.gap)
        self.due = mine + self.gap
        if mine > now:
            yield from sleep(mine - now)
        else:
            yield from breathe()


async def take_all(rate: Any, moments: list[float], world: World) -> None:
    async def one() -> None:
        await rate.take()
        moments.append(world.clock.now)

    async with TaskGroup() as group:
        for _ in range(5):
            group.spawn(one)
    await sleep(10)
    for _ in range(3):
        await one()


def check(mine: Any) -> None:
    moments: list[float] = []
    with World() as world:
        world.run(take_all, mine.Rate(2, burst=2), moments, world)
    assert moments[:5] == [0.0, 0.0, 0.5, 1.0, 1.5], moments
    assert moments[5:] == [11.5, 11.5, 12.0], "a pause of ten seconds earns two, not twenty"
