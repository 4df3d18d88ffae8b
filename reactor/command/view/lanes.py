"""Lanes: what a loop, each task and each watch did, from event to event.

Law of this file: a lane is a list of spans that follow one another. Timers and callbacks live too
shortly for a lane each, so they share one by kind; and who has never been woken has none. The page
draws the same, by page/lanes.js.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reactor.watch import Event

from .names import Names

What = Literal["asleep", "awake", "parked", "ready", "running"]


@dataclass(eq=False)
class Lane:
    """A lane, and its spans: from which event to which, and what it was in between."""

    name: str
    kind: str
    parent: int | None = None
    depth: int = 0
    spans: list[tuple[int, int, What]] = field(default_factory=list)
    told: bool = False  # whether a descriptor tells it

    def did_something(self) -> bool:
        """Tell whether it has run, or would have."""
        return any(what in ("ready", "running") for _, _, what in self.spans)


@dataclass
class Lanes:
    """The lanes of a recording, the loop's first, and at which event which lane woke which."""

    all: list[Lane]
    wakes: list[tuple[int, Lane, Lane]]


def lanes_of(events: Sequence[Event]) -> Lanes:
    """Return the lanes of a recording: the loop, tasks below their parents, and the others."""
    survey = _Survey(Names(events))
    for number, event in enumerate(events):
        survey.hear(number, event)
    survey.close(max(0, len(events) - 1))
    kept = [lane for lane in survey.lanes.values() if lane.did_something()]
    tasks = [lane for lane in kept if lane.kind == "task"]
    others = sorted(
        (lane for lane in kept if lane.kind not in ("task", "loop")),
        key=lambda lane: lane.kind != "watch",
    )
    return Lanes([survey.loop, *_tree(tasks, survey.numbers), *others], survey.wakes)


class _Survey:
    """What is going on after the events that have been heard."""

    def __init__(self, names: Names) -> None:
        self.loop = Lane("the loop", "loop")
        self.lanes: dict[object, Lane] = {None: self.loop}
        self.numbers: dict[int, Lane] = {}  # tasks, by their numbers
        self.wakes: list[tuple[int, Lane, Lane]] = []
        self._names = names
        self._open: dict[Lane, tuple[int, What]] = {}
        self._running: Lane | None = None
        self._again = False  # what runs is queued again already
        self._tells: dict[tuple[object, str], Lane] = {}  # by side
        self._hear: dict[object, Callable[..., None]] = {
            "turn": self._turn,
            "poll": self._poll,
            "wake": self._wake,
            "run": self._run,
            "park": self._park,
            "watch": self._watch,
            "forget": self._forget,
            "spawn": self._spawn,
            "finish": self._finish,
        }

    def hear(self, number: int, event: Event) -> None:
        """Go on by an event."""
        hear = self._hear.get(event[1])
        if hear is not None:
            hear(number, *event[2:])

    def close(self, number: int) -> None:
        """Nothing comes after this event."""
        for lane in list(self._open):
            self._enter(lane, number, None)

    def _lane(self, thing: int) -> Lane:
        name, kind = self._names.of(thing), self._names.kind(thing)
        key: object = thing if kind == "task" else (name if kind == "watch" else kind)
        lane = self.lanes.setdefault(key, Lane(name if key != kind else f"{kind}s", kind))
        if kind == "task":
            self.numbers[thing] = lane
        return lane

    def _enter(self, lane: Lane, number: int, what: What | None) -> None:
        before = self._open.pop(lane, None)
        if before is not None:
            lane.spans.append((before[0], number, before[1]))
        if what is not None:
            self._open[lane] = number, what

    def _rest(self, number: int) -> None:
        lane, self._running = self._running, None
        if lane is not None and lane in self._open and self._open[lane][1] == "running":
            self._enter(lane, number, "ready" if self._again else "parked" if lane.told else None)
        self._again = False

    def _turn(self, number: int, _: object) -> None:
        self._rest(number)
        self._enter(self.loop, number, "asleep")

    def _poll(self, number: int, _: object) -> None:
        self._enter(self.loop, number, "awake")

    def _wake(self, number: int, thing: int) -> None:
        lane = self._lane(thing)
        self.wakes.append((number, self._running or self.loop, lane))
        if lane is self._running:
            self._again = True
        elif lane.kind in ("task", "watch"):
            self._enter(lane, number, "ready")

    def _run(self, number: int, thing: int, _: object) -> None:
        self._rest(number)
        self._running = self._lane(thing)
        self._enter(self._running, number, "running")

    def _park(self, number: int, thing: int, *_: object) -> None:
        self._enter(self._lane(thing), number, "ready" if self._again else "parked")
        self._again = False

    def _watch(self, number: int, fd: object, side: str, thing: int | None) -> None:
        lane = None if thing is None else self._lane(thing)
        if lane is not None and lane.kind != "watch":
            lane = None
        self._tell(number, (fd, side), lane)
        if lane is not None:
            lane.told = True
            if lane is not self._running:
                self._enter(lane, number, "parked")

    def _tell(self, number: int, side: tuple[object, str], lane: Lane | None) -> None:
        """That side tells another one, or nobody, from now on."""
        before = self._tells.pop(side, None)
        if before is not None and before is not lane:
            before.told = False
            if before is not self._running:
                self._enter(before, number, None)
        if lane is not None:
            self._tells[side] = lane

    def _forget(self, number: int, fd: object) -> None:
        for side in "rw":
            self._tell(number, (fd, side), None)

    def _spawn(self, _: int, thing: int, parent: int | None) -> None:
        self._lane(thing).parent = parent

    def _finish(self, number: int, thing: int, _: object) -> None:
        self._enter(self._lane(thing), number, None)


def _tree(tasks: Sequence[Lane], numbers: dict[int, Lane]) -> list[Lane]:
    """Return tasks below their parents, each a step further in."""
    below: dict[Lane | None, list[Lane]] = {}
    for lane in tasks:
        parent = None if lane.parent is None else numbers.get(lane.parent)
        below.setdefault(parent if parent in tasks else None, []).append(lane)
    todo = below.get(None, [])[::-1]
    tree: list[Lane] = []
    while todo:
        lane = todo.pop()
        tree.append(lane)
        for child in reversed(below.get(lane, [])):
            child.depth = lane.depth + 1
            todo.append(child)
    return tree
