"""Line: what those who wait before any primitive of this floor have in common."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial

import pytest

from reactor import Operation, ReactorError, current_task, run, timeout
from reactor.sync import Barrier, CapacityLimiter, Condition, Event, Queue, Semaphore
from reactor.testing import World
from tests.sync.parts import Stage, played
from tests.threads import in_thread

Wait = Callable[[], Operation[object]]

MAKE: dict[str, Callable[[], Wait]] = {
    "Event": lambda: Event().wait,
    "Semaphore": lambda: Semaphore(1).acquire,
    "CapacityLimiter": lambda: CapacityLimiter(0).acquire,
    "Barrier": lambda: Barrier(9).wait,
    "Queue.get": lambda: Queue[str](1).get,
    "Queue.put": lambda: partial(Queue[str](0).put, "item"),
}

each_wait = pytest.mark.parametrize("make", MAKE.values(), ids=MAKE.keys())


@each_wait
def test_tasks_of_two_reactors_cannot_wait_for_one_thing(
    make: Callable[[], Wait], world: World
) -> None:
    async def script(stage: Stage) -> None:
        wait = make()

        async def stranger() -> None:
            with timeout(10):  # lest it waits for ever, should it be let in
                await wait()

        await stage.wait("first", wait)
        await stage.wait("second", wait)
        await stage.settle()
        with pytest.raises(ReactorError, match="of two reactors; give each reactor its own"):
            in_thread(lambda: run(stranger))

    played(world, script)


def test_who_cannot_wait_on_a_condition_has_its_lock_still(world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = Condition()

        async def waits() -> None:
            async with condition:
                await condition.wait()

        async def stranger() -> None:
            async with condition:
                with pytest.raises(ReactorError, match="of two reactors"), timeout(10):
                    await condition.wait()
                assert condition.lock.owner is current_task()

        stage.group.spawn(waits)
        await stage.settle()
        in_thread(lambda: run(stranger))

    played(world, script)


def left_to_the_collector(make: Callable[[], object]) -> int:
    """Return how many objects remain of what make makes, when it is let go."""
    gc.collect()
    gc.disable()
    try:
        make()
        return gc.collect()
    finally:
        gc.enable()


@each_wait
def test_what_is_let_go_does_not_wait_for_the_garbage_collector(make: Callable[[], Wait]) -> None:
    assert left_to_the_collector(make) == 0


def test_nor_does_a_condition_with_its_lock() -> None:
    assert left_to_the_collector(Condition) == 0
