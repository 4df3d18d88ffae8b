"""Semaphore: so many at a time.

Law of this file: a unit belongs to nobody. Whoever has acquired one may have it released by
another task, or by a callback; a limiter is for those who should not.
"""

from __future__ import annotations

from typing import Any

from reactor.errors import ReactorError
from reactor.tasks import Task

from .holding import Held, Holdable


class Semaphore(Holdable["_Held"]):
    """As many units as value says, 1 or more, for tasks of one reactor: `async with semaphore:`,
    or `with (yield from semaphore.acquire()):`.

    Tasks and callbacks may release; ReactorError if nothing is acquired. Raises ValueError for a
    value that cannot be.
    """

    __slots__ = ()

    def __init__(self, value: int) -> None:
        if value < 1:
            raise ValueError(f"nobody could acquire a unit of {value}; give 1 or more")
        super().__init__(_Held(value))

    @property
    def value(self) -> int:
        """How many units are free."""
        return self._held.value


class _Held(Held):
    __slots__ = ("total", "value")

    def __init__(self, value: int) -> None:
        super().__init__()
        self.value = self.total = value

    def admit(self, task: Task[Any]) -> bool:
        if self.value == 0:
            return False
        self.value -= 1
        return True

    def leave(self) -> None:
        if self.value == self.total:
            raise ReactorError(f"{self!r} has all its units; release once what was acquired")
        if not self.wake_one(self):
            self.value += 1

    def __repr__(self) -> str:
        return f"<Semaphore, {self.value} of {self.total} free, {len(self)} waiting>"
