"""Sleep: letting time pass."""

from __future__ import annotations

import pytest

from reactor import BusyError, TaskGroup, current_task, sleep
from reactor.testing import World
from tests.tasks.parts import now


@pytest.mark.in_order("first come, first run")
@pytest.mark.parametrize("seconds", [0, -5])
def test_a_sleep_of_no_time_lets_the_others_have_a_turn(seconds: float, world: World) -> None:
    order: list[str] = []

    async def main() -> None:
        current_task().reactor.call_soon(order.append, "other")
        await sleep(seconds)
        order.append(f"main at {now():g}")

    world.run(main)

    assert order == ["other", "main at 0"]


@pytest.mark.in_order("of those who wake at one moment, the first to lie down is first")
def test_sleepers_wake_in_order_of_time_and_then_of_arrival(world: World) -> None:
    order: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await sleep(seconds)
        order.append(name)

    async def main() -> None:
        async with TaskGroup() as group:
            for name, seconds in (("a", 3), ("b", 1), ("c", 3), ("d", 2)):
                group.spawn(sleeper, name, seconds)

    world.run(main)

    assert order == ["b", "d", "a", "c"]


def test_a_sleep_may_be_slept_again(world: World) -> None:
    async def main() -> float:
        nap = sleep(2)
        await nap
        await nap
        return now()

    assert world.run(main) == 4.0


def test_two_cannot_sleep_the_same_sleep(world: World) -> None:
    async def main() -> None:
        nap = sleep(2)
        async with TaskGroup() as group:
            group.spawn(lambda: nap)
            await sleep(1)
            with pytest.raises(BusyError, match="<Sleep 2 s> is slept by a task already; call"):
                await nap

    world.run(main)


def test_nobody_sleeps_for_nan_seconds() -> None:
    with pytest.raises(ValueError, match="cannot sleep for NaN seconds; give a number"):
        _ = sleep(float("nan"))
