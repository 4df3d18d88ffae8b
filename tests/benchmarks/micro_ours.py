"""Tasks on our reactor, as generators and as async def: spawned and joined, switched.

What each measure is stands in micro_asyncio.py; here it is said twice more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from reactor import Operation, Steps, TaskGroup, WaitQueue, checkpoint, coroutine, run
from reactor.sync import Lock, Queue
from tests.benchmarks.micro_asyncio import AT_A_TIME, PAIRS, ROOM, steps_each


def measured(measure: str, form: str, count: int) -> float:
    """Measure in a form, generators or async, and return the CPU seconds of each thing done."""
    return MEASURES[measure][0 if form == "generators" else 1](count)


@coroutine
def _nothing() -> Steps[None]:
    return
    yield


@coroutine
def _spawn(count: int) -> Steps[float]:
    group = TaskGroup()

    @coroutine
    def body() -> Steps[float]:
        began = time.process_time()
        for _ in range(count // AT_A_TIME):
            for task in [group.spawn(_nothing) for _ in range(AT_A_TIME)]:
                yield from task.join()
        return time.process_time() - began

    return ((yield from group.run(body)) or 0.0) / count


@coroutine
def _walks(tasks: int, steps: int) -> Steps[float]:
    @coroutine
    def walk() -> Steps[None]:
        for _ in range(steps):
            yield from checkpoint()

    return (yield from _timed([walk] * tasks, tasks * steps))


@coroutine
def _waiters(count: int) -> Steps[float]:
    turns = count // (2 * PAIRS)

    def player(mine: WaitQueue[None], others: WaitQueue[None]) -> Callable[[], Operation[None]]:
        @coroutine
        def play() -> Steps[None]:
            for _ in range(turns):
                others.wake_one(None)
                yield from mine
            others.wake_one(None)

        return play

    players = []
    for _ in range(PAIRS):
        one, other = WaitQueue[None](), WaitQueue[None]()
        players += [player(one, other), player(other, one)]
    return (yield from _timed(players, 2 * PAIRS * turns))


@coroutine
def _queue(count: int) -> Steps[float]:
    items = count // PAIRS

    @coroutine
    def put(into: Queue[int]) -> Steps[None]:
        for item in range(items):
            yield from into.put(item)

    @coroutine
    def get(out_of: Queue[int]) -> Steps[None]:
        for _ in range(items):
            yield from out_of.get()

    players = []
    for _ in range(PAIRS):
        between = Queue[int](ROOM)
        players += [partial(put, between), partial(get, between)]
    return (yield from _timed(players, PAIRS * items))


@coroutine
def _lock(count: int) -> Steps[float]:
    lock = Lock()
    turns = count // (2 * PAIRS)

    @coroutine
    def want() -> Steps[None]:
        for _ in range(turns):
            with (yield from lock.acquire()):
                yield from checkpoint()

    return (yield from _timed([want] * (2 * PAIRS), 2 * PAIRS * turns))


@coroutine
def _timed(bodies: Sequence[Callable[[], Operation[None]]], things: int) -> Steps[float]:
    group = TaskGroup()

    @coroutine
    def begin() -> Steps[float]:
        for body in bodies:
            group.spawn(body)
        yield from checkpoint()  # all have begun
        return time.process_time()

    began = yield from group.run(begin)
    return (time.process_time() - (began or 0.0)) / things


async def _nothing_async() -> None:
    pass


async def _spawn_async(count: int) -> float:
    async with TaskGroup() as group:
        began = time.process_time()
        for _ in range(count // AT_A_TIME):
            for task in [group.spawn(_nothing_async) for _ in range(AT_A_TIME)]:
                await task.join()
        spent = time.process_time() - began
    return spent / count


async def _walks_async(tasks: int, steps: int) -> float:
    async def walk() -> None:
        for _ in range(steps):
            await checkpoint()

    began = 0.0
    async with TaskGroup() as group:
        for _ in range(tasks):
            group.spawn(walk)
        await checkpoint()  # all have begun
        began = time.process_time()
    return (time.process_time() - began) / (tasks * steps)


async def _waiters_async(count: int) -> float:
    turns = count // (2 * PAIRS)

    async def play(mine: WaitQueue[None], others: WaitQueue[None]) -> None:
        for _ in range(turns):
            others.wake_one(None)
            await mine
        others.wake_one(None)

    began = 0.0
    async with TaskGroup() as group:
        for _ in range(PAIRS):
            one, other = WaitQueue[None](), WaitQueue[None]()
            group.spawn(play, one, other)
            group.spawn(play, other, one)
        await checkpoint()  # all have begun
        began = time.process_time()
    return (time.process_time() - began) / (2 * PAIRS * turns)


async def _queue_async(count: int) -> float:
    items = count // PAIRS

    async def put(into: Queue[int]) -> None:
        for item in range(items):
            await into.put(item)

    async def get(out_of: Queue[int]) -> None:
        for _ in range(items):
            await out_of.get()

    began = 0.0
    async with TaskGroup() as group:
        for _ in range(PAIRS):
            between = Queue[int](ROOM)
            group.spawn(put, between)
            group.spawn(get, between)
        await checkpoint()  # all have begun
        began = time.process_time()
    return (time.process_time() - began) / (PAIRS * items)


async def _lock_async(count: int) -> float:
    lock = Lock()
    turns = count // (2 * PAIRS)

    async def want() -> None:
        for _ in range(turns):
            async with lock:
                await checkpoint()

    began = 0.0
    async with TaskGroup() as group:
        for _ in range(2 * PAIRS):
            group.spawn(want)
        await checkpoint()  # all have begun
        began = time.process_time()
    return (time.process_time() - began) / (2 * PAIRS * turns)


MEASURES: Final[dict[str, tuple[Callable[[int], float], Callable[[int], float]]]] = {
    "spawn": (lambda count: run(_spawn, count), lambda count: run(_spawn_async, count)),
    "checkpoint": (
        lambda count: run(_walks, AT_A_TIME, count // AT_A_TIME),
        lambda count: run(_walks_async, AT_A_TIME, count // AT_A_TIME),
    ),
    "tasks": (
        lambda count: run(_walks, count, steps_each(count)),
        lambda count: run(_walks_async, count, steps_each(count)),
    ),
    "waiters": (lambda count: run(_waiters, count), lambda count: run(_waiters_async, count)),
    "queue": (lambda count: run(_queue, count), lambda count: run(_queue_async, count)),
    "lock": (lambda count: run(_lock, count), lambda count: run(_lock_async, count)),
}
