"""`python -m reactor` itself: its help, and errors in one line."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from reactor.command import main
from tests.command import recordings


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


def test_what_is_told_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", "/nowhere/\x1b[2J", "--text"]) == 1

    assert capsys.readouterr().err == (
        "python -m reactor: cannot read /nowhere/\\x1b[2J: no such file or directory; "
        "name another file\n"
    )


@pytest.mark.parametrize("words", [["ps", "--interval"], ["top", "1", "--interval"]])
@pytest.mark.parametrize("span", ["0", "-1", "nan", "inf", "x"])
def test_a_span_is_more_than_nothing(
    words: list[str], span: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([*words[:-1], f"{words[-1]}={span}"])

    assert left.value.code == 2
    assert f"{span!r} is no span; give seconds, more than 0\n" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["top", "1", "--count"], ["record", "app.py", "--most"]])
@pytest.mark.parametrize("count", ["0", "1.5", "x"])
def test_a_count_is_1_or_more(
    option: list[str], count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([option[0], f"{option[-1]}={count}", option[1]])

    assert left.value.code == 2
    assert f"{count!r} is no count; give 1 or more\n" in capsys.readouterr().err


def test_who_reads_no_more_ends_it_quietly() -> None:
    command = [sys.executable, "-m", "reactor", "ps", "--interval", "0.001"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (1, b"")


def test_a_letter_that_cannot_be_written_there_is_told_otherwise(tmp_path: Path) -> None:
    path = recordings.write(tmp_path / "run.jsonl", tricky="naïve")
    done = subprocess.run(
        [sys.executable, "-m", "reactor", "view", str(path), "--text"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert r"na\xefve" in done.stdout


def test_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    fifo = tmp_path / "run.jsonl"
    os.mkfifo(fifo)
    command = [sys.executable, "-m", "reactor", "view", str(fifo), "--text"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        with fifo.open("wb"):  # which waits until it reads
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()

    assert (process.returncode, said) == (128 + signal.SIGINT, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only where there is a /dev/full")
@pytest.mark.parametrize("words", [["ps", "--interval", "0.01"], ["view", "{}", "--text"]])
def test_an_output_without_room_is_told_in_a_line(words: list[str], tmp_path: Path) -> None:
    recording = str(recordings.write(tmp_path / "run.jsonl"))
    command = [sys.executable, "-m", "reactor", *(word.format(recording) for word in words)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        b"python -m reactor: cannot write what was found: no space left on device; "
        b"send it elsewhere\n"
    )


def test_without_a_standard_output_it_says_so() -> None:
    words = f"{sys.executable} -m reactor ps --interval 0.01 >&-"
    done = subprocess.run(words, shell=True, stderr=subprocess.PIPE, check=False)

    assert done.returncode == 1
    assert done.stderr == b"python -m reactor: there is no standard output; do not close it\n"


def test_who_imports_the_program_starts_nothing() -> None:
    assert importlib.import_module("reactor.__main__").main is main


def test_what_stands_in_for_standard_output_gets_it_all(tmp_path: Path) -> None:
    recording = recordings.write(tmp_path / "run.jsonl", tricky="ü")
    with redirect_stdout(StringIO()) as out:
        assert main(["view", str(recording), "--text"]) == 0

    assert "serveü" in out.getvalue()
