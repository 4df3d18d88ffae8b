"""The programs that measure run to their end and tell a figure; which one is not asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import axes, growth, micro, micro_asyncio, micro_callbacks, nine, programs
from tests.benchmarks.cpu import by_clock, by_schedstat
from tests.benchmarks.echo_c import compiled
from tests.benchmarks.subject import BenchmarkError

pytestmark = pytest.mark.once

COUNT = 500


@pytest.mark.parametrize("measure", sorted(micro_callbacks.MEASURES.keys() - {"timers-pending"}))
@pytest.mark.parametrize("library", ["reactor", "asyncio"])
def test_callbacks_and_timers_are_measured(library: str, measure: str) -> None:
    assert micro.measured(library, measure, COUNT) >= 0


@pytest.mark.parametrize("measure", ["spawn", "checkpoint", "waiters"])
@pytest.mark.parametrize("library", ["generators", "async", "asyncio"])
def test_tasks_are_measured(library: str, measure: str) -> None:
    assert micro.measured(library, measure, COUNT) >= 0


def test_a_program_tells_its_figure() -> None:
    assert programs.micro_of("spawn", COUNT, "generators") >= 0


def test_a_program_that_fails_is_an_error_with_its_words() -> None:
    with pytest.raises(BenchmarkError, match="KeyError: 'nonsense'"):
        programs.micro_of("nonsense", COUNT, "generators")


def test_every_measure_has_its_count_or_grows() -> None:
    measures = {*micro_callbacks.MEASURES, *micro_asyncio.MEASURES}

    assert measures - micro.COUNTS.keys() == {"timers-pending", "timers-many", "tasks"}
    assert micro.COUNTS.keys() <= measures & axes.AXES.keys()


@pytest.mark.parametrize(
    ("library", "measure"), [("generators", "tasks"), ("reactor", "timers-pending")]
)
def test_what_grows_is_measured(library: str, measure: str) -> None:
    assert micro.measured(library, measure, COUNT) >= 0


def test_a_curve_has_the_median_of_each_number() -> None:
    costs = iter([5.0, 1.0, 3.0])

    (curve,) = growth.curves(["one"], [10], 3, lambda name, number: next(costs), lambda line: None)

    assert curve == growth.Curve("one", ((10, 3.0),))


def test_the_names_of_the_nine_are_in_pairs() -> None:
    assert ("3 epoll on reactor, asks", "3 epoll on asyncio, asks") in list(nine.pairs())


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="only where there is a /proc")
def test_both_ways_to_read_cpu_time_agree() -> None:
    program = "print(sum(range(100_000)), flush=True); input()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()
        while Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2][0] != "S":
            pass  # it is on its way to where it waits

        assert by_clock(process.pid) == by_schedstat(process.pid) > 0

        process.communicate(b"\n")


@pytest.mark.needs("cc")
def test_the_server_in_c_is_compiled_once(tmp_path: Path) -> None:
    binary = compiled(tmp_path / "folder")
    first = binary.stat()

    assert compiled(tmp_path / "folder") == binary
    assert binary.stat().st_mtime_ns == first.st_mtime_ns


def test_an_axis_that_fails_is_told_and_leaves_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(rounds: int, tell: object) -> Iterator[growth.Panel]:
        yield growth.Panel("the first", "things", (growth.Curve("one", ((10, 3.0),)),))
        raise RuntimeError("the second is broken")

    monkeypatch.setattr(growth, "panels", fails)
    run = benchmarks.Run(1, tmp_path)
    run.measure("growth")
    run.conclude()

    out = capsys.readouterr().out
    assert "RuntimeError: the second is broken" in out
    assert out.endswith("not measured: growth\n")
    (kept,) = json.loads((tmp_path / "results.json").read_text())["growth"]
    assert kept["curves"] == [{"name": "one", "points": [[10, 3.0]]}]


def test_a_run_prints_and_keeps_what_it_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = benchmarks.Run(1, tmp_path)
    run.measure("start")
    run.conclude()

    kept = json.loads((tmp_path / "results.json").read_text())
    assert list(kept["costs"]["start"]) == ["reactor", "asyncio"]
    assert axes.AXES["start"].title in capsys.readouterr().out
    assert run.failed == []
