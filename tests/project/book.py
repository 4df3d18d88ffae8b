"""The book: what its pages show beside Python, and the programs that it was made by.

Law of this file: nothing is drawn by hand. The words after `text` and `diff` say what the block was
made by, and it is made again and compared.

    ```text from PROGRAM          stands, as it is, in what that program of docs/book/programs says
    ```text measured by PROGRAM   the same, but for the figures
    ```diff from PROGRAM to OTHER is how the second program differs from the first
"""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.project.documents import Block, Document
from tests.project.environments import PROJECT

PROGRAMS: Final = PROJECT / "docs/book/programs"

PROGRAM_SECONDS: Final = 60.0

MADE_BY: Final = re.compile(r"(?P<how>from|measured by) (?P<program>\w+)(?: to (?P<other>\w+))?")

FIGURE: Final = re.compile(r" *\d[\d,.]*")


def strayed(document: Document) -> list[str]:
    """Return a complaint for each block of document that its program does not make."""
    return [
        f"{document.path}:{block.line}: {complaint}"
        for block in document.blocks()
        if block.language in {"text", "diff"} and (complaint := _strayed(block))
    ]


def _strayed(block: Block) -> str:
    made = MADE_BY.fullmatch(block.mark)
    if made is None:
        return f"does not say which program makes it; see {Path(__file__).name}"
    if block.language == "diff":
        if block.code.strip() == difference(made["program"], str(made["other"])).strip():
            return ""
        return f"is not the difference from {made['program']} to {made['other']}"
    if sys.platform != "linux" and "Linux only" in (PROGRAMS / f"{made['program']}.py").read_text():
        return ""
    shown, said = block.code.strip("\n"), said_by(made["program"])
    if made["how"] == "measured by":
        shown, said = FIGURE.sub(" 0", shown), FIGURE.sub(" 0", said)
    return "" if shown in said else f"is not what {made['program']} says:\n{said}"


@cache
def said_by(program: str) -> str:
    """Run a program of the book, and return what it says.

    Raises AssertionError if it fails; where it cannot run, the test is skipped with its reason.
    """
    command = [sys.executable, "-W", "error", "-m", f"docs.book.programs.{program}"]
    result = subprocess.run(
        command, capture_output=True, check=False, cwd=PROJECT, text=True, timeout=PROGRAM_SECONDS
    )
    if result.stderr.startswith("only where"):
        pytest.skip(result.stderr.strip())
    if result.returncode or result.stderr:
        raise AssertionError(f"{program} failed:\n{result.stdout}{result.stderr}")
    return result.stdout


def difference(program: str, other: str) -> str:
    """Return how the code of other differs from that of program, with two lines around."""
    before, after = (_code_of(name) for name in (program, other))
    lines = difflib.unified_diff(before, after, n=1, lineterm="")
    kept = (line for line in lines if not line.startswith(("---", "+++")))
    return "\n".join("@@" if line.startswith("@@") else line.rstrip() for line in kept)


def _code_of(name: str) -> list[str]:
    """Return the lines of a program below its docstring."""
    return (PROGRAMS / f"{name}.py").read_text().split('"""', 2)[2].splitlines()
