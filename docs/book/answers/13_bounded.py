"""Exercise 13: many calls, a few at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from reactor import TaskGroup, sleep
from reactor.testing import World

T = TypeVar("T")
V = TypeVar("V")


async def map_bounded(fn: Callable[[T], Awaitable[V]], items: list[T], most: int) -> list[V]:
    results: dict[int, V] = {}
    left = iter(enumerate(items))  # shared: who is done takes the next

    async def work() -> None:
        for number, item in left:
            results[number] = await fn(item)

    async with TaskGroup() as group:
        for _ in range(most):
            group.spawn(work)
    return [results[number] for number in range(len(items))]


async def double(running: list[int], seconds: float) -> float:
    running[0] += 1
    running[1] = max(running)
    try:
        await sleep(seconds)
        return 2 * seconds
    finally:
        running[0] -= 1


async def fail(seconds: float) -> float:
    await sleep(seconds)
    if seconds == 2:
        raise ValueError("two")
    return seconds


def check(mine: Any) -> None:
    running = [0, 0]

    async def call(seconds: float) -> float:
        return await double(running, seconds)

    with World() as world:
        assert world.run(mine.map_bounded, call, [3.0, 1.0, 1.0, 1.0], 2) == [6.0, 2.0, 2.0, 2.0]
        assert running == [0, 2], f"{running[1]} at a time"
        assert world.clock.now == 3.0, "who is done does not wait for the others"
    with World() as world:
        try:
            world.run(mine.map_bounded, fail, [60.0, 2.0, 60.0], 2)
        except* ValueError:
            pass
        assert world.clock.now == 2.0, "a failure ends the rest"
