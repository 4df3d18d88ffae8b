"""The exercises of the book: what one begins with is not right, and the answer is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from docs.book.check import ANSWERS, answer_to, load
from tests.project.documents import Document
from tests.project.environments import PROJECT

PATH = Path("docs/book/12-exercises.md")

PAGE = Document(PATH, (PROJECT / PATH).read_text())

NUMBERS = [int(number) for number in re.findall(r"^## (\d+)\. ", PAGE.text, re.MULTILINE)]

STARTS = [block for block in PAGE.blocks() if block.language == "python"]

each_exercise = pytest.mark.parametrize("number", NUMBERS)


def start_of(number: int) -> ModuleType:
    """Return what an exercise begins with."""
    module = ModuleType(f"start_{number}")
    exec(compile(STARTS[number - 1].code, f"{PATH}, exercise {number}", "exec"), vars(module))
    return module


@pytest.mark.once
def test_each_exercise_has_a_starting_point_and_an_answer() -> None:
    assert list(range(1, len(STARTS) + 1)) == NUMBERS
    assert [int(path.name[:2]) for path in sorted(ANSWERS.glob("*.py"))] == NUMBERS


@each_exercise
def test_the_answer_is_right(number: int) -> None:
    answer = answer_to(number)

    answer.check(answer)


@each_exercise
def test_the_starting_point_is_not(number: int) -> None:
    with pytest.raises((Exception, BaseExceptionGroup)):
        answer_to(number).check(start_of(number))


def told(*arguments: str | Path) -> tuple[int, str]:
    """Run the check as a reader does; return its exit status and what it says."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", "docs.book.check", *arguments],
        capture_output=True,
        check=False,
        cwd=PROJECT,
        text=True,
        timeout=60,
    )
    return result.returncode, result.stdout + result.stderr


@pytest.mark.once
def test_a_reader_is_told_that_he_is_right() -> None:
    assert told("1", ANSWERS / "01_patience.py") == (0, "right\n")


@pytest.mark.once
def test_a_reader_is_told_what_is_wrong(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(STARTS[0].code)

    status, said = told("1", mine)

    assert status == 1
    assert "something is ready" in said or "what is late is due now" in said


@pytest.mark.once
def test_what_is_no_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no Python file; give one that ends in \.py"):
        load(tmp_path / "mine.txt")
