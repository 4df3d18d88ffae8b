"""`python -m reactor view`, as somebody calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reactor.command import main
from tests.command import recordings
from tests.command.trace_format import complaints


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return recordings.write(tmp_path / "run.jsonl")


def test_all_of_it_may_be_asked_for_at_once(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, trace = tmp_path / "run.html", tmp_path / "run.json"

    assert main(["view", str(recording), "-o", str(page), "--perfetto", str(trace), "--text"]) == 0

    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert complaints(json.loads(trace.read_text(encoding="utf-8"))) == []
    out, err = capsys.readouterr()
    assert "turn 1, at 0.027 ms: does not sleep\n" in out
    assert err == ""


def test_the_page_has_all_that_was_recorded_and_no_tag_of_it(tmp_path: Path) -> None:
    harm = "</script><!--<script>"
    recording = recordings.write(tmp_path / "run.jsonl", tricky=harm)
    page = tmp_path / "run.html"

    main(["view", str(recording), "-o", str(page)])

    text = page.read_text(encoding="utf-8")
    begin = text.index('id="recording">') + len('id="recording">')
    data = text[begin : text.index("</script>", begin)]
    header, events = recordings.recording(tricky=harm)
    assert json.loads(data) == [header, *events]
    assert "<" not in data


def test_to_ask_for_nothing_is_an_error_of_use(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["view", str(recording)]) == 2

    assert capsys.readouterr().err == (
        "python -m reactor: nothing to write; "
        "ask for -o FILE, --picture FILE, --perfetto FILE or --text\n"
    )


@pytest.mark.parametrize("option", ["-o", "--perfetto"])
def test_a_file_that_cannot_be_written_is_told_in_a_line(
    option: str, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["view", str(recording), option, "/nowhere/run"]) == 1

    assert capsys.readouterr().err == (
        "python -m reactor: cannot write /nowhere/run: no such file or directory; "
        "name another file\n"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        ("turn 1\n", "line 1 is no JSON"),
        ('{"format": "reactor recording", "version": 2}\n', "of version 2"),
    ],
)
def test_what_is_no_recording_is_told_in_a_line(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(content)

    assert main(["view", str(path), "--text"]) == 1

    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"python -m reactor: {path} is ")
    assert said in err


def test_a_file_that_is_not_there_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.jsonl"

    assert main(["view", str(path), "--text"]) == 1
    assert capsys.readouterr().err == (
        f"python -m reactor: cannot read {path}: no such file or directory; name another file\n"
    )


@pytest.mark.parametrize("option", ["-o", "--picture", "--perfetto"])
def test_a_recording_is_not_written_over(
    option: str, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = recording.read_bytes()

    assert main(["view", str(recording), option, str(recording)]) == 2

    assert recording.read_bytes() == before
    assert capsys.readouterr().err == (
        f"python -m reactor: {recording} is the recording itself; name another file\n"
    )


def test_of_a_recording_that_was_cut_in_half_the_whole_lines_are_shown(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with recording.open("a") as file:
        file.write("[9999, ")

    assert main(["view", str(recording), "--text"]) == 0

    out, err = capsys.readouterr()
    assert out.endswith("  end\n")
    assert err == f"{recording}: its last line is cut in half; that is left out\n"


def test_who_reads_the_text_may_go_when_it_is_enough(tmp_path: Path) -> None:
    recording = recordings.write(tmp_path / "run.jsonl", rounds=1000)
    words = [sys.executable, "-m", "reactor", "view", str(recording), "--text"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as viewer:
        assert viewer.stdout is not None
        assert viewer.stderr is not None
        viewer.stdout.readline()
        viewer.stdout.close()
        said = viewer.stderr.read()

    assert (viewer.returncode, said) == (1, b"")
