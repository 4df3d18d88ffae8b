"""Nothing is lost: a reader is cancelled in each turn that there is, and another reads on.

python3 -m docs.book.programs.nothing_lost
"""

from __future__ import annotations

from reactor import TaskGroup, Tracer, checkpoint
from reactor.sync import Queue
from reactor.testing import World

ITEMS = "abcd"


class CancelIn(Tracer):
    """Cancels group when so many turns have begun."""

    def __init__(self, turn: int, group: TaskGroup) -> None:
        self.left = turn
        self.group = group

    def turn(self, patience: float | None) -> None:
        self.left -= 1
        if self.left == 0:
            self.group.cancel()


async def read(queue: Queue[str], got: list[str]) -> None:
    while (item := await queue.next()) is not None:
        got.append(item)


async def write(queue: Queue[str]) -> None:
    for item in ITEMS:
        await queue.put(item)
        await checkpoint()
    queue.close()


async def main(first_group: TaskGroup, first: list[str], second: list[str]) -> None:
    queue: Queue[str] = Queue(0)  # each item goes from hand to hand
    async with TaskGroup() as group:
        group.spawn(write, queue)
        async with first_group:
            first_group.spawn(read, queue, first)
        await read(queue, second)


def lines() -> list[str]:
    told = ["cancelled in turn   the first has   the second has   lost", ""]
    for turn in range(1, 9):
        first: list[str] = []
        second: list[str] = []
        group = TaskGroup()
        with World(tracer=CancelIn(turn, group)) as world:
            world.run(main, group, first, second)
        lost = len(ITEMS) - len(first) - len(second)
        told.append(f"{turn:>17}   {''.join(first):>13}   {''.join(second):>14}   {lost:>4}")
    return told


if __name__ == "__main__":
    print("\n".join(lines()))
