"""Exercise 6: a mailbox whose reader may have gone away."""

from __future__ import annotations

from typing import Any

from reactor import Task, Trap, move_on_after
from reactor.testing import World


class Mailbox(Trap[str]):
    def __init__(self) -> None:
        self.letters: list[str] = []
        self.reader: Task[Any] | None = None

    def put(self, letter: str) -> None:
        reader, self.reader = self.reader, None
        if reader is None:
            self.letters.append(letter)
        else:
            reader.wake(letter)

    def park(self, task: Task[Any]) -> None:
        if self.letters:
            task.wake(self.letters.pop(0))
        else:
            self.reader = task

    def abort(self, task: Task[Any]) -> bool:
        if self.reader is not task:
            return False
        self.reader = None
        return True


async def read_twice(box: Any) -> list[str]:
    got = []
    with move_on_after(1):
        got.append(await box)
    box.put("a letter")
    got.append(await box)
    return got


def check(mine: Any) -> None:
    with World() as world:
        assert world.run(read_twice, mine.Mailbox()) == ["a letter"]
