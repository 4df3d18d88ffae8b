"""What strict mypy accepts of what tasks wait for together, and what it infers, in either form."""

from __future__ import annotations

from math import inf
from typing import Any, assert_type

from reactor import Operation, Steps, Task, TaskGroup, Trap, coroutine, timeout
from reactor.sync import (
    Barrier,
    CapacityLimiter,
    Condition,
    Event,
    Holding,
    Lock,
    Queue,
    Semaphore,
)


@coroutine
def holds_in_a_generator(
    lock: Lock, semaphore: Semaphore, limiter: CapacityLimiter, condition: Condition
) -> Steps[int]:
    with (yield from lock.acquire()) as nothing:
        assert_type(nothing, None)
    holding = yield from semaphore.acquire()
    assert_type(holding, Holding)
    with holding, limiter.acquire_nowait(), timeout(5):
        pass
    with (yield from condition.acquire()):
        assert_type((yield from condition.wait()), None)
        assert_type((yield from condition.wait_for(lambda: [1])), list[int])
        return 5


async def holds_in_async_def(
    lock: Lock, semaphore: Semaphore, limiter: CapacityLimiter, condition: Condition
) -> int:
    with await limiter.acquire():
        assert_type(limiter.borrowed, int)
        assert_type(limiter.available, float)
        limiter.total = 5
        limiter.total = inf
    async with lock, semaphore:
        assert_type(lock.owner, Task[Any] | None)
        assert_type(lock.locked, bool)
        assert_type(semaphore.value, int)
    async with condition:
        assert_type(await condition.wait(), None)
        assert_type(await condition.wait_for(lambda: "x"), str)
        assert_type(condition.lock, Lock)
        condition.notify()
        condition.notify(3)
        condition.notify_all()
        return 5


def a_wait_to_hold_is_an_operation(lock: Lock) -> Operation[Holding]:
    return lock.acquire()


def a_wait_for_an_item_is_a_trap(queue: Queue[bytes]) -> Trap[bytes]:
    return queue.get()


@coroutine
def queues_in_a_generator(queue: Queue[bytes]) -> Steps[list[bytes]]:
    yield from queue.put(b"x")
    assert_type((yield from queue.get()), bytes)
    items = []
    while (item := (yield from queue.next())) is not None:
        assert_type(item, bytes)
        items.append(item)
    return items


async def queues_in_async_def(queue: Queue[bytes]) -> list[bytes]:
    await queue.put(b"x")
    queue.put_nowait(b"y")
    assert_type(await queue.get(), bytes)
    assert_type(queue.get_nowait(), bytes)
    assert_type(await queue.next(), bytes | None)
    assert_type(len(queue), int)
    async for item in queue:
        assert_type(item, bytes)
    return [item async for item in queue]


def queues_are_made_of_what_they_hold() -> None:
    numbers: Queue[int] = Queue(10)
    assert_type(numbers, Queue[int])
    assert_type(Queue[str](inf), Queue[str])
    assert_type(numbers.most, float)


async def meets(event: Event, barrier: Barrier) -> int:
    assert_type(await event.wait(), None)
    assert_type(event.is_set, bool)
    assert_type(barrier.parties, int)
    return await barrier.wait()


async def spawns(group: TaskGroup, queue: Queue[bytes], event: Event, barrier: Barrier) -> None:
    assert_type(group.spawn(queue.get), Task[bytes])
    assert_type(group.spawn(queue.put, b""), Task[None])
    assert_type(group.spawn(event.wait), Task[None])
    assert_type(group.spawn(barrier.wait), Task[int])
    assert_type(group.spawn(queues_in_a_generator, queue), Task[list[bytes]])
