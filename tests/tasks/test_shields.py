"""Shields: where cancelling stops."""

from __future__ import annotations

import pytest

from reactor import Cancelled, Scope, TaskGroup, checkpoint, move_on_after, sleep
from reactor.testing import World
from tests.tasks.parts import for_ever, now


def test_a_shield_keeps_out_what_is_cancelled_around_it(world: World) -> None:
    async def main() -> tuple[float, bool]:
        with move_on_after(1) as outer:
            with Scope(shield=True):
                await sleep(5)
            shielded = now()
            await checkpoint()
        return shielded, outer.cancelled_caught

    assert world.run(main) == (5.0, True)


def test_a_shield_may_be_entered_inside_a_cancelled_scope(world: World) -> None:
    async def main() -> float:
        with Scope() as scope:
            scope.cancel()
            with pytest.raises(Cancelled):
                await checkpoint()
            with Scope(shield=True):
                await sleep(2)
        return now()

    assert world.run(main) == 2.0


def test_a_shield_can_be_cancelled_itself(world: World) -> None:
    async def main() -> tuple[float, bool]:
        with move_on_after(1):
            with move_on_after(3, shield=True) as shield:
                await for_ever()
        return now(), shield.cancelled_caught

    assert world.run(main) == (3.0, True)


def test_a_scope_inside_a_shield_can_be_cancelled(world: World) -> None:
    async def main() -> list[float]:
        times: list[float] = []
        with move_on_after(1):
            with Scope(shield=True):
                with move_on_after(2):
                    await for_ever()
                times.append(now())
                await sleep(2)
                times.append(now())
        return times

    assert world.run(main) == [2.0, 4.0]


def test_a_shield_covers_the_tasks_of_a_group_inside(world: World) -> None:
    async def main() -> float:
        with move_on_after(1):
            with Scope(shield=True):
                async with TaskGroup() as group:
                    group.spawn(sleep, 5)
        return now()

    assert world.run(main) == 5.0


def test_a_child_in_a_shield_is_waited_for_when_its_group_is_cancelled(world: World) -> None:
    async def careful() -> None:
        with Scope(shield=True):
            await sleep(5)

    async def main() -> float:
        async with TaskGroup() as group:
            group.spawn(careful)
            await sleep(1)
            group.cancel()
        return now()

    assert world.run(main) == 5.0
