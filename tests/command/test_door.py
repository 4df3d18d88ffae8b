"""`python -m reactor` itself: its help, and errors in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reactor.command import main


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
