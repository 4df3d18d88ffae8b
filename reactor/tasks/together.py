"""Together: several things at a time, in a group of their own.

Law of this file: nothing is left running. What fails cancels the rest, and comes out in an
ExceptionGroup, as from any group.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any, TypeAlias, TypeVar

from .door import Operation, Steps
from .group import TaskGroup
from .operation import coroutine, wait
from .task import Task

T = TypeVar("T")
Ways: TypeAlias = Callable[[], Operation[T] | Coroutine[Any, Any, T]]


@coroutine
def all_of(*fns: Ways[T]) -> Steps[list[T]]:
    """Do all fns side by side, and return what each returned, in their order.

    Give arguments by functools.partial. Raises an ExceptionGroup of what fails.
    """
    group = TaskGroup()
    tasks: list[Task[T]] = []
    yield from group.run(_spawn_all, group, fns, tasks)
    return [task.result for task in tasks]


@coroutine
def first_of(*fns: Ways[T]) -> Steps[T]:
    """Do all fns side by side until one returns, cancel the others, and return what it returned.

    Others that end at the same time have done so in vain. Raises an ExceptionGroup of what fails
    before, or while it is cancelled, and ValueError if there is nothing to do.
    """
    if not fns:
        raise ValueError("the first of nothing never comes; give a function or more")
    group = TaskGroup()
    results: list[T] = []

    @coroutine
    def race(fn: Ways[T]) -> Steps[None]:
        results.append((yield from wait(fn())))
        group.cancel()

    yield from group.run(_spawn_all, group, [partial(race, fn) for fn in fns], [])
    return results[0]


async def _spawn_all(group: TaskGroup, fns: Iterable[Ways[T]], tasks: list[Task[T]]) -> None:
    tasks += [group.spawn(fn) for fn in fns]
