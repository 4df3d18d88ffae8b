"""Doors: what a coroutine yields when it has to wait, and what can be waited for.

Law of this file: a coroutine yields doors and nothing else, in either kind of function, so mypy
can tell a lost `yield from` from a wait.
"""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Generator
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Door(Protocol):
    """What a task may yield: a Trap, one side of a descriptor, or anything else of this shape.

    What is parked is always a Task; its type is one file further up.
    """

    def park(self, task: Any, /) -> None:
        """Arrange that someone wakes task; what this raises is raised where task waits."""

    def abort(self, task: Any, /) -> bool:
        """Undo park. Return False if it is too late, and the answer is on its way."""


Steps = Generator[Door, Any, T]
"""What a generator coroutine is annotated to return: it yields doors and ends with a T."""


class Operation(Protocol[T_co]):
    """What `await` and `yield from` both accept; either brings a T_co."""

    def __await__(self) -> Generator[Door, Any, T_co]: ...
    def __iter__(self) -> Generator[Door, Any, T_co]: ...


def steps_of(what: Operation[T] | Coroutine[Any, Any, T] | Awaitable[T]) -> Any:
    """Return what can be sent to: a coroutine or generator itself, or what drives another
    operation.
    """
    if hasattr(what, "throw"):
        return what
    if hasattr(what, "__await__"):
        return what.__await__()
    raise TypeError(f"{what!r} cannot be waited for; call a coroutine function or an operation")


def send(steps: Any, given: object) -> object:
    """Hand given to what drives a task and is no generator or coroutine."""
    return steps.send(given)


def foreign(task: object, thing: object) -> TypeError:
    """Return the error of task, which yielded a thing that is no door."""
    return TypeError(
        f"{task!r} yielded {thing!r}, which is no trap; write `yield from` before an operation, "
        "and await only what is made for this reactor"
    )


def from_below(error: BaseException) -> BaseException:
    """Return error without the frame that caught it, a task's: the task will hold the error, and
    the two would wait for the garbage collector.
    """
    trace = error.__traceback__
    return error.with_traceback(trace and trace.tb_next)
