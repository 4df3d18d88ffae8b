"""Recordings: what is read of them, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reactor.watch import RecordingError, read_recording

HEADER = {
    "format": "reactor recording",
    "version": 1,
    "program": ["app.py"],
    "python": "3.12.1",
    "poller": "EpollPoller",
    "pid": 7,
    "thread": "MainThread",
    "began": 1.5,
}

EVENTS: list[list[object]] = [
    [0, "place", 1, "main", "app.py", 3, "await sleep(1)"],
    [0, "thing", 1, "task", "main", 1],
    [1, "turn", None],
    [1.5, "poll", [[3, "r"], [4, "rw"]]],
    [2, "wake", 1],
    [2, "run", 1, None],
    [3, "error", 1, "ValueError: no"],
    [3, "schedule", 2, 1000],
    [4, "cancel", 2],
    [5, "watch", 3, "r", None],
    [6, "disarm", 3, "w"],
    [6, "forget", 3],
    [7, "spawn", 3, 1],
    [7, "throw", 3, "Cancelled"],
    [8, "park", 3, "<Side fd=3 reading>", 1],
    [9, "finish", 3, None],
    [9, "cut", 16],
    [9, "end"],
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def lines_of(*told: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in told)


def test_a_recording_is_a_header_and_events(path: Path) -> None:
    path.write_bytes(lines_of(HEADER, *EVENTS))

    recording = read_recording(path)

    assert recording.header == HEADER
    assert recording.events == EVENTS
    assert not recording.torn


def test_kinds_and_keys_that_are_not_known_are_passed_over(path: Path) -> None:
    path.write_bytes(lines_of({**HEADER, "host": "here"}, [1, "moon", "full"], [2, "end"]))

    assert read_recording(path).events == [[2, "end"]]


@pytest.mark.parametrize("kept", [1, 9, 13])
def test_a_last_line_that_was_cut_in_half_is_left_out_and_told(path: Path, kept: int) -> None:
    path.write_bytes(lines_of(HEADER, [1, "turn", None]) + lines_of([2, "park", 3, "ö", 1])[:kept])

    recording = read_recording(path)

    assert recording.events == [[1, "turn", None]]
    assert recording.torn


def test_a_last_line_that_lacks_its_end_only_counts(path: Path) -> None:
    path.write_bytes(lines_of(HEADER, [2, "end"])[:-1])

    recording = read_recording(path)

    assert recording.events == [[2, "end"]]
    assert not recording.torn


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty"),
        (lines_of(HEADER)[:30], "line 1 is no JSON"),
        (b"\xff\xfe\x00\x01\n", "line 1 is no JSON"),
        (b"[" * 100_000, "line 1 is no JSON"),
        (lines_of([1, "turn", None]), "its first line is no header of one"),
        (lines_of({**HEADER, "format": "har"}), "its first line is no header of one"),
        (lines_of({**HEADER, "pid": "7"}), "its header has no pid"),
        (lines_of(HEADER) + b"[1, NaN]\n", "line 2 is no JSON"),
        (lines_of(HEADER) + b"[1,\n", "line 2 is no JSON"),
        (lines_of(HEADER, {}), "line 2 is no event"),
        (lines_of(HEADER, [1]), "line 2 is no event"),
        (lines_of(HEADER, ["1", "turn", None]), "line 2 is no event"),
        (lines_of(HEADER, [1, "turn"]), "line 2 is no event"),
        (lines_of(HEADER, [1, "run", "one", None]), "line 2 is no event"),
        (lines_of(HEADER, [1, "run", True, None]), "line 2 is no event"),
        (lines_of(HEADER, [1, "run", 1 << 54, None]), "line 2 is no event"),
        (lines_of(HEADER, [True, "wake", 1]), "line 2 is no event"),
        (lines_of(HEADER, [10**400, "wake", 1]), "line 2 is no event"),
        (lines_of(HEADER, [1, "turn", 1e300]), "line 2 is no event"),
        (lines_of(HEADER, [1, "finish", 1, 2]), "line 2 is no event"),
        (lines_of(HEADER, [1, "poll", [3]]), "line 2 is no event"),
        (lines_of(HEADER, [1, "poll", {}]), "line 2 is no event"),
        (lines_of(HEADER, [1, "poll", [[3]]]), "line 2 is no event"),
        (lines_of(HEADER, [1, "poll", [[3, "x"]]]), "line 2 is no event"),
        (lines_of(HEADER, [1, "watch", 3, [], 1]), "line 2 is no event"),
        (lines_of({**HEADER, "program": [1]}), "its header has no program"),
        (lines_of({**HEADER, "program": "app.py"}), "its header has no program"),
        (lines_of({**HEADER, "began": 10**400}), "its header has no began"),
    ],
)
def test_what_is_no_recording_is_refused_with_the_reason(
    path: Path, content: bytes, why: str
) -> None:
    path.write_bytes(content)

    with pytest.raises(RecordingError) as refused:
        read_recording(path)

    assert str(refused.value).startswith(f"{path} is no recording: {why}")
    assert str(refused.value).endswith("; `python -m reactor record` makes one")


def test_a_version_that_is_not_known_is_refused(path: Path) -> None:
    path.write_bytes(lines_of({**HEADER, "version": 2}))

    with pytest.raises(RecordingError, match="is a recording of version 2, and this reads 1; "):
        read_recording(path)


def test_a_version_without_end_is_told_in_part(path: Path) -> None:
    path.write_bytes(lines_of({**HEADER, "version": "x" * 1_000_000}))

    with pytest.raises(RecordingError) as refused:
        read_recording(path)

    assert len(str(refused.value)) < 400


def test_a_file_that_is_not_there_is_an_error_of_the_system(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_recording(path)
