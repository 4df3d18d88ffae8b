"""A recording as a trace: by the rules of the format, and what it shows."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reactor.command.view import as_trace
from tests.command import recordings
from tests.command.trace_format import complaints

PROCESSOR = shutil.which("trace_processor") or shutil.which("trace_processor_shell")

SLICE = {"ph": "X", "name": "a", "cat": "a", "ts": 0, "dur": 4, "pid": 1, "tid": 1}
ARROW = {"ph": "s", "name": "a", "cat": "a", "ts": 0, "id": 1, "pid": 1, "tid": 1}
NAME = {"ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "args": {"name": "a"}}


def trace(*rows: list[object]) -> dict[str, Any]:
    """The trace of some rows, or of a recording if there are none."""
    header, recorded = recordings.recording()
    whole: dict[str, Any] = json.loads(as_trace(header, rows or recorded))
    assert complaints(whole) == []
    return whole


def slices(whole: dict[str, Any], track: str) -> list[tuple[str, int, int]]:
    """Name, begin and length of the slices of a track."""
    (tid,) = (
        each["tid"]
        for each in whole["traceEvents"]
        if each["name"] == "thread_name" and each["args"]["name"] == track
    )
    return [
        (each["name"], each["ts"], each["dur"])
        for each in whole["traceEvents"]
        if each["ph"] == "X" and each["tid"] == tid
    ]


@pytest.mark.parametrize(
    ("events", "complaint"),
    [
        ([{**SLICE, "ph": "Q"}], "no phase"),
        ([{**SLICE, "dur": None}], "dur is None"),
        ([{**SLICE, "tid": "one"}], "tid is 'one'"),
        ([{**SLICE, "ts": -1}], "a time is negative"),
        ([{**SLICE, "ph": "i", "s": "x"}], "scope"),
        ([{**SLICE, "ph": "C", "args": {"ready": "2"}}], "counts numbers"),
        ([{**NAME, "args": {}}], "tells nothing"),
        ([NAME, {**SLICE, "ts": 2}, SLICE], "goes back in time"),
        ([NAME, SLICE, {**SLICE, "ts": 2}], "lies neither in"),
        ([NAME, ARROW], "bound to no slice"),
        ([NAME, SLICE, ARROW], "has no end"),
        ([NAME, SLICE, ARROW, {**ARROW}], "have one id"),
        ([NAME, SLICE, {**ARROW, "ph": "f"}], "has not begun"),
        ([NAME, SLICE, {**ARROW, "ph": "f", "bp": "s"}], "binding point"),
        ([SLICE], "track 1 has no name"),
    ],
)
def test_the_check_finds(events: list[dict[str, object]], complaint: str) -> None:
    found = complaints({"traceEvents": events})

    assert any(complaint in each for each in found), found


def test_the_check_wants_a_list_of_events_and_a_unit() -> None:
    assert complaints([]) == ["there is no list of traceEvents"]
    assert complaints({"traceEvents": [], "displayTimeUnit": "s"}) != []


def test_a_turn_has_its_steps_in_it() -> None:
    steps = slices(trace(), "the loop")

    assert steps[0] == ("before the first turn", 0, 27)
    third = steps.index(("turn 3", 144, 454))
    assert steps[third + 1 : third + 4] == [
        ("wait", 144, 403),
        ("wake", 547, 12),
        ("run", 559, 39),
    ]


def test_timers_that_are_due_make_a_step_of_their_own() -> None:
    names = [name for name, _, _ in slices(trace(), "the loop")]

    expired = names.index("expire")
    assert names[expired - 3 : expired + 2] == ["turn 15", "wait", "wake", "expire", "run"]
    assert names.count("expire") == 1


def test_a_task_is_ready_runs_and_waits() -> None:
    client = slices(trace(), "task client 1")

    assert client[:3] == [
        ("ready", 51, 48),
        ("client 1", 99, 15),
        ("waits on <Side fd=7 reading>", 114, 902),
    ]


def test_a_task_that_queues_itself_while_it_runs_is_ready_after_that() -> None:
    whole = trace(
        [1, "thing", 1, "task", "busy", None],
        [2, "spawn", 1, None],
        [3, "wake", 1],
        [4, "turn", 0],
        [5, "poll", []],
        [6, "run", 1, None],
        [7, "wake", 1],
        [8, "park", 1, "<Checkpoint>", None],
        [9, "turn", 0],
        [10, "poll", []],
        [11, "run", 1, None],
        [12, "error", 1, "ValueError: no"],
        [13, "finish", 1, None],
        [14, "end"],
    )

    assert slices(whole, "task busy") == [
        ("ready", 3, 3),
        ("busy", 6, 3),
        ("ready", 9, 2),
        ("busy", 11, 3),
    ]
    marks = [each["name"] for each in whole["traceEvents"] if each["ph"] == "i"]
    assert marks == ["ValueError: no", "ended"]


def test_what_a_descriptor_tells_has_a_track_of_its_own() -> None:
    whole = trace(
        [1, "thing", 1, "callback", "channel", None],
        [2, "watch", 7, "r", 1],
        [3, "turn", None],
        [4, "poll", [[7, "r"]]],
        [5, "wake", 1],
        [6, "run", 1, None],
        [9, "end"],
    )

    assert slices(whole, "watch channel") == [("ready", 5, 1), ("channel", 6, 3)]


def test_a_task_that_its_timer_runs_runs_too() -> None:
    whole = trace(*recordings.NAP)

    assert slices(whole, "task nap") == [
        ("ready", 2, 3),
        ("nap", 5, 3),
        ("waits on <Sleep 0.1 s>", 8, 100_003),
        ("nap", 100_011, 10),
    ]
    assert slices(whole, "timers") == [("timer nap", 100_010, 1)]
    counts = [each["args"] for each in whole["traceEvents"] if each["name"] == "ready"]
    assert counts[-3:] == [{"ready": 0}, {"ready": 1}, {"ready": 0}]


def test_callbacks_share_a_track_and_so_do_timers() -> None:
    whole = trace()

    assert [name for name, _, _ in slices(whole, "callbacks")] == ["count"] * 6
    assert [name for name, _, _ in slices(whole, "timers")] == ["timer timeout of 0"]


def test_arrows_go_from_who_woke_to_who_is_woken() -> None:
    whole = trace()
    tracks = {
        each["tid"]: each["args"]["name"]
        for each in whole["traceEvents"]
        if each["name"] == "thread_name"
    }
    ends: dict[int, list[str]] = {}
    for each in whole["traceEvents"]:
        if each["ph"] in ("s", "f"):
            ends.setdefault(each["id"], []).append(tracks[each["tid"]])

    arrows = list(ends.values())
    assert arrows[:2] == [["the loop", "task serve"], ["task serve", "task client 0"]]
    assert ["task client 3", "callbacks"] in arrows
    assert arrows[-2:] == [["the loop", "timers"], ["timers", "task client 0"]]


def test_what_is_woken_and_never_runs_has_no_arrow() -> None:
    whole = trace([1, "thing", 1, "callback", "late", None], [2, "wake", 1], [3, "end"])

    assert [each for each in whole["traceEvents"] if each["ph"] == "s"] == []


def test_several_timers_are_due_in_one_step() -> None:
    whole = trace(
        [1, "schedule", 1, 5],
        [2, "schedule", 2, 5],
        [3, "turn", 2],
        [5, "poll", []],
        [6, "wake", 1],
        [7, "wake", 2],
        [8, "run", 1, None],
        [9, "run", 2, None],
        [10, "run", 3, None],  # nobody saw what woke it
        [11, "end"],
    )

    assert [name for name, _, _ in slices(whole, "the loop")].count("expire") == 1
    assert sum(each["ph"] == "f" for each in whole["traceEvents"]) == 2


def test_counters_tell_how_long_the_queue_is_and_how_many_timers_are_set() -> None:
    counters: dict[str, list[int]] = {"ready": [], "timers": []}
    for each in trace()["traceEvents"]:
        if each["ph"] == "C":
            counters[each["name"]].append(each["args"][each["name"]])

    assert counters["ready"][:7] == [1, 0, 1, 2, 3, 4, 3]
    assert counters["timers"][:5] == [1, 2, 3, 4, 3]
    assert counters["ready"][-1] == 0


def test_kinds_that_are_not_known_are_passed_over() -> None:
    assert trace([1, "sneeze", 4], [2, "end"])["displayTimeUnit"] == "ns"


@pytest.mark.once
@pytest.mark.skipif(PROCESSOR is None, reason="only where there is a trace_processor")
def test_perfetto_reads_it(tmp_path: Path) -> None:
    assert PROCESSOR is not None
    path = tmp_path / "trace.json"
    path.write_text(json.dumps(trace()))
    query = "select count(*) as slices from slice; select count(*) as arrows from flow;"

    said = subprocess.run(
        [PROCESSOR, "-Q", query, path], capture_output=True, check=True, text=True
    ).stdout

    events = trace()["traceEvents"]
    assert str(sum(each["ph"] == "X" for each in events)) in said
    assert str(sum(each["ph"] == "f" for each in events)) in said
