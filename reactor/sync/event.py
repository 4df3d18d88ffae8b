"""Event: something that has happened, or not yet."""

from __future__ import annotations

from typing import Any

from reactor.tasks import Task, Trap

from .line import Line


class Event:
    """A flag that tasks wait for: once set, it lets all pass until it is cleared.

    Made for tasks of one reactor. Its callbacks may set it too; from another thread say
    `reactor.call_threadsafe(event.set)`.
    """

    __slots__ = ("_line",)

    def __init__(self) -> None:
        self._line = _Line()

    @property
    def is_set(self) -> bool:
        """Whether it has happened."""
        return self._line.is_set

    def set(self) -> None:
        """Wake all who wait, first come first, and let pass who comes. Again: nothing."""
        self._line.is_set = True
        self._line.wake_all(None)

    def clear(self) -> None:
        """Have who comes wait for the next set(). Who was woken goes on all the same."""
        self._line.is_set = False

    def wait(self) -> Trap[None]:
        """Wait until it is set; if it is, go on at once.

        A cancellation leaves nothing behind.
        """
        return self._line

    def __repr__(self) -> str:
        return repr(self._line)


class _Line(Line[None]):
    __slots__ = ("is_set",)

    def __init__(self) -> None:
        super().__init__()
        self.is_set = False

    def park(self, task: Task[Any]) -> None:
        if self.is_set:
            task.wake()
        else:
            super().park(task)

    def __repr__(self) -> str:
        return f"<Event, {'set' if self.is_set else 'not set'}, {len(self)} waiting>"
