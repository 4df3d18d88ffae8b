"""Exercise 12: ask another one, if the first is slow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from reactor import first_of, sleep
from reactor.testing import World

T = TypeVar("T")


async def hedged(
    first: Callable[[], Awaitable[T]], second: Callable[[], Awaitable[T]], seconds: float
) -> T:
    async def at_once() -> T:
        return await first()

    async def later() -> T:
        await sleep(seconds)
        return await second()

    return await first_of(at_once, later)


async def ask(told: list[str], name: str, seconds: float) -> str:
    told.append(f"{name} begins")
    try:
        await sleep(seconds)
        return name
    finally:
        told.append(f"{name} ends")


def outcome(mine: Any, one: float, two: float) -> tuple[str, float, list[str]]:
    told: list[str] = []
    with World() as world:
        answer = world.run(
            mine.hedged, partial(ask, told, "first", one), partial(ask, told, "second", two), 1.0
        )
        return answer, world.clock.now, told


def check(mine: Any) -> None:
    quick = outcome(mine, 0.5, 2)
    assert quick == ("first", 0.5, ["first begins", "first ends"]), quick
    slow = outcome(mine, 10, 2)
    assert slow[:2] == ("second", 3.0), slow
    assert "first ends" in slow[2], "the loser is still running"
    late = outcome(mine, 2.5, 5)
    assert late[:2] == ("first", 2.5), "the first one was given up too soon"
