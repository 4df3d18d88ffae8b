"""Joining: waiting for the end of a task, by as many as care."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reactor import (
    ReactorError,
    Task,
    TaskCancelledError,
    TaskGroup,
    checkpoint,
    current_task,
    sleep,
)
from reactor.testing import World
from tests.tasks.parts import fail_after, for_ever, give, now


async def joined(task: Task[Any], log: list[str], name: str) -> None:
    """Note what task ends with."""
    try:
        log.append(f"{name} {await task.join()}")
    except Exception as error:
        log.append(f"{name} {type(error).__name__}")


def test_join_brings_the_result(world: World) -> None:
    async def main() -> tuple[str, float]:
        async with TaskGroup() as group:
            result = await group.spawn(give, "gift").join()
        return result, now()

    assert world.run(main) == ("gift", 1.0)


def test_join_of_one_that_is_done_does_not_park(world: World) -> None:
    order: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            task = group.spawn(give, "gift")
        current_task().reactor.call_soon(order.append, "other")
        order.append(await task.join())

    world.run(main)

    assert order == ["gift"]


@pytest.mark.in_order("who is woken first goes on first")
def test_several_may_join_and_are_woken_in_order_of_arrival(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            task = group.spawn(give, "gift")
            for name in "abc":
                group.spawn(joined, task, log, name)

    world.run(main)

    assert log == ["a gift", "b gift", "c gift"]


def on_its_own(fn: Callable[[list[Task[Any]]], Any], log: list[str], world: World) -> None:
    """Have fn run a task in a group inside of its own task, and another task join that."""

    async def main() -> None:
        tasks: list[Task[Any]] = []
        async with TaskGroup() as group:
            group.spawn(fn, tasks)
            while not tasks:
                await checkpoint()
            await joined(tasks[0], log, "joiner")

    world.run(main)


def test_join_raises_what_the_task_failed_with(world: World) -> None:
    log: list[str] = []

    async def keeper(tasks: list[Task[Any]]) -> None:
        with pytest.raises(ExceptionGroup):
            async with TaskGroup() as group:
                tasks.append(group.spawn(fail_after, 1, ValueError("failed")))

    on_its_own(keeper, log, world)

    assert log == ["joiner ValueError"]


def test_join_of_one_that_is_cancelled_raises_an_error_that_is_no_cancellation(
    world: World,
) -> None:
    log: list[str] = []

    async def keeper(tasks: list[Task[Any]]) -> None:
        async with TaskGroup() as group:
            tasks.append(group.spawn(for_ever))
            await sleep(1)
            group.cancel()

    on_its_own(keeper, log, world)

    assert log == [f"joiner {TaskCancelledError.__name__}"]


def test_a_failure_reaches_the_body_that_joins_once_by_the_group(world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            await group.spawn(fail_after, 1, ValueError("failed")).join()

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    assert [str(error) for error in info.value.exceptions] == ["failed"]


def test_nobody_waits_for_his_own_end(world: World) -> None:
    async def main() -> None:
        with pytest.raises(ReactorError, match="main, running> waits for its own end; join it"):
            await current_task().join()

    world.run(main)
