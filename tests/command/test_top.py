"""`top`: again and again, piped and on a terminal, which it gives back as it was."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reactor import Reactor
from reactor.command import main
from reactor.command.picture import PARTS
from reactor.command.screen import Screen
from reactor.command.top import Top
from reactor.watch import Inspected
from tests.watch.subjects import AT_REST, SPINS, running

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


# -- piped


def blocks(text: str) -> list[list[str]]:
    """Return the lines of each look: each begins with whose reactor it is."""
    parts = re.split(r"^(?=reactor )", text, flags=re.MULTILINE)
    return [part.splitlines() for part in parts if part]


def test_piped_it_writes_a_block_each_time(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(AT_REST) as subject:
        words = ["top", str(subject.asleep().pid), "--count", "2", "--interval", "0.01"]
        assert main(words) == 0

    looks = blocks(capsys.readouterr().out)
    assert len(looks) == 2
    for look in looks:
        assert re.fullmatch(
            r"[\d.]+ turns/s, [\d.]+ events/s, busy \d+ %, lag [\d.]+ \w+, \d+ calls? ready",
            look[1],
        )
        assert look[3] == "<Task main, waits on <Side fd=0 reading>> at main (<string>:14)"
        assert look[4] == "    <Task nap, waits on <Sleep 3600 s>> at nap (<string>:6)"
        assert look[6] == "fd  side     armed  who waits"
        assert "due in" in look[-3]
        assert "nap" in look[-2]


def test_as_json_it_is_an_object_each_time(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(AT_REST) as subject:
        words = ["top", str(subject.pid), "--count", "3", "--interval", "0.01", "--json"]
        assert main(words) == 0

    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["pid"] for answer in answers] == [subject.pid] * 3
    assert {"tasks", "descriptors", "timers", "lag"} <= set(answers[0])
    assert answers[0]["turns"] < answers[2]["turns"]


def test_of_a_stuck_loop_it_says_that_it_does_not_turn(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(SPINS) as subject:
        assert main(["top", str(subject.pid), "--count", "1"]) == 0

    shown = capsys.readouterr().out
    assert "does not turn now" in shown
    assert "<Task spin, running>" in shown


def test_nobody_has_to_be_there_to_type(home: Path) -> None:
    command = f"{sys.executable} -m reactor top {os.getpid()} --count 1 <&-"
    with Reactor(inspect=True):
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)

    assert done.stdout.startswith(f"reactor {os.getpid()}.1 of ")
    assert done.stderr == ""


def piped(*words: str) -> subprocess.Popen[str]:
    """Begin top with its output in a pipe."""
    return subprocess.Popen(
        [sys.executable, "-m", "reactor", "top", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_all_reactors_of_a_process_are_shown_and_one_that_ends_ends_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def answers_once() -> None:
        for answers in (False, True, False):  # first somebody looks whether it is there
            sock, _ = listener.accept()
            with sock:
                if answers:
                    one = Inspected(os.getpid(), 1, home / "reactor" / f"{os.getpid()}.1")
                    sock.sendall(json.dumps(one.ask(*PARTS)).encode() + b"\n")

    with Reactor(inspect=True), socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(home / "reactor" / f"{os.getpid()}.2"))
        listener.listen()
        thread = threading.Thread(target=answers_once)
        thread.start()
        assert main(["top", str(os.getpid()), "--interval", "0.01"]) == 1
        thread.join()

    said, errors = capsys.readouterr()
    names = re.findall(r"^reactor \d+\.(\d) ", said, flags=re.MULTILINE)
    assert names == ["1", "2", "1"]
    assert errors == f"python -m reactor: reactor {os.getpid()}.2 has ended meanwhile\n"


def test_when_the_process_dies_it_says_so_after_what_it_has_shown(home: Path) -> None:
    with running(AT_REST) as subject, piped(str(subject.pid), "--interval", "0.01") as top:
        assert top.stdout is not None
        assert top.stderr is not None
        assert top.stdout.readline().startswith(f"reactor {subject.pid}.1 ")
        subject.kill()
        top.stdout.read()
        assert top.stderr.read() == (
            f"python -m reactor: reactor {subject.pid}.1 has ended meanwhile\n"
        )
        assert top.wait() == 1


def test_ctrl_c_ends_it_as_well_as_anything(home: Path) -> None:
    with running(AT_REST) as subject, piped(str(subject.pid), "--interval", "60") as top:
        assert top.stdout is not None
        assert top.stderr is not None
        top.stdout.readline()
        top.send_signal(signal.SIGINT)
        top.stdout.read()

        assert top.stderr.read() == ""
        assert top.wait() == 0


# -- on a terminal


class Terminal:
    """A terminal, and top on it."""

    def __init__(self, *words: str, size: tuple[int, int] = (24, 80), kind: str = "xterm") -> None:
        self.near, self.far = pty.openpty()
        self.resize(*size)
        self.modes = termios.tcgetattr(self.far)
        self.seen = ""
        self.top = subprocess.Popen(
            [sys.executable, "-m", "reactor", "top", *words],
            stdin=self.far,
            stdout=self.far,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TERM": kind},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one thread
        )

    def resize(self, lines: int, columns: int) -> None:
        """Have another size, of which who reads here is told."""
        fcntl.ioctl(self.near, termios.TIOCSWINSZ, struct.pack("4H", lines, columns, 0, 0))

    def until(self, text: str) -> str:
        """Read until text is drawn, and return what was drawn up to there."""
        while text not in self.seen:
            self.seen += os.read(self.near, 65536).decode()
        drawn, _, self.seen = self.seen.partition(text)
        return drawn

    def type(self, text: str) -> None:
        """Type text."""
        os.write(self.near, text.encode())

    def end(self) -> tuple[int, str]:
        """Wait for the end of top, and return its exit code and what it complains of."""
        assert self.top.stderr is not None
        complaint = self.top.stderr.read()
        return self.top.wait(), complaint

    def hang_up(self) -> None:
        """Be gone."""
        os.close(self.near)
        os.close(self.far)
        self.near = self.far = -1

    def is_as_it_was(self) -> bool:
        """Tell whether the terminal has its modes back."""
        return termios.tcgetattr(self.far) == self.modes


@contextmanager
def terminal(
    *words: str, size: tuple[int, int] = (24, 80), kind: str = "xterm"
) -> Generator[Terminal]:
    """Have a terminal, with top on it."""
    made = Terminal(*words, size=size, kind=kind)
    try:
        yield made
    finally:
        made.top.kill()
        made.top.communicate()
        if made.near >= 0:
            made.hang_up()


def pictures(drawn: str) -> list[list[str]]:
    """Return the lines of each picture."""
    return [
        picture.replace("\x1b[K", "").partition("\x1b[J")[0].split("\r\n")
        for picture in drawn.split("\x1b[H")[1:]
    ]


@pytest.mark.parametrize("end", ["q", "\x03"])
def test_it_draws_again_and_again_until_it_is_ended_and_gives_the_terminal_back(
    end: str, home: Path
) -> None:
    with running(AT_REST) as subject, terminal(str(subject.pid), "--interval", "0.01") as screen:
        screen.until(ENTER)
        screen.type("x")  # which is nothing to it
        for _ in range(3):
            screen.until("turns/s")
        assert not screen.is_as_it_was()
        screen.type(end)
        screen.until(LEAVE)

        assert screen.end() == (0, "")
        assert screen.is_as_it_was()


def test_sigterm_too_gives_the_terminal_back(home: Path) -> None:
    with running(AT_REST) as subject, terminal(str(subject.pid)) as screen:
        screen.until("turns/s")
        screen.top.terminate()
        screen.until(LEAVE)

        assert screen.end() == (0, "")
        assert screen.is_as_it_was()


def test_a_picture_is_as_large_as_the_terminal_also_after_it_has_changed(home: Path) -> None:
    with running(AT_REST) as subject, terminal(str(subject.pid), "--interval", "60") as screen:
        (large,) = pictures(screen.until("\x1b[J") + "\x1b[J")
        assert all(len(line) <= 80 for line in large)
        assert any("due in" in line for line in large)
        screen.resize(4, 30)
        (small,) = pictures(screen.until("\x1b[J") + "\x1b[J")

        assert len(small) <= 4
        assert all(len(line) <= 30 for line in small)
        screen.type("q")
        assert screen.end() == (0, "")


def test_what_was_seen_last_is_left_when_the_process_dies(home: Path) -> None:
    with running(AT_REST) as subject, terminal(str(subject.pid), "--interval", "0.01") as screen:
        screen.until("turns/s")
        subject.kill()
        screen.until(LEAVE)
        screen.until("<Task nap")

        assert screen.end() == (
            1,
            f"python -m reactor: reactor {subject.pid}.1 has ended meanwhile\n",
        )
        assert screen.is_as_it_was()


def test_a_terminal_without_a_cursor_gets_a_block_each_time(home: Path) -> None:
    words = ("--count", "1")
    with running(AT_REST) as subject, terminal(str(subject.pid), *words, kind="dumb") as screen:
        assert "\x1b" not in screen.until("due in")
        assert screen.end() == (0, "")


def test_so_many_times_are_enough_on_a_terminal_too(home: Path) -> None:
    with running(AT_REST) as subject, terminal(str(subject.pid), "--count", "1") as screen:
        drawn = screen.until(LEAVE)

        assert len(pictures(drawn)) == 1
        assert screen.end() == (0, "")


def test_it_ends_quietly_when_the_terminal_is_gone(home: Path) -> None:
    with running(AT_REST) as subject, terminal(str(subject.pid), "--interval", "0.01") as screen:
        screen.until("turns/s")
        screen.hang_up()

        assert screen.end() == (0, "")


def test_where_nothing_can_be_shown_the_keys_are_given_back_all_the_same() -> None:
    near, far = pty.openpty()
    modes = termios.tcgetattr(far)
    nobody, out = os.pipe()
    os.close(nobody)

    with pytest.raises(BrokenPipeError):
        Top([], interval=1.0, times=1).on(Screen(far, out))

    assert termios.tcgetattr(far) == modes
    for fd in (near, far, out):
        os.close(fd)
