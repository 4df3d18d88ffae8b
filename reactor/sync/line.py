"""Line: those who wait before a primitive of this floor.

Law of this file: first come, first served, and all of them tasks of one reactor. What the user
holds is a face; the line behind it is the trap and has the state, so that no circle of references
waits for the garbage collector, and nobody parks on a lock by accident.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from reactor.errors import ReactorError
from reactor.tasks import Task, WaitQueue

T = TypeVar("T")


class Line(WaitQueue[T]):
    """A WaitQueue that knows who stands first."""

    __slots__ = ()

    def __init__(self) -> None:
        # Who looks for the first key of a dict passes all that were deleted before it, so to let
        # n tasks go one by one would take n * n steps; a long line before a lock is nothing rare.
        self._tasks: dict[Task[Any], None] = OrderedDict()

    def park(self, task: Task[Any]) -> None:
        """Stand at the end. Raises ReactorError behind a task of another reactor."""
        first = self.first
        if first is not None:
            same_reactor(self, first, task)
        self._tasks[task] = None

    @property
    def first(self) -> Task[Any] | None:
        """Who stands first, None if nobody waits."""
        return next(iter(self._tasks), None)

    def fail_all(self, error: Callable[[], Exception]) -> None:
        """Have error() raised where each of them waits: one error each, as it keeps a traceback."""
        for task in self._tasks:
            task.fail(error())
        self._tasks.clear()


def same_reactor(what: object, one: Task[Any], other: Task[Any]) -> None:
    """Raise ReactorError if two tasks that meet at what are not of one reactor."""
    if one.reactor is not other.reactor:
        raise ReactorError(
            f"{what!r} is used by {one!r} and {other!r} of two reactors; give each reactor its own"
        )
