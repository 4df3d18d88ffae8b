"""REQUIRE_ALL=1: what is skipped elsewhere fails where nothing may be missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.environments import PROJECT

SUITE = """
import pytest

def test_that_runs():
    pass

@pytest.mark.needs("no-such-program")
def test_of_a_program():
    raise AssertionError("ran without its program")

@pytest.mark.needs("sh")
def test_of_a_program_that_is_here():
    pass

def test_of_a_machine():
    pytest.skip("only where there is a kqueue")

@pytest.mark.xfail(raises=ZeroDivisionError, reason="known")
def test_known_to_fail():
    1 / 0
"""

MODULE_THAT_IS_SKIPPED = """
import pytest
pytest.importorskip("no_such_module")
"""


def run(folder: Path, suite: str, *, require_all: str) -> str:
    """Run a suite under a copy of our conftest; return the last line of what pytest says."""
    folder.joinpath("conftest.py").write_text((PROJECT / "tests/conftest.py").read_text())
    folder.joinpath("pytest.ini").write_text("[pytest]\nmarkers = needs\n")
    folder.joinpath("test_inner.py").write_text(suite)
    environ = {
        **os.environ,
        "REQUIRE_ALL": require_all,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": str(PROJECT),
    }
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(folder)]
    result = subprocess.run(
        command, capture_output=True, check=False, cwd=folder, env=environ, text=True
    )
    return result.stdout.splitlines()[-1]


def test_a_test_without_its_program_is_skipped(tmp_path: Path) -> None:
    assert "2 passed, 2 skipped, 1 xfailed" in run(tmp_path, SUITE, require_all="")


def test_a_test_without_its_program_fails_where_all_is_required(tmp_path: Path) -> None:
    last = run(tmp_path, SUITE, require_all="1")

    assert "2 passed, 1 skipped, 1 xfailed, 1 error" in last


@pytest.mark.parametrize(("require_all", "outcome"), [("", "1 skipped"), ("1", "1 error")])
def test_a_module_that_skips_itself_is_judged_too(
    require_all: str, outcome: str, tmp_path: Path
) -> None:
    assert outcome in run(tmp_path, MODULE_THAT_IS_SKIPPED, require_all=require_all)
