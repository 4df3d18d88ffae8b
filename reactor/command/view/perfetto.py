"""Trace: a recording in the Trace Event Format, which Perfetto and chrome://tracing show.

Law of this file: the loop has a track, each task and each watch one, timers and callbacks share one
by kind. A slice is what one did from here to there; an arrow goes from what ran, or from the loop's
step, to what that woke. Slices of one track lie in one another or apart. Source: the document
"Trace Event Format" that perfetto.dev names, in which moments and lengths are in microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from .names import Names, Row

LOOP: Final = 1
SHARED: Final = {"timer": 2, "callback": 3}
FIRST: Final = 10
"""Numbers of tracks: of the loop, of kinds that share one, and of the first thing that does not."""

Entry = dict[str, object]


def as_trace(header: dict[str, object], rows: Sequence[Row]) -> str:
    """Return a recording as JSON of the Trace Event Format."""
    trace = _Trace(header, Names(rows))
    for row in rows:
        trace.hear(row)
    return json.dumps(trace.whole(), separators=(",", ":"))


class _Trace:
    """What has become of the rows so far, and what is going on."""

    def __init__(self, header: dict[str, object], names: Names) -> None:
        self._header = header
        self._names = names
        self._entries: list[Entry] = []
        self._tracks: dict[int, str] = {LOOP: "the loop"}
        self._open: dict[tuple[int, str], Entry] = {}  # slices that go on, by track and kind
        self._running: int | None = None  # the track of what runs
        self._doors: dict[int, str] = {}  # by track: on what its task waits when its step is over
        self._woken: dict[int, tuple[int, int]] = {}  # by thing: number and moment of its arrow
        self._arrows = 0
        self._turns = 0
        self._ready = 0
        self._timers: set[int] = set()
        self._now = 0
        self._begin(LOOP, "step", "before the first turn")

    def hear(self, row: Row) -> None:
        """Add what a row tells."""
        if isinstance(row[0], int):
            self._now = row[0]
        match row[1:]:
            case ["turn", int() | None as patience]:
                self._turn(patience)
            case ["poll", list(events)]:
                self._end(LOOP, "step", returned=_readiness(events))
                self._begin(LOOP, "step", "wake")
            case ["wake", int(thing)]:
                self._wake(thing)
            case ["run", int(thing), place]:
                self._run(thing, place)
            case told:
                self._hear_more(told)

    def _hear_more(self, told: Row) -> None:
        match told:
            case ["error", int(thing), str(error)]:
                self._mark(self._track(thing), error)
            case ["schedule", int(thing), _]:
                self._timers.add(thing)
                self._count("timers", len(self._timers))
            case ["cancel", int(thing)]:
                self._timers.discard(thing)
                self._count("timers", len(self._timers))
            case ["throw", int(thing), str(error)]:
                self._mark(self._track(thing), f"will find {error}")
            case ["park", int(thing), str(door), _]:
                self._doors[self._track(thing)] = door
            case ["finish", int(thing), str() | None as error]:
                self._mark(self._track(thing), error or "ended")
            case _:
                pass  # a kind that has no part in this picture

    def _turn(self, patience: int | None) -> None:
        self._rest()
        self._end(LOOP, "step")
        self._end(LOOP, "turn")
        self._turns += 1
        self._begin(LOOP, "turn", f"turn {self._turns}")
        self._begin(LOOP, "step", "wait", may_sleep=patience)

    def _wake(self, thing: int) -> None:
        if thing in self._timers:
            self._timers.discard(thing)
            self._count("timers", len(self._timers))
            if self._running is None and self._step() == "wake":
                self._end(LOOP, "step")
                self._begin(LOOP, "step", "expire")
        self._ready += 1
        self._count("ready", self._ready)
        self._arrows += 1
        self._woken[thing] = (self._arrows, self._now)
        waker = LOOP if self._running is None else self._running
        self._add("s", waker, name="wakes", cat="wake", id=self._arrows)
        track = self._track(thing)
        if track >= FIRST and track != self._running:
            self._end(track, "state")
            self._begin(track, "state", "ready")

    def _run(self, thing: int, place: object) -> None:
        self._rest()
        if self._step() not in ("run", None):
            self._end(LOOP, "step")
            self._begin(LOOP, "step", "run")
        self._ready = max(0, self._ready - 1)
        self._count("ready", self._ready)
        track = self._running = self._track(thing)
        self._end(track, "state")
        self._begin(track, "state", self._names.of(thing), at=self._names.place(place))
        if (arrow := self._woken.pop(thing, None)) is not None:
            self._add("f", track, name="wakes", cat="wake", id=arrow[0], bp="e")

    def _rest(self) -> None:
        """What runs does so no more: it waits, or is queued again already."""
        track, self._running = self._running, None
        if track is None:
            return
        self._end(track, "state")
        door = self._doors.pop(track, None)
        if track - FIRST in self._woken:
            self._begin(track, "state", "ready")
        elif door is not None:
            self._begin(track, "state", f"waits on {door}")

    def _step(self) -> object:
        entry = self._open.get((LOOP, "step"))
        return None if entry is None else entry["name"]

    def _track(self, thing: int) -> int:
        kind, name = self._names.kind(thing), self._names.of(thing)
        track = SHARED.get(kind, FIRST + thing)
        self._tracks.setdefault(track, f"{kind}s" if track < FIRST else f"{kind} {name}")
        return track

    # -- entries

    def _begin(self, track: int, kind: str, name: str, **args: object) -> None:
        entry = self._add("X", track, name=name, cat=kind, dur=0, args=args)
        self._open[track, kind] = entry

    def _end(self, track: int, kind: str, **args: object) -> None:
        entry = self._open.pop((track, kind), None)
        if entry is not None:
            began, told = entry["ts"], entry["args"]
            assert isinstance(began, int)
            assert isinstance(told, dict)
            entry.update(dur=self._now - began, args={**told, **args})

    def _mark(self, track: int, name: str) -> None:
        self._add("i", track, name=name, cat="event", s="t")

    def _count(self, name: str, value: int) -> None:
        self._add("C", LOOP, name=name, args={name: value})

    def _add(self, phase: str, track: int, **rest: object) -> Entry:
        entry = {"ph": phase, "ts": self._now, "pid": self._header["pid"], "tid": track, **rest}
        self._entries.append(entry)
        return entry

    def whole(self) -> Entry:
        """Return all of it, with the names of tracks, when the last row has been heard."""
        for track, kind in list(self._open):
            self._end(track, kind)
        program = self._header["program"]
        title = " ".join(map(str, program)) if isinstance(program, list) else ""
        meta = [self._meta("process_name", LOOP, name=title)]
        for order, (track, name) in enumerate(sorted(self._tracks.items())):
            meta.append(self._meta("thread_name", track, name=name))
            meta.append(self._meta("thread_sort_index", track, sort_index=order))
        arrived = {entry["id"] for entry in self._entries if entry["ph"] == "f"}
        kept = [each for each in self._entries if each["ph"] != "s" or each["id"] in arrived]
        return {
            "traceEvents": [*meta, *kept],
            "displayTimeUnit": "ns",
            "otherData": {key: str(value) for key, value in self._header.items()},
        }

    def _meta(self, what: str, track: int, **args: object) -> Entry:
        pid = self._header["pid"]
        return {"ph": "M", "ts": 0, "pid": pid, "tid": track, "name": what, "args": args}


def _readiness(events: list[object]) -> list[str]:
    return [f"fd {event[0]} {event[1]}" for event in events if isinstance(event, list)]
