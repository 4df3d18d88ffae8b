"""Exercise 11: to try again, but not against a cancellation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from reactor import move_on_after, sleep
from reactor.testing import World

T = TypeVar("T")


async def retry(fn: Callable[[], Awaitable[T]], times: int, pause: float) -> T:
    for _ in range(times - 1):
        try:
            return await fn()
        except OSError:
            await sleep(pause)
            pause *= 2
    return await fn()


async def limited(mine: Any, tries: list[float], world: World) -> None:
    async def hang() -> None:
        tries.append(world.clock.now)
        await sleep(60)

    with move_on_after(2.5):
        await mine.retry(hang, 5, 1.0)


async def refused(mine: Any, tries: list[float], world: World) -> str:
    async def connect() -> str:
        tries.append(world.clock.now)
        if len(tries) < 4:
            raise ConnectionRefusedError
        return "in"

    answer: str = await mine.retry(connect, 5, 1.0)
    return answer


class Odd(BaseException):
    """Neither an OSError nor an Exception."""


def tries_for(mine: Any, error: BaseException) -> int:
    tries = []

    async def fail() -> None:
        tries.append(error)
        raise error

    with World() as world:
        try:
            world.run(mine.retry, fail, 5, 1.0)
        except type(error):
            pass
    return len(tries)


def check(mine: Any) -> None:
    tries: list[float] = []
    with World() as world:
        world.run(limited, mine, tries, world)
        assert tries == [0.0], f"it was cancelled, and tried again: {tries}"
    tries.clear()
    with World() as world:
        assert world.run(refused, mine, tries, world) == "in"
        assert tries == [0.0, 1.0, 3.0, 7.0], tries
    assert tries_for(mine, ConnectionRefusedError()) == 5
    assert tries_for(mine, ValueError()) == 1, "that is no OSError"
    assert tries_for(mine, Odd()) == 1, "that is no OSError"
