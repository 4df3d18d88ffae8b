"""Closing: tasks that the loop will not run again.

Law of this file: each is closed where it stands, those that live in its groups first. Its
`finally` run now, and cannot wait. What comes out has nobody to receive it, and is reported.
"""

from __future__ import annotations

from typing import Any, Final

from reactor.errors import Cancelled, ReactorError

from .scope import Scope
from .task import Task

_TRIES: Final = range(32)  # to close one that waits in its `finally`


def close_all(scope: Scope) -> list[tuple[Task[Any], BaseException]]:
    """Close the tasks that live in scope, which takes in no others; return what comes out, and of
    whom.
    """
    lost: list[tuple[Task[Any], BaseException]] = []
    todo: list[Scope | Task[Any]] = [scope]
    while todo:  # no recursion: groups may stand in tasks of groups as deep as they like
        what = todo.pop()
        if isinstance(what, Task):
            lost += ((what, error) for error in _close(what))
        else:
            what.shut()
            for task in reversed(what.members()):
                todo.append(task)
                todo += reversed(what.between(task))
    return lost


def _close(task: Task[Any]) -> list[BaseException]:
    reactor = task.reactor
    task.interrupt()
    errors: list[BaseException] = []
    if task.error is not None and not isinstance(task.error, Cancelled):
        errors.append(task.error)
    if task in reactor.ready:
        reactor.ready.remove(task)
    with reactor.standing_in(task):
        for _ in _TRIES:
            try:
                task.context.run(task.steps.close)
                break
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                errors.append(error)
    task.finish(None, Cancelled())
    return errors


def report(task: Task[Any], error: BaseException) -> None:
    """Tell the reactor's on_error what task failed with, as nobody else can hear of it."""
    if not isinstance(error, Exception):
        stray = ReactorError(f"{task!r} raised {error!r}, and nobody could receive it")
        stray.__cause__, error = error, stray
    task.reactor.on_error(task, error)
