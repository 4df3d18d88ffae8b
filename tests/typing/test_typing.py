"""Type tests: what must pass strict mypy passes, what must be refused is refused, where marked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project.api import api
from tests.typing.verdicts import differences, marks

HERE = Path(__file__).parent

pytestmark = pytest.mark.once


def verdict(folder: Path, source: str) -> list[str]:
    """Return the differences, the folder left out, for a file that refuses."""
    path = folder / "rejects_this.py"
    path.write_text(source)
    return [said.removeprefix(f"{folder}/") for said in differences([path], cache="verdicts")]


def test_the_accepting_files_pass_and_the_marked_lines_of_the_refusing_ones_are_refused() -> None:
    accepting, refusing = sorted(HERE.glob("accepts_*.py")), sorted(HERE.glob("rejects_*.py"))
    assert accepting, "there is no accepts_*.py; nothing would be judged"
    assert refusing, "there is no rejects_*.py; nothing would be judged"
    assert [path for path in accepting if any(marks(path))] == []
    assert [path for path in refusing if not any(marks(path))] == []

    complaints = differences([*accepting, *refusing], cache="typing")

    assert not complaints, "\n".join(complaints)


def test_every_public_name_is_tried_in_an_accepting_file() -> None:
    tried = set(re.findall(r"\w+", "".join(path.read_text() for path in HERE.glob("accepts_*.py"))))

    for package, names in api().public().items():
        assert set(names) <= tried, f"of {package}: {sorted(set(names) - tried)}"


def test_a_file_refused_as_marked_is_in_order(tmp_path: Path) -> None:
    source = """
len(1)  # E: arg-type
x: str = len(1)  # E: arg-type  "Sized"  # E: assignment  expression has type "int"
"""
    assert verdict(tmp_path, source) == []


def test_a_marked_line_that_is_accepted_is_a_difference(tmp_path: Path) -> None:
    assert verdict(tmp_path, "len([])  # E: arg-type") == [
        "rejects_this.py:1: is not refused with arg-type"
    ]


def test_an_error_without_a_mark_is_a_difference(tmp_path: Path) -> None:
    (said,) = verdict(tmp_path, "len(1)")

    assert said.startswith('rejects_this.py:1: Argument 1 to "len" has incompatible type')
    assert said.endswith("[arg-type]")


@pytest.mark.parametrize(("code", "message"), [("call-arg", ""), ("arg-type", "  something")])
def test_an_error_with_another_mark_is_two_differences(
    code: str, message: str, tmp_path: Path
) -> None:
    refused, unmarked = verdict(tmp_path, f"len(1)  # E: {code}{message}")

    assert refused == f"rejects_this.py:1: is not refused with {code}"
    assert unmarked.endswith("[arg-type]")


def test_the_project_is_judged_by_its_own_settings(tmp_path: Path) -> None:
    source = """
import asyncio
async def main() -> None:
    asyncio.sleep(1)  # E: unused-coroutine
def unannotated(): ...  # E: no-untyped-def
"""
    assert verdict(tmp_path, source) == []
