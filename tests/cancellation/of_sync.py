"""What tasks wait for to get out of each other's way."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from reactor import BusyError, TaskGroup, current_task, sleep
from reactor.sync import (
    Barrier,
    CapacityLimiter,
    Condition,
    Event,
    Lock,
    Queue,
    Semaphore,
    SignalReceiver,
)
from tests.cancellation.case import Case, case
from tests.cancellation.trial import Make, Trial
from tests.sync.parts import Holdable


@case("Event.wait")
async def it_happens(trial: Trial) -> None:
    event = Event()
    async with TaskGroup() as group:
        trial.attempt(event.wait)
        await sleep(1)
        group.spawn(event.wait)
        await sleep(1)
        event.set()
        await trial.was_cancelled()


def _held(operation: str, make: Callable[[], Holdable]) -> Case:
    @case(operation, parks=2)
    async def one_at_a_time(trial: Trial) -> None:
        what, log = make(), list[str]()

        async def hold(name: str) -> None:
            with await what.acquire():
                log.append(name)
                await sleep(1)

        async with TaskGroup() as group:
            with await what.acquire():
                trial.attempt(lambda: hold("first"))
                await sleep(1)
                group.spawn(hold, "next")
                await sleep(1)
                assert log == []
            await trial.was_cancelled()
        assert log in (["first", "next"], ["next"])
        with await what.acquire():
            pass

    return one_at_a_time


locks = _held("Lock.acquire", Lock)
semaphores = _held("Semaphore.acquire", lambda: Semaphore(1))
limiters = _held("CapacityLimiter.acquire", lambda: CapacityLimiter(1))
conditions = _held("Condition.acquire", Condition)


def _notified(operation: str, *, by_predicate: bool) -> Case:
    @case(operation, linger=1)
    async def one_is_notified(trial: Trial) -> None:
        condition, told = Condition(), list[str]()
        changes: list[str] = []

        async def wait(name: str) -> None:
            async with condition:
                try:
                    if by_predicate:
                        told.append(
                            name
                            + await condition.wait_for(lambda: changes.pop() if changes else "")
                        )
                    else:
                        await condition.wait()
                        told.append(name + changes.pop())
                finally:
                    assert condition.lock.owner is current_task()

        async with TaskGroup() as group:
            trial.attempt(lambda: wait("first"))
            await sleep(1)
            group.spawn(wait, "next")
            await sleep(1)
            async with condition:
                condition.notify()
                changes.append(" was told")
                await sleep(1)  # who is notified stands before the lock
            cancelled = await trial.was_cancelled()
            await sleep(1)
            assert told == ["next was told" if cancelled else "first was told"]
            async with condition:
                changes.append(" was told")
                condition.notify_all()
        assert not cancelled or len(told) == 1

    return one_is_notified


waits = _notified("Condition.wait", by_predicate=False)
predicates = _notified("Condition.wait_for", by_predicate=True)


@case("Barrier.wait")
async def all_have_come(trial: Trial) -> None:
    barrier = Barrier(2)
    async with TaskGroup() as group:
        trial.attempt(barrier.wait)
        await sleep(1)
        other = group.spawn(barrier.wait)
        cancelled = await trial.was_cancelled()
        await sleep(1)
        assert other.done is not cancelled
        if cancelled:
            await barrier.wait()


@case("Queue.put")
async def room_is_made(trial: Trial) -> None:
    queue = Queue[str](1)
    queue.put_nowait("first")
    async with TaskGroup() as group:
        trial.attempt(lambda: queue.put("mine"))
        await sleep(1)
        group.spawn(queue.put, "next")
        await sleep(1)
        items = [await queue.get()]
        cancelled = await trial.was_cancelled()
        items.append(await queue.get())
        if not cancelled:
            items.append(await queue.get())
    assert items == (["first", "next"] if cancelled else ["first", "mine", "next"])
    with pytest.raises(BusyError):
        queue.get_nowait()


def _got(operation: str, get: Callable[[Queue[str]], Make]) -> Case:
    @case(operation)
    async def an_item_comes(trial: Trial) -> None:
        queue = Queue[str](1)
        async with TaskGroup() as group:
            trial.attempt(get(queue))
            await sleep(1)
            other = group.spawn(queue.get)
            await sleep(1)
            queue.put_nowait("item")
            cancelled = await trial.was_cancelled()
            await sleep(1)
            assert (other if cancelled else trial.task).result == "item"
            if not cancelled:
                queue.put_nowait("item")

    return an_item_comes


gets = _got("Queue.get", lambda queue: queue.get)
nexts = _got("Queue.next", lambda queue: queue.next)


@case("Queue.next", parks=3)
async def items_come_one_after_the_other(trial: Trial) -> None:
    queue, got = Queue[str](2), list[str]()

    async def gather() -> None:
        async for item in queue:
            got.append(item)

    trial.attempt(gather)
    for item in ("one", "two"):
        await sleep(1)
        queue.put_nowait(item)
    await sleep(1)
    queue.close()
    await trial.was_cancelled()
    await gather()
    assert got == ["one", "two"]


@case("SignalReceiver.next")
async def a_signal_comes(trial: Trial) -> None:
    with SignalReceiver(signal.SIGUSR1) as signals:
        trial.attempt(signals.next)
        await sleep(1)
        signal.raise_signal(signal.SIGUSR1)
        if await trial.was_cancelled():
            assert await signals.next() == signal.SIGUSR1
        else:
            assert trial.task.result == signal.SIGUSR1
