"""What a cancelled task sees, and when: five tasks in one group, which is cancelled at 1 s.

python3 -m docs.book.programs.what_the_cancelled_see
"""

from __future__ import annotations

from collections.abc import Callable

from reactor import (
    Cancelled,
    TaskGroup,
    Tracer,
    WaitQueue,
    checkpoint,
    move_on_after,
    sleep,
)
from reactor.testing import World

Tell = Callable[[str, str], None]


class Turns(Tracer):
    """Counts the turns."""

    def __init__(self) -> None:
        self.count = 0

    def turn(self, patience: float | None) -> None:
        self.count += 1


async def parked(tell: Tell) -> None:
    try:
        await sleep(60)
    except Cancelled:
        tell("parked", "Cancelled, where it waited")
        raise


async def answered(tell: Tell, letters: WaitQueue[str]) -> None:
    try:
        tell("answered", f"the answer, {await letters!r}")
        await checkpoint()
    except Cancelled:
        tell("answered", "Cancelled, at its next wait")
        raise


async def newborn(tell: Tell) -> None:
    tell("newborn", "nothing: it begins")
    try:
        await sleep(60)
    except Cancelled:
        tell("newborn", "Cancelled, at its first wait")
        raise


async def shielded(tell: Tell) -> None:
    try:
        with move_on_after(10, shield=True):
            await sleep(3)
            tell("shielded", "nothing: its wait ends as always")
        await checkpoint()
    except Cancelled:
        tell("shielded", "Cancelled, at its first wait outside")
        raise


async def tidy(tell: Tell) -> None:
    try:
        await sleep(60)
    finally:
        tell("tidy", "Cancelled, and cleans up")
        try:
            await sleep(1)
        finally:
            tell("tidy", "Cancelled again, in its clean-up")


async def main(tell: Tell) -> None:
    letters: WaitQueue[str] = WaitQueue()
    async with TaskGroup() as group:
        group.spawn(parked, tell)
        group.spawn(answered, tell, letters)
        group.spawn(shielded, tell)
        group.spawn(tidy, tell)
        await sleep(1)
        letters.wake_one("a letter")
        group.spawn(newborn, tell)
        group.cancel()
        tell("(boss)", "nothing: cancel() returns at once")


def lines() -> list[str]:
    turns = Turns()
    told: list[tuple[float, int, str, str]] = []
    with World(tracer=turns) as world:

        def tell(who: str, what: str) -> None:
            told.append((world.clock.now, turns.count, who, what))

        world.run(main, tell)
    first = told[0][1]
    return [
        "clock   turn   who        sees",
        "",
        *(f"{now:>4} s   +{turn - first:<5} {who:<10} {what}" for now, turn, who, what in told),
    ]


if __name__ == "__main__":
    print("\n".join(lines()))
