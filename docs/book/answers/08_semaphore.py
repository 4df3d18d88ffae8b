"""Exercise 8: a semaphore from a WaitQueue."""

from __future__ import annotations

from typing import Any

from reactor import Steps, TaskGroup, WaitQueue, checkpoint, coroutine, sleep
from reactor.testing import World


class Semaphore:
    def __init__(self, value: int) -> None:
        self.value = value
        self.waiting: WaitQueue[None] = WaitQueue()

    @coroutine
    def acquire(self) -> Steps[None]:
        if self.value > 0:
            self.value -= 1
        else:
            yield from self.waiting  # who wakes this one hands over his own permit

    def release(self) -> None:
        if not self.waiting.wake_one(None):
            self.value += 1


async def crowd(semaphore: Any, most: list[int]) -> None:
    inside = 0

    async def visit() -> None:
        nonlocal inside
        await semaphore.acquire()
        try:
            inside += 1
            most[0] = max(most[0], inside)
            await sleep(1)
        finally:
            inside -= 1
            semaphore.release()

    async with TaskGroup() as group:
        for _ in range(6):
            group.spawn(visit)


async def barge(semaphore: Any, order: list[str]) -> None:
    """One waits; the permit is released; another comes in the very turn, before the first runs."""

    async def visit(name: str) -> None:
        await semaphore.acquire()
        order.append(name)
        await sleep(1)
        semaphore.release()

    await semaphore.acquire()
    async with TaskGroup() as group:
        group.spawn(visit, "first")
        await checkpoint()
        await checkpoint()
        semaphore.release()
        await visit("second")


async def cancelled(semaphore: Any) -> None:
    """One is cancelled in the turn in which he is let in: the permit is not lost."""

    async def visit() -> None:
        await semaphore.acquire()
        try:
            await checkpoint()
        finally:
            semaphore.release()

    await semaphore.acquire()
    async with TaskGroup() as group:
        group.spawn(visit)
        await checkpoint()
        await checkpoint()
        semaphore.release()
        group.cancel()
    await semaphore.acquire()


def check(mine: Any) -> None:
    most, order = [0], list[str]()
    with World() as world:
        world.run(crowd, mine.Semaphore(2), most)
        assert (most, world.clock.now) == ([2], 3.0)
        world.run(barge, mine.Semaphore(1), order)
        assert (order, world.clock.now) == (["first", "second"], 5.0)
        world.run(cancelled, mine.Semaphore(1))
