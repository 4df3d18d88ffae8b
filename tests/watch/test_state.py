"""State: what is rebuilt from events is what the reactor was."""

from __future__ import annotations

import os
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import reactor.watch
from reactor import Reactor, Runnable, Scope, Task, Timer
from reactor.poller import READ
from reactor.tasks import roots_of
from reactor.testing import World
from reactor.watch import (
    Event,
    Recorder,
    SideState,
    State,
    TaskState,
    read_recording,
    stack_of,
)
from tests.watch.programs import MadeUp

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(reactor.watch.__file__)))
KEPT_DOORS = ("<Side", "<Sleep")
"""Doors that look the same as long as somebody waits on them."""


class Snapshot(NamedTuple):
    """What a reactor is like: numbers of things, as a recording has them."""

    ready: list[int | None]
    timers: dict[int | None, int | None]
    sides: dict[tuple[int, str], tuple[bool, int | None]]
    tasks: dict[int | None, tuple[str, int | None]]
    doors: dict[int | None, str]
    places: dict[int | None, tuple[str, int]]


class Compared(Recorder):
    """A recorder that looks at its reactor each time before a turn begins."""

    reactor: Reactor

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.snapshots: list[Snapshot] = []
        self._made: list[Timer] = []
        self._watched: set[tuple[int, str]] = set()

    def turn(self, patience: float | None) -> None:
        self.look()
        super().turn(patience)

    def schedule(self, timer: Timer) -> None:
        self._made.append(timer)
        super().schedule(timer)

    def watch(self, fd: int, event: int, who: Runnable | None) -> None:
        self._watched.add((fd, "r" if event == READ else "w"))
        super().watch(fd, event, who)

    def forget(self, fd: int) -> None:
        self._watched -= {(fd, "r"), (fd, "w")}
        super().forget(fd)

    def look(self) -> None:
        """Note what the reactor is like now."""
        ready = self.reactor.ready
        tasks = list(tasks_of(self.reactor))
        waiting = [task for task in tasks if task not in ready]
        timers = [timer for timer in self._made if timer.live and timer not in ready]
        self.snapshots.append(
            Snapshot(
                ready=list(map(self.number_of, ready)),
                timers={
                    self.number_of(each): None if each.when == inf else int(each.when * 1e6)
                    for each in timers
                },
                sides={(fd, side): self._side(fd, side) for fd, side in self._watched},
                tasks={
                    self.number_of(task): (
                        "ready" if task in ready else "parked",
                        self._parent_of(task),
                    )
                    for task in tasks
                },
                doors={
                    self.number_of(task): door
                    for task in waiting
                    if (door := repr(task).partition(" waits on ")[2][:-1]).startswith(KEPT_DOORS)
                },
                places={self.number_of(task): place_of(task) for task in waiting},
            )
        )

    def _side(self, fd: int, side: str) -> tuple[bool, int | None]:
        reader = self.reactor.reading(fd)
        found = reader if side == "r" else reader.other
        return found.armed, self.number_of(found.waiter)

    def _parent_of(self, task: Task[Any]) -> int | None:
        scope: Any = task.scope
        while scope.host is task:
            scope = scope.parent
        return None if scope.host is None else self.number_of(scope.host)


def tasks_of(reactor: Reactor) -> list[Task[Any]]:
    """Return the tasks that live."""
    found: list[Task[Any]] = []
    todo: list[Scope] = list(roots_of(reactor))
    for group in todo:
        for task in group.members():
            found.append(task)
            scope: Any = task.scope
            while scope.host is task:
                todo.append(scope)
                scope = scope.parent
    return found


def place_of(task: Task[Any]) -> tuple[str, int]:
    """Return the function and the line where a task stands, outside of the framework."""
    places = [place for place in stack_of(task) if not place.file.startswith(PACKAGE)]
    return places[-1].function, places[-1].line


def snapshot_of(state: State, places: dict[object, tuple[Any, Any]]) -> Snapshot:
    """Return what a state says, as a Snapshot."""
    waiting = {number: task for number, task in state.tasks.items() if task.state == "parked"}
    return Snapshot(
        ready=list(state.ready),
        timers={
            number: when if when is None else int(when) for number, when in state.timers.items()
        },
        sides={key: (side.armed, side.waiter) for key, side in state.sides.items()},
        tasks={number: (task.state, task.parent) for number, task in state.tasks.items()},
        doors={
            number: task.door
            for number, task in waiting.items()
            if task.door is not None and task.door.startswith(KEPT_DOORS)
        },
        places={number: places[task.place] for number, task in waiting.items()},
    )


def rebuilt(events: list[Event]) -> list[Snapshot]:
    """Return what the state was before each turn, and before the end."""
    state, snapshots = State(), []
    places: dict[object, tuple[Any, Any]] = {}
    for event in events:
        if event[1] == "place":
            places[event[2]] = event[3], event[5]
        if event[1] in ("turn", "end"):
            snapshots.append(snapshot_of(state, places))
        state.apply(event)
    return snapshots


@pytest.mark.parametrize("number", range(60))
def test_what_is_rebuilt_is_what_the_reactor_was_at_each_turn(number: int, tmp_path: Path) -> None:
    recorder = Compared(tmp_path / "run.jsonl")
    errors: list[Exception] = []
    world = World(seed=number, tracer=recorder, on_error=lambda what, error: errors.append(error))
    recorder.reactor = world.reactor
    with world:
        world.run(MadeUp(world.reactor, number).main)
        recorder.look()

    assert errors == []
    events = read_recording(recorder.path).events
    for turn, (was, told) in enumerate(zip(recorder.snapshots, rebuilt(events), strict=True)):
        assert told == was, f"before turn {turn + 1}"


def stepped(*told: list[object]) -> State:
    """Return a state after events, each a microsecond after the one before."""
    state = State()
    for time, each in enumerate(told):
        state.apply([time, *each])
    return state


def test_what_runs_does_so_until_another_does_or_the_next_turn_begins() -> None:
    begun: list[list[object]] = [["spawn", 1, None], ["wake", 1], ["run", 1, 7]]

    assert (stepped(*begun).running, stepped(*begun).place) == (1, 7)
    assert stepped(*begun, ["park", 1, "a door", 7]).running == 1
    assert stepped(*begun, ["run", 2, None]).running == 2
    assert stepped(*begun, ["turn", None]).running is None
    assert stepped(*begun, ["end"]).running is None


def test_a_task_is_new_then_ready_then_runs_then_waits() -> None:
    told: list[list[object]] = [
        ["spawn", 1, 9],
        ["wake", 1],
        ["run", 1, 7],
        ["park", 1, "a door", 8],
        ["throw", 1, "Cancelled"],
        ["run", 1, 8],
    ]
    seen = [stepped(*told[: number + 1]).tasks[1] for number in range(len(told))]

    assert seen == [
        TaskState("new", 9),
        TaskState("ready", 9),
        TaskState("running", 9, place=7),
        TaskState("parked", 9, "a door", 8),
        TaskState("parked", 9, "a door", 8, "Cancelled"),
        TaskState("running", 9, place=8),
    ]


def test_turns_and_the_time_are_counted() -> None:
    state = stepped(["turn", None], ["poll", []], ["turn", 0], ["end"])

    assert (state.turn, state.time, state.ended) == (2, 3, True)


def test_a_task_that_is_closed_in_the_queue_leaves_it() -> None:
    state = stepped(["spawn", 1, None], ["wake", 1], ["wake", 2], ["finish", 1, "Cancelled"])

    assert (list(state.ready), state.tasks) == ([2], {})


def test_a_part_of_a_recording_has_a_state_too() -> None:
    state = stepped(
        ["moon", "full"],
        ["run", 3, None],
        ["park", 3, "a door", 1],
        ["cancel", 4],
        ["disarm", 5, "w"],
        ["forget", 6],
        ["finish", 7, None],
        ["watch", 8, "r", None],
    )
    state.apply(["now"])

    assert (state.time, state.running, state.tasks) == (7, 3, {})
    assert state.sides == {(8, "r"): SideState(armed=False, waiter=None)}
