"""Edge against level: a cancellation that somebody swallows, in asyncio and here.

python3 -m docs.book.programs.swallowed
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from reactor import move_on_after, run, sleep


async def careless(pause: Callable[[float], Awaitable[object]], told: list[str]) -> None:
    """Wait for something, then say goodbye; whoever wrote it caught too much."""
    try:
        await pause(60)
    except BaseException as error:  # meant for ConnectionResetError and such
        told.append(f"1st wait: {type(error).__name__}, and swallowed it")
    try:
        await pause(0.05)  # a farewell; it might as well take for ever
        told.append("2nd wait: went through")
    except BaseException as error:
        told.append(f"2nd wait: {type(error).__name__}")
        raise


async def in_asyncio(told: list[str]) -> None:
    try:
        async with asyncio.timeout(0.01):
            await careless(asyncio.sleep, told)
        told.append("the limit of 0.01 s: never heard of again")
    except TimeoutError:
        told.append("the limit of 0.01 s: TimeoutError, when all was over")


async def here(told: list[str]) -> None:
    with move_on_after(0.01) as scope:
        await careless(sleep, told)
    told.append(f"the limit of 0.01 s: held, {scope.cancelled_caught}")


def lines() -> list[str]:
    edge: list[str] = []
    asyncio.run(in_asyncio(edge))
    level: list[str] = []
    run(here, level)
    return ["asyncio, edge-triggered", *edge, "", "reactor, level-triggered", *level]


if __name__ == "__main__":
    print("\n".join(lines()))
