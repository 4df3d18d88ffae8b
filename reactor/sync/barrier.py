"""Barrier: nobody goes on before all have come."""

from __future__ import annotations

from typing import Any

from reactor.tasks import Task, Trap

from .line import Line


class Barrier:
    """Lets tasks of one reactor go on, parties of them at a time, 1 or more.

    It may be used again and again: the last of a round lets the others go on, and who comes then
    is of the next. Raises ValueError if parties cannot be.
    """

    __slots__ = ("_line",)

    def __init__(self, parties: int) -> None:
        if parties < 1:
            raise ValueError(f"a barrier cannot wait for {parties} tasks; give 1 or more")
        self._line = _Line(parties)

    @property
    def parties(self) -> int:
        """How many tasks go on together."""
        return self._line.parties

    def wait(self) -> Trap[int]:
        """Wait until all parties wait, and bring how many came before this one, 0 to parties - 1.

        Who comes last goes on at once. Cancelled: it has not come, and the others go on waiting.
        """
        return self._line

    def __repr__(self) -> str:
        return repr(self._line)


class _Line(Line[int]):
    __slots__ = ("parties",)

    def __init__(self, parties: int) -> None:
        super().__init__()
        self.parties = parties

    def park(self, task: Task[Any]) -> None:
        before = len(self)
        if before + 1 < self.parties:
            super().park(task)
        else:
            for number in range(before):
                self.wake_one(number)
            task.wake(before)

    def __repr__(self) -> str:
        return f"<Barrier, {len(self)} of {self.parties} waiting>"
