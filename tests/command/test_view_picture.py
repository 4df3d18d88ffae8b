"""The picture: lanes of one loop or of several, over what happened in all of them."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from reactor.command import main
from reactor.watch import Event, Header
from tests.command import recordings

SVG = "{http://www.w3.org/2000/svg}"
RUNS, READY, WAITS, WORKS, SLEEPS = "#0067a5", "#d98200", "#b9c1cb", "#8b939e", "#e7e4dc"


def write(path: Path, events: list[Event], **header: object) -> Path:
    head: Header = {**recordings.HEADER, **header}  # type: ignore[typeddict-item]  # any of its keys
    path.write_text("".join(f"{json.dumps(line)}\n" for line in [head, *events]))
    return path


def picture(tmp_path: Path, *paths: Path) -> ET.Element:
    drawn = tmp_path / "run.svg"
    assert main(["view", *map(str, paths), "--picture", str(drawn)]) == 0
    return ET.parse(drawn).getroot()


def names(drawn: ET.Element) -> list[str]:
    """What stands beside the lanes, from top to bottom."""
    return [str(text.text) for text in drawn.iter(f"{SVG}text") if float(text.attrib["y"]) > 30]


def colours(drawn: ET.Element, lane: int) -> list[str]:
    """What the spans of a lane are drawn in, from left to right."""
    middle = 40 + (lane + 0.5) * 22
    return [
        rect.attrib["fill"]
        for rect in drawn.iter(f"{SVG}rect")
        if "y" in rect.attrib
        and abs(float(rect.attrib["y"]) + float(rect.attrib["height"]) / 2 - middle) < 1
    ]


def test_a_task_is_ready_runs_and_waits_below_its_loop(tmp_path: Path) -> None:
    drawn = picture(tmp_path, write(tmp_path / "run.jsonl", recordings.NAP))

    assert names(drawn) == ["the loop", "nap", "timers"]
    assert colours(drawn, 0) == [SLEEPS, WORKS, SLEEPS, WORKS]
    assert colours(drawn, 1) == [READY, RUNS, WAITS, RUNS]


def test_tasks_stand_below_their_parents_and_further_in(tmp_path: Path) -> None:
    drawn = picture(tmp_path, recordings.write(tmp_path / "run.jsonl", clients=2))

    texts = [text for text in drawn.iter(f"{SVG}text") if float(text.attrib["y"]) > 30]
    inset = {str(text.text): float(text.attrib["x"]) for text in texts}
    assert names(drawn)[:4] == ["the loop", "serve", "client 0", "client 1"]
    assert inset["the loop"] == inset["serve"] < inset["client 0"] == inset["client 1"]


def test_who_is_watched_has_a_lane_if_it_was_ever_woken(tmp_path: Path) -> None:
    events: list[Event] = [
        [0, "thing", 1, "watch", "heard", None],
        [0, "watch", 7, "r", 1],
        [0, "thing", 2, "watch", "silent", None],
        [0, "watch", 8, "r", 2],
        [1, "turn", None],
        [9, "poll", [[7, "r"]]],
        [9, "wake", 1],
        [9, "run", 1, None],
        [9, "watch", 7, "r", 1],
        [10, "turn", None],
        [20, "forget", 7],
        [20, "poll", []],
        [21, "end"],
    ]

    drawn = picture(tmp_path, write(tmp_path / "run.jsonl", events))

    assert names(drawn) == ["the loop", "heard"]
    assert colours(drawn, 1) == [WAITS, READY, RUNS, WAITS]


def test_one_side_that_tells_another_ends_the_lane_of_the_first(tmp_path: Path) -> None:
    events: list[Event] = [
        [0, "thing", 1, "watch", "first", None],
        [0, "watch", 7, "r", 1],
        [0, "thing", 2, "watch", "second", None],
        [1, "turn", None],
        [2, "poll", []],
        [2, "wake", 1],
        [2, "run", 1, None],
        [3, "watch", 7, "r", 2],
        [3, "wake", 2],
        [4, "turn", 0],
        [5, "poll", []],
        [5, "run", 2, None],
        [6, "watch", 7, "r", None],
    ]

    drawn = picture(tmp_path, write(tmp_path / "run.jsonl", events))

    assert colours(drawn, 1) == [WAITS, READY, RUNS]
    assert colours(drawn, 2) == [WAITS, READY, RUNS]


def test_what_queues_itself_is_ready_when_it_has_run(tmp_path: Path) -> None:
    events: list[Event] = [
        [0, "thing", 1, "task", "busy", None],
        [0, "spawn", 1, None],
        [0, "wake", 1],
        [1, "turn", 0],
        [1, "poll", []],
        [1, "run", 1, None],
        [2, "wake", 1],
        [2, "park", 1, "<Checkpoint>", None],
        [3, "turn", 0],
        [3, "poll", []],
        [3, "run", 1, None],
        [4, "wake", 1],
        [5, "turn", 0],
        [6, "end"],
    ]

    drawn = picture(tmp_path, write(tmp_path / "run.jsonl", events))

    assert colours(drawn, 1) == [READY, RUNS, READY, RUNS, READY]


def test_processes_are_drawn_below_one_another_in_the_order_of_their_beginnings(
    tmp_path: Path,
) -> None:
    first = write(tmp_path / "run.jsonl", recordings.NAP, pid=700, began=100.0)
    second = write(tmp_path / "run.2.jsonl", recordings.NAP, pid=600, began=200.0)

    drawn = picture(tmp_path, second, first)

    assert names(drawn) == ["process 1", "nap", "timers", "process 2", "nap", "timers"]
    works = [float(r.attrib["x"]) for r in drawn.iter(f"{SVG}rect") if r.attrib["fill"] == WORKS]
    assert works[1:] == sorted(works[1:])  # the first is of the legend


def test_loops_of_one_process_are_told_apart_as_threads(tmp_path: Path) -> None:
    first = write(tmp_path / "run.jsonl", recordings.NAP)
    second = write(tmp_path / "run.2.jsonl", recordings.NAP, thread="Thread-1", began=1772366401.0)

    assert names(picture(tmp_path, first, second))[::3] == ["thread 1", "thread 2"]


def test_any_name_is_text_and_a_long_one_is_cut(tmp_path: Path) -> None:
    name = "make.<locals>.</text><script>alert(1)</script> and so on"
    events: list[Event] = [
        [0, "thing", 1, "task", name, None],
        [0, "spawn", 1, None],
        [0, "wake", 1],
    ]

    drawn = picture(tmp_path, write(tmp_path / "run.jsonl", events))

    assert names(drawn) == ["the loop", "</text><script>alert(1)</…"]
    assert {element.tag.removeprefix(SVG) for element in drawn.iter()} <= {
        *("svg", "rect", "text", "path")
    }


def test_the_waker_is_called_by_what_it_is(tmp_path: Path) -> None:
    events: list[Event] = [
        [0, "thing", 1, "watch", "Scheduler._hear", None],
        [0, "watch", 5, "r", 1],
        [1, "wake", 1],
    ]

    assert names(picture(tmp_path, write(tmp_path / "run.jsonl", events))) == [
        "the loop",
        "the waker",
    ]


def test_the_program_is_named_without_its_folders(tmp_path: Path) -> None:
    program = ["/home/ann/servers/__main__.py", "run", "/etc/epoll"]

    drawn = picture(tmp_path, write(tmp_path / "run.jsonl", [], program=program))

    assert drawn.attrib["aria-label"] == "who does what, and when, in servers run epoll"


@pytest.mark.parametrize("letter", ["\0", "\x1b", "\ud800", "\uffff"])
def test_what_no_picture_can_have_is_escaped(tmp_path: Path, letter: str) -> None:
    events: list[Event] = [
        [0, "thing", 1, "task", f"a{letter}b", None],
        [0, "spawn", 1, None],
        [0, "wake", 1],
    ]

    drawn = picture(tmp_path, write(tmp_path / "run.jsonl", events, program=[f"x{letter}"]))

    assert names(drawn) == ["the loop", f"a{ascii(letter)[1:-1]}b"]
    assert drawn.get("aria-label", "").endswith(f"in x{ascii(letter)[1:-1]}")


def test_a_recording_of_nothing_is_a_picture_too(tmp_path: Path) -> None:
    drawn = picture(tmp_path, write(tmp_path / "run.jsonl", []))

    assert names(drawn) == ["the loop"]


def test_several_make_a_picture_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(recordings.write(tmp_path / "run.jsonl"))

    assert main(["view", path, path, "--text"]) == 2

    assert capsys.readouterr().err == (
        "python -m reactor: several recordings make a --picture only; name one\n"
    )
