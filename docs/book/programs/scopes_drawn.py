"""Scopes and groups, drawn: what stands in what, and how far a cancellation reaches.

python3 -m docs.book.programs.scopes_drawn
"""

from __future__ import annotations

from reactor import Reactor, Scope, TaskGroup, current_task, move_on_after, sleep, timeout
from reactor.testing import World
from reactor.watch import explain


async def crawl() -> None:
    with timeout(30):
        async with TaskGroup() as pages:
            pages.spawn(fetch)
            pages.spawn(store)


async def fetch() -> None:
    with move_on_after(5):
        await sleep(60)


async def store() -> None:
    with Scope(2, shield=True):
        await sleep(60)


async def main(told: list[str]) -> None:
    async with TaskGroup() as group:
        group.spawn(crawl)
        await sleep(1)
        told += ["at 1 s, before", "", *drawing(current_task().reactor)]
        group.cancel()
        group.spawn(look, told)


async def look(told: list[str]) -> None:
    with move_on_after(1, shield=True):
        await sleep(0.5)
        told += ["", "at 1.5 s, half a second after group.cancel()", ""]
        told += drawing(current_task().reactor)


def drawing(reactor: Reactor) -> list[str]:
    return [line for line in explain(reactor).splitlines() if not line.lstrip().startswith("at ")]


def lines() -> list[str]:
    told: list[str] = []
    with World() as world:
        world.run(main, told)
    return told


if __name__ == "__main__":
    print("\n".join(lines()))
