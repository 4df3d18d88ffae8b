"""Explanation: which task waits for what, and on which line it stands.

Law of this file: looking changes nothing. A task is looked at from outside, through its coroutine
and what that waits for in its turn, so nothing has to be kept for it while it runs.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from types import CoroutineType, FrameType, GeneratorType
from typing import Any, Final, NamedTuple, TypeVar, TypeVarTuple

from reactor.loop import Reactor
from reactor.tasks import Scope, Task, TaskGroup, roots_of

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

PACKAGE: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
_OURS: Final = (PACKAGE, "<frozen runpy>")
_FRAMES: Final = ("cr_frame", "gi_frame", "ag_frame")


class Place(NamedTuple):
    """A line at which a function stands: `fetch (app.py:12)`."""

    function: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.function} ({self.file}:{self.line})"


def stack_of(task: Task[Any]) -> list[Place]:
    """Return where task stands: its own function first, then whom that waits for, and so on.

    Empty once it has ended. Of the task that runs only the first is known, the rest is in the
    interpreter's stack.
    """
    places: list[Place] = []
    steps = task.steps
    while steps is not None:
        frame, below = _look_into(steps)
        if frame is not None:
            places.append(place_of(frame))
        steps = below
    return places


def standing(task: Task[Any]) -> Place | None:
    """Return where task stands: its innermost line outside this package, the innermost of all if
    there is none; None once it has ended.

    It is the last that explain shows, found fast: what is rare is left to stack_of.
    """
    steps: Any = task.steps
    ours: Any = None
    theirs: Any = None
    while steps is not None:
        kind: type = type(steps)
        if kind is CoroutineType:
            frame, steps = steps.cr_frame, steps.cr_await
        elif kind is GeneratorType:
            frame, steps = steps.gi_frame, steps.gi_yieldfrom
        else:
            places = outside(stack_of(task))
            return places[-1] if places else None
        if frame is not None:
            if frame.f_code.co_filename.startswith(PACKAGE):
                ours = frame
            else:
                theirs = frame
    frame = theirs or ours
    return None if frame is None else place_of(frame)


def place_of(frame: FrameType) -> Place:
    """Return where frame stands."""
    code = frame.f_code
    return Place(code.co_qualname, code.co_filename, frame.f_lineno)


def _look_into(steps: Any) -> tuple[Any, object]:
    """Return the frame of steps and what it waits for; None where there is no such thing."""
    # What runs must not be asked whom it waits for: Python would follow a stack that is in use, and
    # crash. Whoever looks from another thread is safe between the two looks of each line, since
    # neither is a call.
    if hasattr(steps, "cr_frame"):
        return steps.cr_frame, None if steps.cr_running else steps.cr_await
    if hasattr(steps, "gi_frame"):
        return steps.gi_frame, None if steps.gi_running else steps.gi_yieldfrom
    if hasattr(steps, "ag_frame"):
        frame = steps.ag_frame  # ag_running says that somebody waits for it
        return frame, None if frame is None or frame.f_back is not None else steps.ag_await
    # What drives a coroutine from `__await__`, or a step of an async generator, does not say whom
    # it drives; but it holds it, and nothing else that could be driven.
    for held in gc.get_referents(steps):
        if any(hasattr(held, frame) for frame in _FRAMES):
            return None, held
    return None, None


def explain(reactor: Reactor) -> str:
    """Return a text that shows each live task of reactor, what it waits on, and where: a tree of
    the groups and scopes that they are in. Empty if there is no task.

    Of a stack, what stands in this framework itself is left out.
    """
    return "\n".join(line for root in roots_of(reactor) for line in _tree(root))


def _tree(root: TaskGroup) -> Iterator[str]:
    for depth, what in branches(root):
        indent = "  " * depth
        if isinstance(what, Task):
            yield f"{indent}{what!r}"
            yield from (f"{indent}  at {place}" for place in outside(stack_of(what)))
        else:
            yield f"{indent}in {what!r}"


def branches(root: TaskGroup) -> Iterator[tuple[int, Scope | Task[Any]]]:
    """Yield the tasks and scopes in root, each after what it is in, and how deep it is.

    It may be gone through in another thread: what changes meanwhile is seen before or after.
    """
    todo: list[tuple[int, Scope, Scope | Task[Any]]]
    todo = [(0, root, task) for task in steadily(root.members)]
    while todo:  # no recursion: groups may stand in tasks of groups as deep as they like
        depth, home, what = todo.pop()
        yield depth, what
        if isinstance(what, Task):
            todo += [(depth + 1, home, scope) for scope in steadily(home.between, what)]
        else:
            todo += [(depth + 1, what, task) for task in reversed(steadily(what.members))]


def steadily(look: Callable[[*Ts], Sequence[T]], *args: *Ts, times: int = 10) -> Sequence[T]:
    """Return look(*args), which is tried so many times: another thread may change what it goes
    through, or lead it to a scope that has been left. After that there is nothing to see.
    """
    for _ in range(times):
        try:
            return look(*args)
        except (AttributeError, RuntimeError):
            pass
    return ()


def outside(places: list[Place]) -> list[Place]:
    """Return those of places that are not in this package, nor in what runs a module as a program;
    the last, if all of them are.
    """
    return [place for place in places if not place.file.startswith(_OURS)] or places[-1:]
