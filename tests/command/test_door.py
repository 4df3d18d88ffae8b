"""`python -m reactor` itself: its help, and errors in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from reactor.command import main
from tests.command.recordings import write


def test_without_a_command_it_shows_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([])

    assert left.value.code == 2
    assert "usage: python -m reactor" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["ps", "tree", "where", "fds", "timers", "top"])
def test_each_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])

    assert left.value.code == 0
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["tree", "x"], 2, "'x' is no process; give PID or PID.N, as ps shows them"),
        (["tree", "0"], 2, "'0' is no process; give PID or PID.N, as ps shows them"),
        (["tree", "1.x"], 2, "'1.x' is no process; give PID or PID.N, as ps shows them"),
        (["tree", "-1"], 2, ""),
        (["tree", str(1 << 70)], 1, f"there is no process {1 << 70}; ps shows those that can be"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(words: list[str], code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reactor", *words], capture_output=True, text=True, check=False
    )

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    if said:
        assert done.stderr.startswith("python -m reactor: ")
        assert done.stderr.count("\n") == 1


def test_who_reads_no_more_ends_it_quietly() -> None:
    command = [sys.executable, "-m", "reactor", "ps", "--interval", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only where there is a /dev/full")
@pytest.mark.parametrize("words", [["ps", "--interval", "0"], ["view", "{}", "--text"]])
def test_an_output_without_room_is_told_in_a_line(words: list[str], tmp_path: Path) -> None:
    recording = str(write(tmp_path / "run.jsonl"))
    command = [sys.executable, "-m", "reactor", *(word.format(recording) for word in words)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        b"python -m reactor: cannot write what was found: no space left on device; "
        b"send it elsewhere\n"
    )


def test_without_a_standard_output_it_says_so() -> None:
    words = f"{sys.executable} -m reactor ps --interval 0 >&-"
    done = subprocess.run(words, shell=True, stderr=subprocess.PIPE, check=False)

    assert done.returncode == 1
    assert done.stderr == b"python -m reactor: there is no standard output; do not close it\n"


def test_what_stands_in_for_standard_output_gets_it_all(tmp_path: Path) -> None:
    recording = write(tmp_path / "run.jsonl", tricky="ü")
    with redirect_stdout(StringIO()) as out:
        assert main(["view", str(recording), "--text"]) == 0

    assert "serveü" in out.getvalue()


def test_where_not_all_letters_can_be_written_the_others_are(tmp_path: Path) -> None:
    recording = write(tmp_path / "run.jsonl", tricky="ü")
    done = subprocess.run(
        [sys.executable, "-m", "reactor", "view", str(recording), "--text"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=True,
    )

    assert rb"serve\xfc" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ps", "--interval", "nan"], "'nan' is no number of seconds; give one such as 0.5"),
        (["ps", "--interval", "1e300"], "'1e300' is no number of seconds; give one such as 0.5"),
        (["ps", "--interval", "soon"], "'soon' is no number of seconds; give one such as 0.5"),
        (["top", "1", "--interval", "0"], "'0' would never rest; give some seconds, such as 0.5"),
        (["top", "1", "--count", "0"], "'0' is no number of times; give 1 or more"),
        (["top", "1", "--count", "x"], "'x' is no number of times; give 1 or more"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_with_one_that_can(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)

    assert left.value.code == 2
    assert capsys.readouterr().err.endswith(f": {said}\n")
