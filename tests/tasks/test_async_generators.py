"""Async generators: a scope or a group inside one that is broken off early."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from reactor import Scope, ScopeError, TaskGroup, checkpoint, current_task, move_on_after, sleep
from reactor.testing import World
from tests.tasks.parts import fail_with, for_ever, messages, now


def test_a_scope_in_an_async_generator_that_is_broken_off_is_left_in_order(
    world: World,
) -> None:
    async def numbers() -> AsyncGenerator[int, None]:
        with move_on_after(100):
            for number in range(10):
                yield number
                await sleep(1)

    async def main() -> float:
        async for number in numbers():
            if number == 3:
                break
        await sleep(1000)
        return now()

    assert world.run(main) == 1003.0


def test_a_scope_in_an_async_generator_that_is_closed_too_early_is_an_error(
    world: World,
) -> None:
    async def numbers() -> AsyncGenerator[int, None]:
        with move_on_after(100):
            yield 1

    async def main() -> float:
        iterator = numbers()
        await anext(iterator)
        with Scope():
            with pytest.raises(ScopeError, match="is left out of order"):
                await iterator.aclose()
        await sleep(1)
        return now()

    assert world.run(main) == 1.0


def test_a_scope_in_an_async_generator_that_another_task_closes_is_an_error(
    world: World,
) -> None:
    async def numbers() -> AsyncGenerator[int, None]:
        with move_on_after(100):
            yield 1

    async def begin(iterator: AsyncGenerator[int, None]) -> None:
        await anext(iterator)
        await sleep(5)

    async def main() -> None:
        iterator = numbers()
        async with TaskGroup() as group:
            group.spawn(begin, iterator)
            await sleep(1)
            with pytest.raises(ScopeError, match="not by the task that entered it"):
                await iterator.aclose()

    world.run(main)


def test_a_group_in_an_async_generator_that_is_closed_cancels_its_tasks_and_waits_for_them(
    world: World,
) -> None:
    log: list[str] = []

    async def slow_to_end() -> None:
        try:
            await for_ever()
        finally:
            with Scope(shield=True):
                await sleep(2)
            log.append("task ended")

    async def numbers() -> AsyncGenerator[int, None]:
        async with TaskGroup() as group:
            group.spawn(slow_to_end)
            yield 1

    async def main() -> float:
        iterator = numbers()
        await anext(iterator)
        await checkpoint()
        await iterator.aclose()
        log.append("closed")
        return now()

    assert world.run(main) == 2.0
    assert log == ["task ended", "closed"]


def test_a_group_in_an_async_generator_that_is_closed_tells_of_failures(world: World) -> None:
    async def numbers() -> AsyncGenerator[int, None]:
        async with TaskGroup() as group:
            group.spawn(fail_with, ValueError("unheard"))
            yield 1

    async def main() -> None:
        iterator = numbers()
        await anext(iterator)
        with pytest.raises(ExceptionGroup) as info:
            await iterator.aclose()
        assert messages(info.value) == ["unheard"]
        assert current_task().scope.cancelling is False

    world.run(main)
