"""Foreign yields: what a coroutine may not wait for, and how little it takes to be waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from math import inf
from typing import Any

import pytest

from reactor import Steps, Task, coroutine, sleep
from reactor.testing import World
from tests.tasks.parts import now


@coroutine
def for_ever_marked() -> Steps[None]:
    yield from sleep(inf)


@pytest.mark.parametrize("thing", [None, 5, "text", object(), for_ever_marked()])
def test_what_is_no_trap_is_refused_at_the_yield_by_name(thing: Any, world: World) -> None:
    @coroutine
    def main() -> Steps[float]:
        with pytest.raises(TypeError, match="which is no trap; write `yield from`") as info:
            yield thing
        assert f"main, running> yielded {thing!r}" in str(info.value)
        yield from sleep(1)
        return now()

    assert world.run(main) == 1.0


def test_a_future_of_asyncio_is_refused(world: World) -> None:
    loop = asyncio.new_event_loop()
    future = loop.create_future()

    async def main() -> None:
        await future

    with pytest.raises(TypeError, match="yielded <Future pending>, which is no trap"):
        world.run(main)
    loop.close()


def test_a_sleep_of_asyncio_is_refused(world: World) -> None:
    with pytest.raises(TypeError, match="yielded None, which is no trap"):
        world.run(asyncio.sleep, 0)


def test_a_door_needs_no_more_than_park_and_abort(world: World) -> None:
    class Doorbell:
        def park(self, task: Task[Any]) -> None:
            task.reactor.call_later(2, task.wake, "ding")

        def abort(self, task: Task[Any]) -> bool:
            raise AssertionError("nothing is cancelled here")

    class Visit:
        def __await__(self) -> Generator[Doorbell, str, str]:
            return (yield Doorbell())

    async def main() -> str:
        return await Visit()

    assert world.run(main) == "ding"
