"""Races: what happens in the same turn as a cancellation."""

from __future__ import annotations

import pytest

from reactor import Scope, TaskGroup, checkpoint, current_task, move_on_after, sleep, timeout
from reactor.testing import World
from tests.tasks.parts import Cell, for_ever, now


def test_an_answer_that_came_before_the_cancellation_is_delivered(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        cell = Cell()

        def both() -> None:
            cell.answer("answer")
            scope.cancel()

        current_task().reactor.call_later(1, both)
        with Scope() as scope:
            log.append(await cell)
            await checkpoint()
            log.append("not reached")

    world.run(main)

    assert log == ["answer"]


def test_a_scope_cancelled_by_its_own_task_raises_at_the_next_park(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        with Scope() as scope:
            scope.cancel()
            log.append("still running")
            await checkpoint()
            log.append("not reached")

    world.run(main)

    assert log == ["still running"]


def test_a_task_that_is_ready_when_it_is_cancelled_takes_its_step(world: World) -> None:
    cell, log = Cell(), list[str]()

    async def child() -> None:
        log.append(await cell)
        await checkpoint()
        log.append("not reached")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(child)
            await sleep(1)
            cell.answer("step")
            group.cancel()

    world.run(main)

    assert log == ["step"]


@pytest.mark.in_order("of a sleep and a timer due together, the older is first")
def test_a_sleep_that_is_due_may_still_be_cancelled_in_the_same_turn(world: World) -> None:
    async def main() -> tuple[float, bool]:
        with Scope() as scope:
            current_task().reactor.call_at(1.0, scope.cancel)
            await sleep(1)
        return now(), scope.cancelled_caught

    assert world.run(main) == (1.0, True)


def test_an_answer_at_the_deadline_is_delivered(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        cell = Cell()
        current_task().reactor.call_at(1.0, cell.answer, "in time")
        with move_on_after(1) as scope:
            log.append(await cell)
            log.append(f"cancelled: {scope.cancel_called}")
            await checkpoint()
            log.append("not reached")

    world.run(main)

    assert log == ["in time", "cancelled: True"]


@pytest.mark.in_order("what was ready goes before the timers of its turn")
def test_a_task_that_is_ready_when_its_deadline_passes_gets_its_answer_first(
    world: World,
) -> None:
    log: list[str] = []

    async def main() -> None:
        cell = Cell()

        def slow() -> None:
            cell.answer("answer")
            world.clock.now += 10

        current_task().reactor.call_at(1.0, slow)
        with move_on_after(5) as scope:
            log.append(await cell)
            log.append(f"cancelled: {scope.cancel_called}")
            await for_ever()
        log.append(f"left at {now():g}")

    world.run(main)

    assert log == ["answer", "cancelled: False", "left at 11"]


@pytest.mark.in_order("what was ready goes before the timers of its turn")
def test_a_task_that_leaves_its_scope_in_the_turn_of_the_deadline_was_in_time(
    world: World,
) -> None:
    async def main() -> tuple[float, bool]:
        cell = Cell()

        def slow() -> None:
            cell.answer("answer")
            world.clock.now += 10

        current_task().reactor.call_at(1.0, slow)
        with move_on_after(5) as scope:
            await cell
        await sleep(1)
        return now(), scope.cancel_called

    assert world.run(main) == (12.0, False)


def test_of_two_timeouts_at_the_same_moment_the_inner_speaks(world: World) -> None:
    async def main() -> tuple[bool, bool]:
        with timeout(2) as outer:
            with pytest.raises(TimeoutError):
                with timeout(2) as inner:
                    await for_ever()
        return outer.cancel_called, inner.cancelled_caught

    assert world.run(main) == (True, True)


def test_after_two_deadlines_at_the_same_moment_the_next_park_is_cancelled_too(
    world: World,
) -> None:
    log: list[str] = []

    async def main() -> None:
        with timeout(2):
            with move_on_after(2):
                await for_ever()
            log.append("between")
            await checkpoint()
            log.append("not reached")

    with pytest.raises(TimeoutError):
        world.run(main)
    assert log == ["between"]


def test_the_earlier_of_two_deadlines_comes_first_whichever_is_outside(world: World) -> None:
    async def main() -> list[float]:
        times: list[float] = []
        with move_on_after(1):
            with move_on_after(5):
                await for_ever()
            times.append(-1)
        times.append(now())
        with move_on_after(5):
            with move_on_after(1):
                await for_ever()
            times.append(now())
            await for_ever()
        times.append(now())
        return times

    assert world.run(main) == [1.0, 2.0, 6.0]


def test_a_deadline_in_a_shield_is_kept_when_the_outer_one_has_passed(world: World) -> None:
    async def main() -> float:
        with move_on_after(1), move_on_after(3, shield=True):
            await for_ever()
        return now()

    assert world.run(main) == 3.0


def test_the_deadline_of_a_parent_reaches_its_children(world: World) -> None:
    async def main() -> float:
        with move_on_after(4):
            async with TaskGroup() as group:
                group.spawn(for_ever)
        return now()

    assert world.run(main) == 4.0
