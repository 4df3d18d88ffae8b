"""What the Trace Event Format asks of a file, as a check.

Law of this file: each rule is the format's own. A complaint names the event; none means that the
file is as it should be. Source: "Trace Event Format", the document that perfetto.dev names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Final

NUMBER: Final = (int, float)

KEYS: Final[dict[str, dict[str, object]]] = {
    "X": {"name": str, "cat": str, "ts": NUMBER, "dur": NUMBER, "pid": int, "tid": int},
    "i": {"name": str, "ts": NUMBER, "pid": int, "tid": int, "s": str},
    "C": {"name": str, "ts": NUMBER, "pid": int, "args": dict},
    "M": {"name": str, "pid": int, "args": dict},
    "s": {"name": str, "cat": str, "id": (int, str), "ts": NUMBER, "pid": int, "tid": int},
    "f": {"name": str, "cat": str, "id": (int, str), "ts": NUMBER, "pid": int, "tid": int},
}
"""By phase, the keys that an event has to have, and of what type each is."""

METADATA: Final = {
    "process_name": ("name", str),
    "process_labels": ("labels", str),
    "process_sort_index": ("sort_index", int),
    "thread_name": ("name", str),
    "thread_sort_index": ("sort_index", int),
}

Event = dict[str, Any]  # JSON
Track = tuple[int, int]


def complaints(trace: object) -> list[str]:
    """Return what is wrong with a trace, as json.loads has read it."""
    if not isinstance(trace, dict) or not isinstance(trace.get("traceEvents"), list):
        return ["there is no list of traceEvents"]
    if trace.get("displayTimeUnit", "ms") not in ("ms", "ns"):
        return ["displayTimeUnit is neither ms nor ns"]
    events: list[Event] = trace["traceEvents"]
    found = [complaint for event in events for complaint in _of_one(event)]
    return found or [*_of_order(events), *_of_slices(events), *_of_flows(events), *_unnamed(events)]


def _of_one(event: Event) -> Iterator[str]:
    phase = event.get("ph")
    if phase not in KEYS:
        yield f"there is no phase {phase!r}: {event}"
        return
    for key, wanted in KEYS[phase].items():
        value = event.get(key)
        if not isinstance(value, wanted) or isinstance(value, bool):  # type: ignore[arg-type]  # types, from a table
            yield f"{key} is {value!r}: {event}"
    if any(isinstance(event.get(key), NUMBER) and event[key] < 0 for key in ("ts", "dur")):
        yield f"a time is negative: {event}"
    if phase == "i" and event.get("s") not in ("g", "p", "t"):
        yield f"the scope of an instant is g, p or t: {event}"
    if phase == "f" and event.get("bp", "e") != "e":
        yield f"a binding point is e, or not said: {event}"
    args = event.get("args", {})
    if phase == "C" and not (args and all(isinstance(each, NUMBER) for each in args.values())):
        yield f"a counter counts numbers: {event}"
    if phase == "M":
        key, of_type = METADATA.get(event["name"], ("", str))
        if not isinstance(args.get(key), of_type):
            yield f"metadata is not known, or tells nothing: {event}"


def _of_order(events: list[Event]) -> Iterator[str]:
    timed = [event for event in events if event["ph"] != "M"]
    for before, after in pairwise(timed):
        if after["ts"] < before["ts"]:
            yield f"goes back in time: {after}"


def _slices(events: Iterable[Event]) -> dict[Track, list[Event]]:
    tracks: dict[Track, list[Event]] = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            tracks[event["pid"], event["tid"]].append(event)
    return tracks


def _of_slices(events: list[Event]) -> Iterator[str]:
    for slices in _slices(events).values():
        around: list[Event] = []
        for each in slices:
            while around and _end(around[-1]) <= each["ts"]:
                around.pop()
            if around and _end(each) > _end(around[-1]):
                yield f"lies neither in {around[-1]} nor beside it: {each}"
            around.append(each)


def _end(event: Event) -> float:
    end: float = event["ts"] + event["dur"]
    return end


def _of_flows(events: list[Event]) -> Iterator[str]:
    begun: dict[tuple[str, object], Event] = {}
    ended = set()
    slices = _slices(events)
    for event in events:
        if event["ph"] not in ("s", "f"):
            continue
        track, at = slices[event["pid"], event["tid"]], event["ts"]
        if not any(each["ts"] <= at <= _end(each) for each in track):
            yield f"an arrow is bound to no slice: {event}"
        key = (event["cat"], event["id"])
        if event["ph"] == "s" and begun.setdefault(key, event) is not event:
            yield f"two arrows have one id: {event}"
        if event["ph"] == "f":
            if key not in begun or key in ended:
                yield f"an arrow ends that has not begun: {event}"
            ended.add(key)
    yield from (f"an arrow has no end: {begun[key]}" for key in begun if key not in ended)


def _unnamed(events: list[Event]) -> Iterator[str]:
    named = {event["tid"] for event in events if event["name"] == "thread_name"}
    used = {event["tid"] for event in events if event["ph"] == "X"}
    yield from (f"track {each} has no name" for each in sorted(used - named))
