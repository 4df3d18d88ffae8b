"""Tasks on trio: spawned and joined, switched. What each measure is stands in micro_asyncio.py."""

from __future__ import annotations

import importlib
import time
from typing import Any

from tests.benchmarks.micro_asyncio import AT_A_TIME, PAIRS, ROOM, steps_each


def measured(measure: str, count: int) -> float:
    """Measure, and return the CPU seconds of each thing done."""
    trio = importlib.import_module("trio")
    if measure == "spawn":
        spent: float = trio.run(_spawn, trio, count)
    elif measure == "waiters":
        spent = trio.run(_waiters, trio, count)
    elif measure == "queue":
        spent = trio.run(_queue, trio, count)
    elif measure == "lock":
        spent = trio.run(_lock, trio, count)
    elif measure == "checkpoint":
        spent = trio.run(_walks, trio, AT_A_TIME, count // AT_A_TIME)
    else:
        spent = trio.run(_walks, trio, count, steps_each(count))
    return spent


async def _nothing() -> None:
    pass


async def _spawn(trio: Any, count: int) -> float:
    began = time.process_time()
    for _ in range(count // AT_A_TIME):
        async with trio.open_nursery() as nursery:  # its end is the join
            for _ in range(AT_A_TIME):
                nursery.start_soon(_nothing)
    return (time.process_time() - began) / count


async def _walks(trio: Any, tasks: int, steps: int) -> float:
    pause = trio.lowlevel.checkpoint

    async def walk() -> None:
        for _ in range(steps):
            await pause()

    async with trio.open_nursery() as nursery:
        for _ in range(tasks):
            nursery.start_soon(walk)
        await pause()  # all have begun
        began = time.process_time()
    return (time.process_time() - began) / (tasks * steps)


async def _waiters(trio: Any, count: int) -> float:
    turns = count // (2 * PAIRS)

    async def play(mine: Any, others: Any) -> None:
        for _ in range(turns):
            others.unpark()
            await mine.park()
        others.unpark()

    async with trio.open_nursery() as nursery:
        for _ in range(PAIRS):
            one, other = trio.lowlevel.ParkingLot(), trio.lowlevel.ParkingLot()
            nursery.start_soon(play, one, other)
            nursery.start_soon(play, other, one)
        await trio.lowlevel.checkpoint()  # all have begun
        began = time.process_time()
    return (time.process_time() - began) / (2 * PAIRS * turns)


async def _queue(trio: Any, count: int) -> float:
    items = count // PAIRS

    async def put(into: Any) -> None:
        for item in range(items):
            await into.send(item)

    async def get(out_of: Any) -> None:
        for _ in range(items):
            await out_of.receive()

    async with trio.open_nursery() as nursery:
        for _ in range(PAIRS):
            into, out_of = trio.open_memory_channel(ROOM)
            nursery.start_soon(put, into)
            nursery.start_soon(get, out_of)
        await trio.lowlevel.checkpoint()  # all have begun
        began = time.process_time()
    return (time.process_time() - began) / (PAIRS * items)


async def _lock(trio: Any, count: int) -> float:
    lock = trio.Lock()
    turns = count // (2 * PAIRS)

    async def want() -> None:
        for _ in range(turns):
            async with lock:
                await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        for _ in range(2 * PAIRS):
            nursery.start_soon(want)
        await trio.lowlevel.checkpoint()  # all have begun
        began = time.process_time()
    return (time.process_time() - began) / (2 * PAIRS * turns)
