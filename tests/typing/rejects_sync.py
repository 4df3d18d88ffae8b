"""What strict mypy refuses of locks and queues: waits that are lost, what is held without them."""

from __future__ import annotations

from reactor import Steps, coroutine
from reactor.sync import (
    Barrier,
    CapacityLimiter,
    Condition,
    Event,
    Lock,
    Queue,
    Semaphore,
)


async def forgets_to_wait(
    lock: Lock, event: Event, condition: Condition, barrier: Barrier, queue: Queue[int]
) -> None:
    lock.acquire()  # E: unused-awaitable
    event.wait()  # E: unused-awaitable
    condition.wait()  # E: unused-awaitable
    condition.wait_for(lambda: True)  # E: unused-awaitable
    barrier.wait()  # E: unused-awaitable
    queue.put(1)  # E: unused-awaitable
    queue.get()  # E: unused-awaitable
    queue.next()  # E: unused-awaitable


@coroutine
def holds_without_waiting(lock: Lock, semaphore: Semaphore) -> Steps[None]:
    with lock:  # E: attr-defined  # E: attr-defined
        pass
    with semaphore.acquire():  # E: attr-defined  # E: attr-defined
        pass
    with (yield from lock):  # E: misc
        pass
    with (yield from lock.acquire()) as held:
        held.release()  # E: attr-defined


async def async_with_for_what_is_acquired(limiter: CapacityLimiter) -> None:
    async with limiter.acquire():  # E: attr-defined  # E: attr-defined
        pass
    await limiter  # E: misc


async def takes_an_item_for_something_else(queue: Queue[int]) -> str:
    await queue.put("x")  # E: arg-type
    queue.put_nowait(None)  # E: arg-type
    text: str = await queue.get()  # E: assignment
    number: int = await queue.next()  # E: assignment
    async for line in queue:
        line.upper()  # E: attr-defined
    for item in queue:  # E: attr-defined
        pass
    return queue.get_nowait()  # E: return-value


def makes() -> None:
    Queue[int]()  # E: call-arg
    Semaphore(1.5)  # E: arg-type
    Barrier()  # E: call-arg
    Condition(Semaphore(1))  # E: arg-type


def changes_what_stays(lock: Lock, event: Event, condition: Condition, queue: Queue[int]) -> None:
    lock.owner = None  # E: misc
    event.is_set = True  # E: misc
    condition.lock = lock  # E: misc
    queue.most = 5  # E: misc
