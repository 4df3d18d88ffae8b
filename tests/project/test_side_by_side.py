"""Parts run side by side: in order, each whole, and a failure of one is a failure of all."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence

import pytest

from tests.project.side_by_side import Command, Ended, Part, run

pytestmark = pytest.mark.once

TRUE: Command = [sys.executable, "-S", "-c", ""]
FALSE: Command = [sys.executable, "-S", "-c", "raise SystemExit(1)"]


def python(code: str) -> Command:
    return [sys.executable, "-S", "-c", code]


def ends_of(*parts: Part, at_a_time: int = 1) -> tuple[list[Ended], list[str]]:
    told: list[str] = []
    return run(parts, at_a_time, told.append), told


@pytest.mark.parametrize(
    ("commands", "passed"),
    [([TRUE, TRUE], True), ([TRUE, FALSE], False), ([FALSE, TRUE], False), ([], True)],
)
def test_a_part_has_passed_if_all_its_commands_have(
    commands: Sequence[Command], passed: bool
) -> None:
    (ended,), _ = ends_of(Part("a part", commands))

    assert ended.passed == passed
    assert str(ended).startswith("passed" if passed else "FAILED")


def test_a_command_that_a_signal_ends_has_failed() -> None:
    (ended,), _ = ends_of(Part("a part", [python("import os; os.kill(os.getpid(), 9)")]))

    assert not ended.passed


def test_a_command_that_does_not_exist_has_failed_and_says_so() -> None:
    (ended,), _ = ends_of(Part("a part", [["/nowhere/ruff"]]))

    assert not ended.passed
    assert "No such file or directory: '/nowhere/ruff'" in ended.said


def test_a_failure_keeps_nobody_from_running() -> None:
    say = python("print('after all')")

    ended, _ = ends_of(Part("first", [FALSE, say]), Part("second", [say]))

    assert [each.passed for each in ended] == [False, True]
    assert all("after all\n" in each.said for each in ended)


def test_what_a_part_runs_and_all_that_it_says_is_shown_when_it_has_ended() -> None:
    say = python("import os; print('out', flush=True); os.write(2, b'err\\n')")

    (ended,), told = ends_of(Part("a part", [say]))

    begin, end = told
    assert begin == "begins  a part"
    shown = end.splitlines()
    assert shown[1] == f"== {ended}"
    assert shown[2].startswith(f"$ {sys.executable} -S -c ")
    assert shown[3:] == ["out", "err"]


def test_parts_begin_in_their_order_and_no_more_than_so_many_run_at_a_time() -> None:
    _, told = ends_of(Part("first", [TRUE]), Part("second", [TRUE]))

    assert [line.split()[0] for line in told] == ["begins", "==", "begins", "=="]
    assert told[0] == "begins  first"


def test_two_run_at_a_time_if_two_may() -> None:
    meeting = threading.Barrier(2)

    def tell(line: str) -> None:
        if line.startswith("begins"):
            meeting.wait(60)  # broken, if the second did not begin before the first had ended

    run([Part("first", [TRUE]), Part("second", [TRUE])], 2, tell)


def test_a_command_finds_nothing_to_read() -> None:
    (ended,), _ = ends_of(Part("a part", [python("import sys; print(repr(sys.stdin.read()))")]))

    assert ended.said.endswith("\n''\n")


def test_the_cpu_seconds_are_those_of_a_command_and_of_its_children() -> None:
    work = "import os\nwhile sum(os.times()[:2]) < 0.2: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', {work!r}])"

    (ended,), _ = ends_of(Part("a part", [python(parent)]))

    assert ended.cpu_seconds > 0.2
