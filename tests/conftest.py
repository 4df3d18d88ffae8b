"""What holds for every test: no program is missed in silence.

Law of this file: a skip has to say why it is right. Under REQUIRE_ALL=1 (as on the machine that
decides) only a reason that begins with "only", as in "only where there is a kqueue" or "only from
Python 3.12", is right; every other one says that something is missing, and fails.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from typing import TypeVar

import pytest

import tests.trials  # noqa: F401 - has its profile known before hypothesis chooses one

pytest_plugins = ["pytester", "tests.seeds"]

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            if shutil.which(program) is None:
                pytest.skip(f"needs {program}, which is not on PATH; install it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _judged((yield))


def _judged(report: Report) -> Report:
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("REQUIRE_ALL") == "1":
        reason = _reason(report)
        if not reason.startswith("only "):
            report.outcome = "failed"
            report.longrepr = f"skipped where nothing may be missing (REQUIRE_ALL=1): {reason}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    assert isinstance(report.longrepr, tuple)
    return report.longrepr[2].removeprefix("Skipped: ")
