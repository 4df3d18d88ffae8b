"""Albums: recordings that the environment asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reactor.watch import Album, Tally, read_recording
from tests.project.environments import PROJECT

TWO = "from reactor import run, sleep; run(sleep, 0); run(sleep, 0)"


def said(program: str, **environment: str) -> str:
    """Run a program, which ends well, and return what it says on standard error."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**os.environ, "REACTOR_TRACER": "reactor.watch:recorder_asked_for", **environment},
        check=True,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ).stderr


def last(path: Path) -> object:
    """Return the kind of the last event."""
    return read_recording(path).events[-1][1]


def test_without_an_index_who_comes_takes_the_first_name_that_is_free(tmp_path: Path) -> None:
    (tmp_path / "run.2.jsonl").write_text("mine")

    assert said(TWO, REACTOR_RECORDING=str(tmp_path / "run.jsonl")) == ""

    assert sorted(os.listdir(tmp_path)) == ["run.2.jsonl", "run.3.jsonl", "run.jsonl"]
    assert (tmp_path / "run.2.jsonl").read_text() == "mine"
    assert last(tmp_path / "run.jsonl") == last(tmp_path / "run.3.jsonl") == "end"


def test_an_album_tells_which_files_were_made(tmp_path: Path) -> None:
    album = Album(str(tmp_path / "run.jsonl"), 4)
    environment: dict[str, str] = {}
    album.ask(environment)
    said(TWO, **environment)
    said(TWO, **environment)
    os.unlink(tmp_path / "run.3.jsonl")

    made = [str(tmp_path / f"run{number}.jsonl") for number in ("", ".2", ".4")]
    assert album.close() == [Tally(path, events=4, turns=0, full=True) for path in made]


def test_after_its_end_an_album_takes_in_nothing(tmp_path: Path) -> None:
    album = Album(str(tmp_path / "run.jsonl"), 4)
    environment: dict[str, str] = {}
    album.ask(environment)
    assert album.close() == []
    said(TWO, **environment)

    assert sorted(os.listdir(tmp_path)) == ["run.2.jsonl", "run.jsonl"]


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("REACTOR_RECORDING", "/nowhere/run.jsonl", "No such file or directory"),
        ("REACTOR_RECORDING_MOST", "0", "most=0 events are no recording; give 1 or more"),
        ("REACTOR_RECORDING_MOST", "many", "invalid literal for int"),
    ],
)
def test_what_cannot_be_recorded_is_told_and_the_program_goes_on(
    tmp_path: Path, variable: str, value: str, why: str
) -> None:
    environment = {"REACTOR_RECORDING": str(tmp_path / "run.jsonl"), variable: value}
    lines = said(TWO, **environment).splitlines()

    assert len(lines) == 2
    for line in lines:
        assert line.startswith("cannot record: ")
        assert why in line
