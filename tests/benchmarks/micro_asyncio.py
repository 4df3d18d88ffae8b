"""Tasks on asyncio and on the loops that take its place: spawned and joined, switched.

Law of this file: each measure says with asyncio's own quickest means what micro_ours.py and
micro_trio.py say with theirs. spawn: tasks that do nothing, AT_A_TIME started and then each waited
for. checkpoint: AT_A_TIME tasks that let each other go first. tasks: the same with ever more of
them. waiters: PAIRS of tasks that wake each other by a line to stand in, first come first served,
which is what every lock and queue is made of. queue: PAIRS of tasks, of which one puts items into
a queue of ROOM and the other gets them. lock: 2 * PAIRS tasks want one lock, and whoever has it
lets the others go first.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

AT_A_TIME: Final = 100
PAIRS: Final = 10
ROOM: Final = 10

STEPS: Final = 200_000
"""Steps taken when there are ever more tasks, by all together; each takes five at least."""


def steps_each(tasks: int) -> int:
    """Return how many steps each of so many tasks takes."""
    return max(STEPS // tasks, 5)


async def _nothing() -> None:
    pass


async def spawn(count: int) -> float:
    """Tasks started and waited for."""
    start = asyncio.get_running_loop().create_task
    began = time.process_time()
    for _ in range(count // AT_A_TIME):
        for task in [start(_nothing()) for _ in range(AT_A_TIME)]:
            await task
    return (time.process_time() - began) / count


async def checkpoint(count: int) -> float:
    """Steps of AT_A_TIME tasks."""
    return await _walks(AT_A_TIME, count // AT_A_TIME)


async def tasks(count: int) -> float:
    """Steps of count tasks."""
    return await _walks(count, steps_each(count))


async def _walks(number: int, steps: int) -> float:
    async def walk() -> None:
        for _ in range(steps):
            await asyncio.sleep(0)

    return await _timed([walk() for _ in range(number)], number * steps)


class Line:
    """Tasks in a line, as in asyncio's own locks."""

    __slots__ = ("_futures", "_loop")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._futures: deque[asyncio.Future[None]] = deque()

    def wait(self) -> asyncio.Future[None]:
        """Stand at the end."""
        future = self._loop.create_future()
        self._futures.append(future)
        return future

    def wake_one(self) -> None:
        """Wake who stands first, if anybody does."""
        if self._futures:
            self._futures.popleft().set_result(None)


async def waiters(count: int) -> float:
    """Wake-ups among PAIRS of tasks."""
    turns = count // (2 * PAIRS)

    async def play(mine: Line, others: Line) -> None:
        for _ in range(turns):
            others.wake_one()
            await mine.wait()
        others.wake_one()

    players = []
    for _ in range(PAIRS):
        one, other = Line(), Line()
        players += [play(one, other), play(other, one)]
    return await _timed(players, 2 * PAIRS * turns)


async def queue(count: int) -> float:
    """Items through queues."""
    items = count // PAIRS

    async def put(into: asyncio.Queue[int]) -> None:
        for item in range(items):
            await into.put(item)

    async def get(out_of: asyncio.Queue[int]) -> None:
        for _ in range(items):
            await out_of.get()

    players = []
    for _ in range(PAIRS):
        between = asyncio.Queue[int](ROOM)
        players += [put(between), get(between)]
    return await _timed(players, PAIRS * items)


async def lock(count: int) -> float:
    """Times that a lock is had by one of many."""
    lock = asyncio.Lock()
    turns = count // (2 * PAIRS)

    async def want() -> None:
        for _ in range(turns):
            async with lock:
                await asyncio.sleep(0)

    return await _timed([want() for _ in range(2 * PAIRS)], 2 * PAIRS * turns)


async def _timed(bodies: list[Coroutine[Any, Any, None]], things: int) -> float:
    started = [asyncio.get_running_loop().create_task(body) for body in bodies]
    await asyncio.sleep(0)  # all have begun
    began = time.process_time()
    for task in started:
        await task
    return (time.process_time() - began) / things


MEASURES: Final[dict[str, Callable[[int], Coroutine[Any, Any, float]]]] = {
    "spawn": spawn,
    "checkpoint": checkpoint,
    "tasks": tasks,
    "waiters": waiters,
    "queue": queue,
    "lock": lock,
}
