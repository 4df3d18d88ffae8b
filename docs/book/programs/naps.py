"""Timers in a heap: three tasks sleep, and wake in the order of their moments.

python3 -m docs.book.programs.naps
"""

from __future__ import annotations

from reactor import TaskGroup, run, sleep


async def nap(name: str, seconds: float, woken: list[str]) -> None:
    await sleep(seconds)
    woken.append(name)


async def main() -> list[str]:
    woken: list[str] = []
    async with TaskGroup() as group:
        group.spawn(nap, "the long one", 0.03, woken)
        group.spawn(nap, "the short one", 0.01, woken)
        group.spawn(nap, "the middle one", 0.02, woken)
    return woken


def lines() -> list[str]:
    return ["began: long, short, middle", f"woken: {', '.join(run(main))}"]


if __name__ == "__main__":
    print(*lines(), sep="\n")
