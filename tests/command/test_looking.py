"""`ps`, `tree`, `where`, `fds` and `timers`, on real programs."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import threading
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from reactor import Reactor, run
from reactor.command import main
from tests.poller.children import in_child
from tests.watch.subjects import AT_REST, SPINS, STUCK, of_somebody_else, running

SEVERAL = """
import sys, threading
from reactor import *

async def nap():
    await sleep(3600)

async def main():
    await wait_readable(sys.stdin)

threading.Thread(target=run, args=(nap,), daemon=True).start()
async def wait_for_it():
    print("there", flush=True)
    await main()
run(wait_for_it)
"""


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Carry out a command that does well, and return what it writes."""
    assert main(words) == 0
    said, errors = capsys.readouterr()
    assert errors == ""
    return said


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Carry out a command that cannot be, and return why."""
    assert main(words) == 1
    _, errors = capsys.readouterr()
    assert errors.startswith("python -m reactor: ")
    assert errors.count("\n") == 1
    return errors


# -- tree


def test_tree_shows_what_each_task_waits_for(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(AT_REST) as subject:
        shown = asked(capsys, "tree", str(subject.asleep().pid)).splitlines()

        assert re.fullmatch(
            rf"reactor {subject.pid}\.1 of -W error -c .*: over \w+Poller, asleep for .+, 2 tasks",
            shown[0],
        )
        assert shown[1:] == [
            "<Task main, waits on <Side fd=0 reading>>",
            "  at main (<string>:14)",
            "  in <TaskGroup>",
            "    <Task nap, waits on <Sleep 3600 s>>",
            "      at nap (<string>:6)",
        ]


def test_as_json_it_is_the_answer(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(AT_REST) as subject:
        answer = json.loads(asked(capsys, "tree", str(subject.pid), "--json"))

        assert (answer["pid"], answer["number"]) == (subject.pid, 1)
        assert [row.get("task") for row in answer["tasks"]["rows"]] == ["main", None, "nap"]


# -- where


def test_where_names_the_callback_that_holds_the_loop(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(STUCK) as subject:
        shown = asked(capsys, "where", str(subject.pid)).splitlines()

        assert re.fullmatch(r"the loop is at work, for .+", shown[1])
        assert shown[2] == "  it runs <Handle stuck (<string>:5)>"
        assert re.fullmatch(r"  at <module> \(<string>:\d+\)", shown[3])
        assert re.fullmatch(r"  at stuck \(<string>:\d+\)", shown[4])
        assert shown[5].startswith("<Task main, ")


def test_where_names_the_task_that_spins(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(SPINS) as subject:
        shown = asked(capsys, "where", str(subject.pid)).splitlines()

        assert shown[2] == "  it runs <Task spin, running>"


def test_where_shows_only_tasks_of_a_name(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(AT_REST) as subject:
        subject.asleep()
        shown = asked(capsys, "where", str(subject.pid), "nap").splitlines()

        assert re.fullmatch(r"the loop is asleep, for .+", shown[1])
        assert shown[2:] == ["<Task nap, waits on <Sleep 3600 s>>", "  at nap (<string>:6)"]


def test_a_name_that_no_task_has_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(AT_REST) as subject:
        why = refused(capsys, "where", str(subject.pid), "nobody")

    assert "there is no task 'nobody'; there are main, nap" in why


# -- fds and timers


def test_fds_shows_who_waits_on_what(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(AT_REST) as subject:
        shown = asked(capsys, "fds", str(subject.asleep().pid)).splitlines()

        assert shown[1] == "fd  side     armed  who waits"
        assert "0   reading  yes    <Task main, waits on <Side fd=0 reading>>" in shown


def test_timers_shows_what_is_due(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(AT_REST) as subject:
        shown = asked(capsys, "timers", str(subject.asleep().pid)).splitlines()

        assert re.fullmatch(r"due in +what", shown[1])
        assert re.fullmatch(
            r"(60\.0|59\.\d) min +<Timer <Task nap, waits on <Sleep 3600 s>>>|1\.0 h .*", shown[2]
        )


# -- which process, which reactor


def test_all_reactors_of_a_process_are_shown_and_one_can_be_picked(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(SEVERAL) as subject:
        while len(subject.reactors()) < 2:
            pass
        subject.asleep()
        both = asked(capsys, "tree", str(subject.pid))
        second = asked(capsys, "tree", f"{subject.pid}.2")

        assert [line for line in both.splitlines() if line == ""] == [""]
        assert f"reactor {subject.pid}.1 " in both
        assert f"reactor {subject.pid}.2 " in both
        assert f"reactor {subject.pid}.1 " not in second
        assert f"process {subject.pid} has no reactor 3; it has 1, 2" in refused(
            capsys, "tree", f"{subject.pid}.3"
        )


def test_a_process_that_does_not_allow_it_is_told_with_how_to(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    why = refused(capsys, "tree", str(os.getpid()))

    assert "REACTOR_INSPECT=1" in why
    assert "inspect=True" in why


def test_another_users_process_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    with of_somebody_else() as pid:
        why = refused(capsys, "tree", str(pid))

    assert f"process {pid} belongs to another user; only that user can look into it" in why


def test_a_hostile_folder_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "reactor"
    folder.mkdir(0o700)
    folder.chmod(0o777)

    why = refused(capsys, "tree", str(os.getpid()))

    # Unless somebody is in the other folder.
    assert "is open to others, by its mode 777" in why or "REACTOR_INSPECT=1" in why


# -- who dies, stops or talks otherwise


def test_who_dies_meanwhile_is_told_and_what_came_before_is_shown(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first of two reactors answers, the second dies in the middle of that."""

    def half_an_answer() -> None:
        sock, _ = listener.accept()  # who looks whether it is there
        sock.close()
        sock, _ = listener.accept()
        with sock:
            sock.recv(1000)
            sock.sendall(b'{"reactor": 1, "pid": ')

    with Reactor(inspect=True), socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(home / "reactor" / f"{os.getpid()}.2"))
        listener.listen()
        thread = threading.Thread(target=half_an_answer)
        thread.start()
        assert main(["fds", str(os.getpid())]) == 1
        thread.join()

    said, errors = capsys.readouterr()
    assert said.startswith(f"reactor {os.getpid()}.1 of ")
    assert errors == f"python -m reactor: reactor {os.getpid()}.2 has ended meanwhile\n"


def test_one_that_refuses_is_told_with_its_words(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses() -> None:
        for _ in range(2):
            sock, _ = listener.accept()
            with sock:
                if sock.recv(1000):
                    sock.sendall(b'{"reactor": 1, "error": "not today"}\n')

    (home / "reactor").mkdir(0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(home / "reactor" / f"{os.getpid()}.1"))
        listener.listen()
        thread = threading.Thread(target=refuses)
        thread.start()
        why = refused(capsys, "tree", str(os.getpid()))
        thread.join()

    assert f"reactor {os.getpid()}.1 does not tell: not today" in why


def test_a_process_that_is_stopped_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(AT_REST) as subject:
        os.kill(subject.pid, signal.SIGSTOP)
        listed = asked(capsys, "ps", "--interval", "0.001")
        why = refused(capsys, "tree", str(subject.pid))
        os.kill(subject.pid, signal.SIGCONT)

    assert re.search(rf"^{subject.pid}\.1 +does not answer", listed, re.MULTILINE)
    assert f"reactor {subject.pid}.1 does not answer: its process is stopped" in why


# -- ps


def test_ps_lists_what_can_be_looked_into(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(AT_REST) as subject:
        subject.asleep()
        shown = asked(capsys, "ps", "--interval", "0.01").splitlines()

        assert shown[0].split() == [
            *("REACTOR", "STATE", "TASKS", "TURNS/S", "BUSY", "UP", "POLLER", "PROGRAM"),
        ]
        (row,) = [line for line in shown if line.startswith(f"{subject.pid}.1 ")]
        assert re.fullmatch(
            rf"{subject.pid}\.1 +asleep +2 +[\d.]+ +\d+ % +[\d.]+ \w+ +\w+Poller +-W error -c .*",
            row,
        )


def test_ps_as_json_is_an_object_a_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(SEVERAL) as subject:
        while len(subject.reactors()) < 2:
            pass
        said = asked(capsys, "ps", "--json", "--interval", "0.001").splitlines()

    found = [one for one in map(json.loads, said) if one["pid"] == subject.pid]
    assert [one["number"] for one in found] == [1, 2]


def test_ps_shows_what_refuses_and_leaves_out_what_has_ended(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = b'{"reactor": 1, "error": "not today"}\n'

    def answer(sayings: list[bytes]) -> None:
        for says in sayings:
            sock, _ = listener.accept()
            with sock:
                if says:
                    sock.recv(1000)
                    sock.sendall(says)

    (home / "reactor").mkdir(0o700)
    listed: list[str] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(home / "reactor" / f"{os.getpid()}.1"))
        listener.listen()
        # Each time somebody looks whether it is there, and then asks twice.
        for sayings in ([b"", refusal, b""], [b"", refusal, refusal]):
            thread = threading.Thread(target=answer, args=(sayings,))
            thread.start()
            listed.append(asked(capsys, "ps", "--interval", "0.001"))
            thread.join()

    assert f"{os.getpid()}.1" not in listed[0]
    assert re.search(rf"^{os.getpid()}\.1 +not today", listed[1], re.MULTILINE)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who has nothing")
def test_ps_says_when_there_is_nothing(home: Path) -> None:
    def scenario() -> None:
        os.setuid(100_000 + os.getpid())
        os.environ["XDG_RUNTIME_DIR"] = ""
        with redirect_stdout(StringIO()) as said:
            assert main(["ps"]) == 0
        assert said.getvalue().startswith("no reactor can be looked into; start one with")

    assert in_child(scenario) == 0


def test_what_came_from_elsewhere_cannot_move_the_cursor(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[str] = []

    async def body() -> None:
        shown.append(asked(capsys, "tree", str(os.getpid())))

    body.__qualname__ = "evil\x1b[2J\n"
    run(body, inspect=True)

    assert "\x1b" not in shown[0]
    assert "<Task evil\\x1b[2J\\n, running>" in shown[0]
