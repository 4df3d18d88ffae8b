"""Running CPython's own tests, unchanged, and comparing what they say of two selectors.

Law of this file: a test counts only against its twin. The same tests are run over the standard
library's selector and over our poller, on the same machine and at the same time; what passes there
must pass here, and what fails or is skipped there says nothing.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import traceback
import unittest
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import pytest

PROJECT = Path(__file__).parents[2]

PASSED = "passed"

Outcomes = dict[str, str]
"""The names of tests to PASSED, or to why not."""

needs_cpythons_tests = pytest.mark.skipif(
    importlib.util.find_spec("test") is None
    or importlib.util.find_spec("test.test_selectors") is None,
    reason="needs CPython's own tests, the package `test`; install it (Debian's name for it is "
    "libpython3-testsuite) or use a Python that was built from source",
)

_Error = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class Recorder(unittest.TestResult):
    """Keeps one outcome for each test; whatever goes wrong in any part of it is its outcome."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: Outcomes = {}

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802 - unittest's names
        self.outcomes.setdefault(test.id(), PASSED)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802
        self.outcomes.setdefault(test.id(), f"skipped: {reason}")

    def addExpectedFailure(self, test: unittest.TestCase, err: _Error) -> None:  # noqa: N802
        self.outcomes.setdefault(test.id(), PASSED)

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        self.outcomes[test.id()] = "failed: it was expected to fail"

    def addError(self, test: unittest.TestCase, err: _Error) -> None:  # noqa: N802
        self.outcomes[test.id()] = "failed: " + "".join(traceback.format_exception(*err))

    addFailure = addError  # noqa: N815

    def addSubTest(  # noqa: N802
        self, test: unittest.TestCase, subtest: unittest.TestCase, err: _Error | None
    ) -> None:
        if err is not None:
            self.addError(test, err)


RECORD = "recorded outcomes: "
"""What the line of standard output begins with that holds them."""


def record(tests: unittest.TestSuite) -> None:
    """Run tests and print their outcomes on a line of their own, among whatever they print."""
    gc.freeze()  # CPython's tests collect after each: let them look at their own garbage only
    recorder = Recorder()
    tests.run(recorder)
    print(f"\n{RECORD}{json.dumps(recorder.outcomes)}", flush=True)


class Run:
    """One run of tests in an interpreter of its own, which begins at once; close it."""

    def __init__(self, *command: str, confined_by: Sequence[str] = ()) -> None:
        # What is compared here is not measured as well: coverage makes it half as slow again.
        unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
        self._folder = tempfile.TemporaryDirectory()  # the tests write where they stand
        self._process = subprocess.Popen(
            [*confined_by, sys.executable, "-m", *command],
            cwd=self._folder.name,
            env={**unmeasured, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def outcomes(self) -> Outcomes:
        """Wait until it has ended and return what it recorded."""
        output, _ = self._process.communicate()
        lines = output.splitlines()
        records = [line.removeprefix(RECORD) for line in lines if line.startswith(RECORD)]
        said = "\n".join(lines[-60:])
        assert self._process.returncode == 0, said
        assert len(records) == 1, said
        outcomes: Outcomes = json.loads(records[0])
        return outcomes

    def close(self) -> None:
        """End it, if nobody has waited for it."""
        with self._folder, self._process:
            self._process.kill()


def passed(outcomes: Outcomes) -> list[str]:
    """Return the tests that passed."""
    return [test for test, outcome in outcomes.items() if outcome == PASSED]


def tally(outcomes: Outcomes) -> str:
    """Count outcomes, for those who read along: "2368 run: 2322 passed, 46 skipped"."""
    kinds = Counter(outcome.partition(":")[0] for outcome in outcomes.values())
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return f"{len(outcomes)} run: {counts}"


def failed(outcomes: Outcomes) -> Outcomes:
    """Return the tests that failed, and how."""
    return {test: outcome for test, outcome in outcomes.items() if outcome.startswith("failed")}


def lost(stock: Outcomes, ours: Outcomes) -> Outcomes:
    """Return the tests that pass over the stock selector and not over ours, and why not."""
    return {
        test: ours.get(test, "was not run") for test in passed(stock) if ours.get(test) != PASSED
    }
