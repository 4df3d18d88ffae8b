"""Roots: what all tasks of a reactor live in, and tasks that callbacks begin.

Law of this file: every task can be found from here. One that a callback begins has no group around
it, so what comes of it is told to a callback; and it ends with its reactor, if not before.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, TypeVarTuple

from reactor.errors import Cancelled
from reactor.loop import Reactor

from .closing import close_all, report
from .door import Operation
from .group import TaskGroup
from .scope import Scope
from .task import Task

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Roots:
    """The groups of a reactor that are in no other: of main tasks, and of those of callbacks."""

    def __init__(self, reactor: Reactor) -> None:
        self.groups: list[TaskGroup] = []

    def close(self) -> None:
        """Close the tasks of callbacks where they stand; a main task has ended before."""
        for root in list(self.groups):
            for lost, error in close_all(root):
                report(lost, error)

    def forked(self) -> None:
        """Nothing of this is the parent's alone."""


def roots_of(reactor: Reactor) -> tuple[TaskGroup, ...]:
    """Return the groups of the main tasks that run on reactor, and of those that callbacks have
    begun: every task lives in one of them, or in a group inside. Raises ClosedError or ForkedError
    as the reactor does.
    """
    return tuple(reactor.belonging(Roots).groups)


class _Aside(TaskGroup):
    """The group of a task that a callback has begun."""

    __slots__ = ("_ended", "_roots")

    def __init__(
        self, reactor: Reactor, ended: Callable[[Task[Any]], object], roots: list[TaskGroup]
    ) -> None:
        super().__init__()
        self._ended = ended
        self._reactor = reactor
        self._roots = roots

    def finished(self, task: Task[Any], error: BaseException | None) -> None:
        self._tasks.pop(task, None)
        self._roots.remove(self)
        if self._reactor is not None:  # else it was closed with the reactor
            self._reactor.call_soon(self._ended, task)


def _raise_failure(task: Task[Any]) -> None:
    if task.error is not None and not isinstance(task.error, Cancelled):
        raise task.error


def spawn_in(
    reactor: Reactor,
    fn: Callable[[*Ts], Operation[T] | Coroutine[Any, Any, T]],
    *args: *Ts,
    ended: Callable[[Task[T]], object] = _raise_failure,
) -> Scope:
    """Start fn(*args) as a task on reactor, in no group: for callbacks, which have none.

    ended(task) is called when it has ended, and task.result returns or raises what came of it.
    Unless it is given, a failure goes to the reactor's on_error, and what is no Exception leaves
    run(). cancel() on what this returns cancels the task; a reactor that is closed closes it where
    it stands, and nobody is told. Raises TypeError if fn makes nothing that can be waited for, and
    ClosedError or ForkedError as the reactor does.
    """
    roots = reactor.belonging(Roots).groups
    aside = _Aside(reactor, ended, roots)
    roots.append(aside)
    try:
        aside.spawn(fn, *args)
    except BaseException:
        roots.remove(aside)
        raise
    return aside
