"""The timer of a task: there is one, however many deadlines its scopes have."""

from __future__ import annotations

import pytest

from reactor import (
    DeadlockError,
    Runnable,
    Scope,
    TaskGroup,
    Timer,
    checkpoint,
    current_task,
    move_on_after,
    sleep,
    timeout,
)
from reactor.testing import World
from tests.tasks.parts import Heard, Unmoved, for_ever, now


class Alarms(Unmoved):
    """Counts the timers that ring; World's clock and sleeps have theirs too."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def run(self, what: Runnable) -> None:
        if isinstance(what, Timer):
            self.times.append(what.when)


def test_many_deadlines_that_are_kept_cost_one_timer(seed: int | None) -> None:
    alarms = Alarms()

    async def main() -> None:
        for seconds in range(100, 200):
            with timeout(seconds):
                await checkpoint()
        await sleep(1000)

    with World(tracer=alarms, seed=seed) as world:
        world.run(main)

    assert alarms.times == [100.0, 1000.0]


def test_a_later_deadline_inside_does_not_touch_the_timer(world: World) -> None:
    async def main() -> bool:
        with move_on_after(10):
            first = current_task().alarm
            with move_on_after(20):
                second = current_task().alarm
        return first is second

    assert world.run(main)


def test_an_earlier_deadline_inside_brings_the_timer_forward(world: World) -> None:
    async def main() -> list[float]:
        with move_on_after(20):
            with move_on_after(10):
                await for_ever()
            inner = now()
            await for_ever()
        return [inner, now()]

    assert world.run(main) == [10.0, 20.0]


def test_a_timer_that_rings_for_a_scope_left_long_ago_is_set_for_the_next(world: World) -> None:
    async def main() -> float:
        with move_on_after(1):
            pass
        with move_on_after(7):
            await for_ever()
        return now()

    assert world.run(main) == 7.0


def test_a_scope_that_was_cancelled_by_hand_before_its_deadline_is_not_rung_for(
    seed: int | None,
) -> None:
    alarms = Alarms()

    async def main() -> None:
        with move_on_after(5), move_on_after(50) as inner:
            inner.cancel()
            with Scope(shield=True):
                await sleep(10)

    with World(tracer=alarms, seed=seed) as world:
        world.run(main)

    assert alarms.times == [5.0, 10.0]


def test_the_timer_goes_with_its_task(world: World) -> None:
    async def hasty() -> None:
        with timeout(1000):
            await checkpoint()

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(hasty)

    world.run(main)

    with pytest.raises(DeadlockError, match="at 0 s"):
        world.reactor.run()


def test_a_deadline_whose_task_has_ended_inside_rings_for_nobody(seed: int | None) -> None:
    heard = Heard()

    async def careless() -> None:
        timeout(1).__enter__()

    async def main() -> None:
        with pytest.raises(ExceptionGroup):
            async with TaskGroup() as group:
                group.spawn(careless)
        await sleep(5)

    with World(on_error=heard, seed=seed) as world:
        world.run(main)

    assert heard.errors == []
