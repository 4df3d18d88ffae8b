"""--seeds: what runs under it, what is said of it, and that all of the suite does, 200 times.

Law of this file: each test writes a file of tests and has a pytest of its own run it.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from tests.project.environments import PROJECT
from tests.seeds import seeds_of

pytestmark = pytest.mark.once

SUITE = """
import pytest

@pytest.fixture
def world(seed):
    return f"world of {seed}"

def test_in_a_world(world):
    print(world)

@pytest.mark.in_order("first come, first run")
def test_of_order(world):
    print("in order", world)

def test_elsewhere():
    print("elsewhere")
"""


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A pytest of its own, in a folder of its own, with our seeds."""
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\naddopts = -p tests.seeds\nmarkers = in_order(why)\n")
    return pytester


def said(result: pytest.RunResult) -> str:
    return result.stdout.str() + result.stderr.str()


# -- which seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("7", range(7, 8)),
        ("1:200", range(1, 201)),
        ("3:3", range(3, 4)),
        ("0", range(1)),
        ("-2:0", range(-2, 1)),
    ],
)
def test_first_and_last_count_both(text: str, seeds: range) -> None:
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "seven", "5:1", "1:2:3", ":3", "1:", "1.5", "1-3"])
def test_what_names_no_seeds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=rf"^'{text}' names no seeds; write 1:200 for 1 to 200"):
        seeds_of(text)


def test_it_is_refused_before_anything_is_collected(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("raise ZeroDivisionError")

    result = pytester.runpytest_subprocess("--seeds", "5:1")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--seeds: '5:1' names no seeds" in said(result)


# -- what runs


def test_without_seeds_everything_runs_once_and_no_world_has_one(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)

    result = pytester.runpytest_subprocess("-s")

    result.assert_outcomes(passed=3)
    assert all(line in said(result) for line in ("world of None", "in order", "elsewhere"))


def test_with_seeds_what_is_in_a_world_runs_under_each_and_nothing_else(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(SUITE)

    result = pytester.runpytest_subprocess("-s", "--seeds", "4:6")

    result.assert_outcomes(passed=3, deselected=2)
    assert re.findall(r"world of \w+", said(result)) == ["world of 4", "world of 5", "world of 6"]
    assert "elsewhere" not in said(result)


def test_what_is_about_the_order_says_why(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE.replace('("first come, first run")', ""))

    for options in ((), ("--seeds", "1")):
        result = pytester.runpytest_subprocess(*options)
        assert "::test_of_order is in_order; say why: in_order('...')" in said(result)
        assert result.ret == pytest.ExitCode.INTERRUPTED


# -- what is said


def test_it_counts_tests_and_seeds_and_shows_no_dot_for_each(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)

    result = pytester.runpytest_subprocess("-q", "--seeds", "1:20")

    assert "under seeds 1 to 20: 1 tests x 20 seeds, 0 failed" in result.outlines
    assert not re.search(r"(?m)^\.", said(result))


FAILS_UNDER_SOME = """
    import pytest

    @pytest.mark.parametrize("what", ["a b", "c"])
    def test_it(what, seed):
        assert seed != 3 or what == "c"
"""


def test_a_failure_says_how_to_see_it_again_and_that_shows_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILS_UNDER_SOME)

    result = pytester.runpytest_subprocess("--seeds", "1:5")

    result.assert_outcomes(passed=9, failed=1)
    assert "under seeds 1 to 5: 2 tests x 5 seeds, 1 failed" in result.outlines
    (command,) = re.findall(r"to see it again: python -m pytest (.*)", said(result))
    assert re.search(r"-+ under seed 3 -+", said(result))

    pytester.runpytest_subprocess(*shlex.split(command)).assert_outcomes(failed=1)


# -- what goes round for ever

GOES_ROUND = """
    def test_that_goes_round(seed):
        while True:
            pass

    def test_that_holds_on(seed):
        try:
            while True:
                pass
        except BaseException:
            while True:
                pass

    def test_after_it(seed):
        pass
"""


def test_what_goes_round_for_ever_fails_and_the_next_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(GOES_ROUND)

    result = pytester.runpytest_subprocess("--seeds", "7", "--patience", "0.1")

    result.assert_outcomes(passed=1, failed=2)
    assert said(result).count("Failed: 0.1 seconds of work, and no end; it goes round") >= 2
    assert said(result).count("to see it again: python -m pytest --seeds 7") == 2


def test_only_the_test_itself_is_counted(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import time
        import pytest

        def work(seconds):
            begun = time.process_time()
            while time.process_time() - begun < seconds:
                pass

        @pytest.fixture
        def much_to_do():
            work(0.5)
            yield
            work(0.5)

        def test_of_little_work(seed, much_to_do):
            work(0.1)
    """)

    result = pytester.runpytest_subprocess("--seeds", "1:2", "--patience", "0.3")

    result.assert_outcomes(passed=2)


# -- all of it


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1, 201, 20))
def test_the_suite_holds_under_two_hundred_seeds(first: int) -> None:
    seeds = f"{first}:{first + 19}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--seeds", seeds]
    result = subprocess.run(
        [*command, "-o", "faulthandler_timeout=0"],
        capture_output=True,
        check=False,
        cwd=PROJECT,
        text=True,
    )

    print(*(line for line in result.stdout.splitlines() if line.startswith("under seeds ")))
    assert result.returncode == 0, result.stdout + result.stderr
