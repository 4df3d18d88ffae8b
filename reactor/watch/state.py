"""State: what a reactor is like after so many events of a recording.

Law of this file: it is rebuilt from events alone, one after the other. What an event does not tell
is not known here, and no event is refused: a part of a recording has a state too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

from .recording import Event


class TaskState(NamedTuple):
    """A task that lives: "new" before it is first queued; on which door it waits, or waited last,
    and at which place; parent is in whose group it has set out, error what it will find.
    """

    state: Literal["new", "ready", "running", "parked"]
    parent: int | None
    door: str | None = None
    place: int | None = None
    error: str | None = None


class SideState(NamedTuple):
    """A side of a descriptor: whether the poller is asked for it, and who waits, or waited last."""

    armed: bool
    waiter: int | None


class State:
    """A reactor, before the first event. Things have their numbers, times are in microseconds.

    ready is the queue, with what the turn has still to run in front; timers are those that are set,
    with when they are due (None: never); sides are by descriptor and "r" or "w"; running is what
    runs, and place where it stands.
    """

    def __init__(self) -> None:
        self.turn: int = 0
        self.time: float = 0.0
        self.running: int | None = None
        self.place: int | None = None
        self.ready: deque[int] = deque()
        self.timers: dict[int, float | None] = {}
        self.tasks: dict[int, TaskState] = {}
        self.sides: dict[tuple[int, str], SideState] = {}
        self.ended: bool = False

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        match event:
            case [int() | float() as time, str(kind), *told]:
                self.time = time
                change = _CHANGES.get(kind)
                if change is not None:
                    change(self, *told)
            case _:
                pass


def _turn(state: State, patience: float | None) -> None:
    state.turn += 1
    state.running = state.place = None


def _wake(state: State, thing: int) -> None:
    state.timers.pop(thing, None)
    state.ready.append(thing)
    _amend(state, thing, state="ready")


def _run(state: State, thing: int, place: int | None) -> None:
    task = state.tasks.get(thing)
    if task is None or task.state == "ready":  # else a timer runs it, and it was not queued
        _unqueue(state, thing)
    state.running, state.place = thing, place
    _amend(state, thing, state="running", door=None, place=place, error=None)


def _schedule(state: State, thing: int, when: float | None) -> None:
    state.timers[thing] = when


def _cancel(state: State, thing: int) -> None:
    state.timers.pop(thing, None)


def _watch(state: State, fd: int, side: str, thing: int | None) -> None:
    before = state.sides.get((fd, side))
    armed = thing is not None or (before is not None and before.armed)
    state.sides[fd, side] = SideState(armed, thing)


def _disarm(state: State, fd: int, side: str) -> None:
    before = state.sides.get((fd, side))
    if before is not None:
        state.sides[fd, side] = before._replace(armed=False)


def _forget(state: State, fd: int) -> None:
    for side in "rw":
        state.sides.pop((fd, side), None)


def _spawn(state: State, thing: int, parent: int | None) -> None:
    state.tasks[thing] = TaskState("new", parent)


def _throw(state: State, thing: int, error: str) -> None:
    _amend(state, thing, error=error)


def _park(state: State, thing: int, door: str, place: int | None) -> None:
    task = state.tasks.get(thing)
    if task is not None:
        queued = task.state == "ready"  # by the door itself, before this was told
        now: Literal["ready", "parked"] = "ready" if queued else "parked"
        state.tasks[thing] = task._replace(state=now, door=door, place=place)


def _finish(state: State, thing: int, error: str | None) -> None:
    task = state.tasks.pop(thing, None)
    if task is not None and task.state == "ready":  # it was closed in the queue
        _unqueue(state, thing)


def _end(state: State) -> None:
    state.ended = True
    state.running = state.place = None


def _amend(state: State, thing: int, /, **changes: Any) -> None:
    task = state.tasks.get(thing)
    if task is not None:
        state.tasks[thing] = task._replace(**changes)


def _unqueue(state: State, thing: int) -> None:
    if thing in state.ready:
        state.ready.remove(thing)


_CHANGES: Final[dict[str, Callable[..., None]]] = {
    "turn": _turn,
    "wake": _wake,
    "run": _run,
    "schedule": _schedule,
    "cancel": _cancel,
    "watch": _watch,
    "disarm": _disarm,
    "forget": _forget,
    "spawn": _spawn,
    "throw": _throw,
    "park": _park,
    "finish": _finish,
    "end": _end,
}
