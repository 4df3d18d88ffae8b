"""Limiter: so many tasks at a time, as many as there is capacity for now.

Law of this file: a token belongs to the task that borrowed it, a task has one at most, and how
many there are may change at any time.
"""

from __future__ import annotations

from typing import Any

from reactor.errors import BusyError, ReactorError
from reactor.tasks import Task, current_task

from .capacity import capacity
from .holding import Held, Holdable


class CapacityLimiter(Holdable["_Held"]):
    """Tokens that tasks of one reactor borrow, total at most: `async with limiter:`, or `with
    (yield from limiter.acquire()):`.

    acquire raises BusyError for a task that has a token already: with all of them in such hands
    nobody could go on. release gives back the running task's, ReactorError if it has none. total
    is a whole number or infinity, 0 lets nobody in; ValueError for another.
    """

    __slots__ = ()

    def __init__(self, total: float) -> None:
        super().__init__(_Held(capacity(total, "a limiter lets in")))

    @property
    def total(self) -> float:
        """How many tokens may be borrowed at a time.

        It may be set while tasks wait: more lets in who waits longest, with fewer those who have
        one keep it.
        """
        return self._held.total

    @total.setter
    def total(self, total: float) -> None:
        self._held.total = capacity(total, "a limiter lets in")
        self._held.fill()

    @property
    def borrowed(self) -> int:
        """How many tokens are borrowed: more than total, after that was lowered."""
        return len(self._held.borrowers)

    @property
    def available(self) -> float:
        """How many tokens can be borrowed at once."""
        return max(self.total - self.borrowed, 0)


class _Held(Held):
    __slots__ = ("borrowers", "total")

    def __init__(self, total: float) -> None:
        super().__init__()
        self.total = total
        self.borrowers: dict[Task[Any], None] = {}

    def admit(self, task: Task[Any]) -> bool:
        if task in self.borrowers:
            raise BusyError(f"{task!r} has a token of {self!r} already; release that before")
        if len(self.borrowers) >= self.total:
            return False
        self.borrowers[task] = None
        return True

    def leave(self) -> None:
        task = current_task()
        if task not in self.borrowers:
            raise ReactorError(f"{task!r} has no token of {self!r}; release once what it acquired")
        del self.borrowers[task]
        self.fill()

    def fill(self) -> None:
        """Let in who waits, as far as there is room."""
        while (task := self.first) is not None and self.admit(task):
            self.wake_one(self)

    def __repr__(self) -> str:
        borrowed = f"{len(self.borrowers)} of {self.total:g} borrowed"
        return f"<CapacityLimiter, {borrowed}, {len(self)} waiting>"
