"""Perfetto: a recording as a trace, which ui.perfetto.dev and chrome://tracing show.

Law of this file: the loop has a track, each task and each watch one, timers and callbacks share one
by kind. A slice is what one did from here to there; an arrow goes from what ran, or from the loop's
step, to what that woke.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, cast

from reactor.watch import Event, Header

from .names import Names
from .sheet import Sheet

LOOP: Final = 1
SHARED: Final = {"timer": 2, "callback": 3}
FIRST: Final = 10
"""Numbers of tracks: of the loop, of kinds that share one, and of the first thing that does not."""


def as_trace(header: Header, events: Sequence[Event]) -> str:
    """Return a recording as JSON of the Trace Event Format."""
    trace = _Trace(Names(events), Sheet(header["pid"]))
    for event in events:
        trace.hear(event)
    whole = {
        "traceEvents": trace.sheet.whole(" ".join(map(str, header["program"]))),
        "displayTimeUnit": "ns",
        "otherData": {key: str(value) for key, value in header.items()},
    }
    return json.dumps(whole, separators=(",", ":"))


class _Trace:
    """What is going on after the events that have been heard."""

    def __init__(self, names: Names, sheet: Sheet) -> None:
        self.sheet = sheet
        self._names = names
        self._running: int | None = None  # the track of what runs
        self._doors: dict[int, str] = {}  # by track: on what its task waits when its step is over
        self._woken: dict[tuple[int, int], int] = {}  # by track and thing: the arrow that has left
        self._arrows = 0
        self._turns = 0
        self._ready = 0
        self._timers: set[int] = set()
        sheet.name(LOOP, "the loop")
        sheet.begin(LOOP, "step", "before the first turn")

    def hear(self, event: Event) -> None:
        """Draw what an event tells."""
        self.sheet.now = cast("float", event[0])  # so it is in all of them
        match event[1:]:
            case ["turn", patience]:
                self._turn(patience)
            case ["poll", list(events)]:
                self._step("wake", returned=events)
            case ["wake", int(thing)]:
                self._wake(thing)
            case ["run", int(thing), place]:
                self._run(thing, self._names.place(place))
            case told:
                self._hear_more(told)

    def _hear_more(self, told: list[object]) -> None:
        match told:
            case ["error", int(thing), str(error)]:
                self.sheet.mark(self._track(thing), error)
            case ["schedule", int(thing), _]:
                self._count_timers(self._timers | {thing})
            case ["cancel", int(thing)]:
                self._count_timers(self._timers - {thing})
            case ["throw", int(thing), str(error)]:
                self.sheet.mark(self._track(thing), f"will find {error}")
            case ["park", int(thing), str(door), _]:
                self._doors[self._track(thing)] = door
            case ["finish", int(thing), str() | None as error]:
                self.sheet.mark(self._track(thing), error or "ended")
            case _:
                pass  # a kind that has no part in this picture

    def _turn(self, patience: object) -> None:
        self._rest()
        self._turns += 1
        self.sheet.end(LOOP, "step")
        self.sheet.end(LOOP, "turn")
        self.sheet.begin(LOOP, "turn", f"turn {self._turns}")
        self.sheet.begin(LOOP, "step", "wait", may_sleep=patience)

    def _step(self, name: str, **args: object) -> None:
        if self.sheet.slice(LOOP, "step") != name:
            self.sheet.end(LOOP, "step")
            self.sheet.begin(LOOP, "step", name, **args)

    def _wake(self, thing: int) -> None:
        if thing in self._timers:
            self._count_timers(self._timers - {thing})
            self._step("expire")
        self._count_ready(self._ready + 1)
        self._arrows += 1
        track = self._track(thing)
        self._woken[track, thing] = self._arrows
        self.sheet.leave(LOOP if self._running is None else self._running, self._arrows)
        if track >= FIRST and track != self._running:
            self.sheet.end(track, "state")
            self.sheet.begin(track, "state", "ready")

    def _run(self, thing: int, place: str) -> None:
        self._rest()
        self._step("run")
        track = self._running = self._track(thing)
        self.sheet.end(track, "state")
        self.sheet.begin(track, "state", self._names.of(thing), at=place)
        arrow = self._woken.pop((track, thing), None)
        if arrow is not None:  # else a timer runs it
            self._count_ready(self._ready - 1)
            self.sheet.arrive(track, arrow)

    def _rest(self) -> None:
        """What runs does so no more: it waits, or is queued again already."""
        track, self._running = self._running, None
        if track is None:
            return
        self.sheet.end(track, "state")
        door = self._doors.pop(track, None)
        if (track, track - FIRST) in self._woken:
            self.sheet.begin(track, "state", "ready")
        elif door is not None:
            self.sheet.begin(track, "state", f"waits on {door}")

    def _count_timers(self, timers: set[int]) -> None:
        self._timers = timers
        self.sheet.count(LOOP, "timers", len(timers))

    def _count_ready(self, ready: int) -> None:
        self._ready = ready
        self.sheet.count(LOOP, "ready", ready)

    def _track(self, thing: int) -> int:
        kind, name = self._names.kind(thing), self._names.of(thing)
        track = SHARED.get(kind, FIRST + thing)
        self.sheet.name(track, f"{kind}s" if track < FIRST else f"{kind} {name}")
        return track
