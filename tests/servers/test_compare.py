"""Comparing: what is measured is true, what is wrong is noticed, and nobody is left behind."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from signal import SIGINT, SIGTERM

import pytest

from servers.catalog import find_model
from servers.compare import as_json, as_table
from servers.compare.loads import Answers
from servers.compare.rounds import Load, Result
from tests.servers.harness import DEADLINE, PROJECT, needs_proc, wait_until

COMPARE = (sys.executable, "-m", "servers", "compare")

pytestmark = needs_proc


def compare(*words: str) -> subprocess.CompletedProcess[str]:
    command = [*COMPARE, *words]
    return subprocess.run(
        command, cwd=PROJECT, capture_output=True, text=True, timeout=2 * DEADLINE, check=False
    )


def test_a_table_shows_what_was_measured_and_a_dash_where_nothing_was() -> None:
    ran = compare("--only", "simple", "epoll", "--rounds", "1")
    assert (ran.returncode, ran.stderr) == (0, "")
    rows = [line.split() for line in ran.stdout.splitlines()[2:6]]
    assert [row[:3] for row in rows] == [
        ["1", "simple", "reactor"],
        ["1", "simple", "asyncio"],
        ["3", "epoll", "reactor"],
        ["3", "epoll", "asyncio"],
    ]
    assert [row.count("-") for row in rows] == [8, 9, 0, 2]


def test_json_has_the_same_with_units_in_the_names() -> None:
    ran = compare("--only", "prefork", "--rounds", "1", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    ours, theirs = json.loads(ran.stdout)
    assert (ours["on"], theirs["on"]) == ("reactor", "asyncio")
    for facts in (ours, theirs):
        assert facts["requests"] > 100
        assert facts["clients"] > 10
        assert 0 < facts["p50_seconds"] <= facts["p99_seconds"] < DEADLINE
    ratio = theirs["requests_per_cpu_second"] / ours["requests_per_cpu_second"]
    assert ours["cpu_ratio_per_request"] == pytest.approx(ratio)
    assert theirs["cpu_ratio_per_request"] is None


def test_a_page_is_written_beside_what_is_printed(tmp_path: Path) -> None:
    page = tmp_path / "results.html"
    ran = compare("--only", "simple", "--rounds", "1", "--json", "--html", str(page))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == [page]
    written = page.read_text()
    for facts in json.loads(ran.stdout):
        assert f'data-exact="{facts["clients_per_cpu_second"]!r}"' in written


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_page_that_cannot_be_written_is_told_before_anything_is_measured(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    nowhere = tmp_path / "no/results.html"
    ran = compare(*words, "--rounds", "1000", "--html", str(nowhere))
    assert (ran.returncode, ran.stdout) == (1, "")
    why = f"cannot write {nowhere}: no such file or directory; name another file"
    assert ran.stderr == f"python3 -m servers: {why}\n"


def test_a_signal_leaves_no_part_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "results.html"
    page.write_text("as it was")
    ours, theirs = pty.openpty()
    command = [*COMPARE, "--html", str(page)]
    with subprocess.Popen(command, cwd=PROJECT, stderr=theirs) as comparing:
        os.close(theirs)
        os.read(ours, 4096)
        assert len(list(tmp_path.iterdir())) == 2
        comparing.send_signal(SIGINT)
        assert comparing.wait(DEADLINE) == 128 + SIGINT
    os.close(ours)
    assert list(tmp_path.iterdir()) == [page]
    assert page.read_text() == "as it was"


def test_a_terminal_is_told_who_is_on() -> None:
    ours, theirs = pty.openpty()
    command = [*COMPARE, "--only", "simple", "--rounds", "1"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=theirs) as comparing:
        os.close(theirs)
        comparing.communicate(timeout=DEADLINE)
    told = os.read(ours, 4096)
    os.close(ours)
    assert b"1/2 1 simple on reactor" in told
    assert b"2/2 1 simple on asyncio" in told
    assert told.endswith(b"\r\x1b[K")


@pytest.mark.parametrize("signum", [SIGINT, SIGTERM])
def test_a_signal_ends_it_and_the_server_that_is_on(signum: int) -> None:
    ours, theirs = pty.openpty()
    mark = f"{os.getpid()}.{signum}"
    environment = {**os.environ, "COMPARED_BY": mark}
    with subprocess.Popen([*COMPARE], cwd=PROJECT, stderr=theirs, env=environment) as comparing:
        os.close(theirs)
        while b"3/" not in os.read(ours, 4096):
            pass
        comparing.send_signal(signum)
        assert comparing.wait(DEADLINE) == 128 + signum
    os.close(ours)
    wait_until(lambda: not processes_with(f"COMPARED_BY={mark}"))


def processes_with(setting: str) -> list[Path]:
    """The processes that have setting in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if setting.encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent)
    return found


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--only", "epol"], "no model 'epol' here; did you mean epoll?"),
        (["--rounds", "0"], "0 rounds measure nothing; give 1 to 1,000"),
        (["--rounds", "few"], "'few' is no whole number"),
    ],
)
def test_words_that_make_no_sense_are_answered_in_a_line(words: list[str], why: str) -> None:
    ran = compare(*words)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert why in ran.stderr


def test_quantiles_are_of_those_who_were_answered() -> None:
    answers = Answers([0.3, 0.1, 0.2])
    assert [answers.quantile(part) for part in (0, 0.5, 0.99, 1)] == [0.1, 0.2, 0.3, 0.3]


def results() -> list[Result]:
    model = find_model("epoll")
    ours = Result(model, "reactor", ping_pong=Load(Answers([0.001] * 100), cpu=0.5), wakeups=150)
    theirs = Result(model, "asyncio", ping_pong=Load(Answers([0.002] * 50), cpu=0.5))
    return [ours, theirs]


def test_a_ratio_is_the_cost_of_ours_through_that_of_theirs() -> None:
    ours, theirs = json.loads(as_json(results()))
    assert ours["cpu_ratio_per_request"] == pytest.approx(0.5)
    assert theirs["cpu_ratio_per_request"] is None
    assert ours["cpu_ratio_per_client"] is None
    assert ours["requests_per_cpu_second"] == pytest.approx(200)
    assert ours["wakeups_per_request"] == pytest.approx(1.5)


def test_memory_is_that_in_the_middle_of_the_rounds() -> None:
    ours, theirs = results()
    ours.memories = [5000.0, 1000.0, 2000.0]
    measured, missing = json.loads(as_json([ours, theirs]))
    assert measured["bytes_per_client"] == 2000
    assert missing["bytes_per_client"] is None


def test_a_load_is_the_sum_of_its_rounds_and_remembers_what_each_cost() -> None:
    load = Load()
    for cpu, number in ((0.5, 100), (0.1, 0), (0.3, 10)):
        load.add(Answers([0.001] * number), cpu)
    assert len(load.answers) == 110
    assert load.cpu == pytest.approx(0.9)
    assert load.costs == pytest.approx([0.005, 0.03])


def test_one_foundation_alone_has_no_ratio() -> None:
    (alone,) = json.loads(as_json(results()[:1]))
    assert alone["cpu_ratio_per_request"] is None


def test_a_table_has_headings_rows_and_what_they_mean() -> None:
    lines = as_table(results()).splitlines()
    assert lines[2].split() == [
        *("3", "epoll", "reactor", "200", "1,000", "1,000", "-", "-", "-", "-", "-"),
        *("1.50", "0.50", "-"),
    ]
    assert "ratio: the CPU time" in "\n".join(lines[4:])
