"""docs/extend.md tells the truth about mypy: what it refuses, and that it refuses a wrong hook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.project.documents import Document
from tests.project.environments import PROJECT
from tests.project.strictness import Error, check
from tests.typing.verdicts import marks

pytestmark = pytest.mark.once

PAGE = Document(Path("docs/extend.md"), (PROJECT / "docs/extend.md").read_text())
MISTAKES = PROJECT / "tests/typing/rejects_mistakes.py"
ROW = re.compile(r"\| `(?P<written>.+?)` \| (?P<code>[a-z-]+) \| .* \|")


class Slip(NamedTuple):
    """A line of a program on the page, and how somebody might have got it wrong."""

    right: str
    wrong: str
    code: str


SLIPS = [
    Slip("    readable = READ", '    readable = "r"', "return-value"),
    Slip("    def change(self, fd: int, old: int,", "    def change(self, fd: int,", "arg-type"),
    Slip("        return list(told.items())", "        return list(told)", "arg-type"),
    Slip("    def make(self) -> Mechanism:", "    def make(self) -> str:", "override"),
    Slip("    def abort(self, task: Task[Any])", "    def abort(self)", "override"),
    Slip("self._waiting.abort(task)", "self._waiting.abort(5)", "arg-type"),
    Slip('trap.fill("answer")', "trap.fill(5)", "arg-type"),
    Slip("return await box", "return box", "return-value"),
    Slip("data = yield from", "data = ", "arg-type"),
    Slip("-> Steps[None]:\n        yield", "-> Steps[int]:\n        yield", "override"),
    Slip("    def abort(self) -> None:", "    def abort(self) -> bool:", "override"),
    Slip("    def close(self) -> None:\n        self._below.close()\n", "", "abstract"),
    Slip("-> tuple[Stream, Stream]:", "-> tuple[Stream, int]:", "override"),
    Slip("door: object) -> None:", "door: str) -> None:", "override"),
    Slip(", error: BaseException | None) -> None:", ") -> None:", "override"),
]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> list[list[Error]]:
    """What mypy says of each slip: asked once for all, since it takes its time to start."""
    folder = tmp_path_factory.mktemp("slips")
    for number, slip in enumerate(SLIPS):
        (program,) = (block.code for block in PAGE.blocks() if slip.right in block.code)
        changed = program.replace(slip.right, slip.wrong)
        (folder / f"slip_{number}.py").write_text(f"from __future__ import annotations\n{changed}")
    errors = check(sorted(folder.glob("*.py")), cache="typing")
    # By name: what mypy has seen before, in the folder of an earlier run, it tells of as there.
    return [
        [error for error in errors if error.path.name == f"slip_{number}.py"]
        for number in range(len(SLIPS))
    ]


@pytest.mark.parametrize("number", range(len(SLIPS)), ids=[slip.wrong.strip() for slip in SLIPS])
def test_a_wrong_line_in_a_program_of_the_page_is_refused(
    number: int, refusals: list[list[Error]]
) -> None:
    assert SLIPS[number].code in {error.code for error in refusals[number]}, refusals[number]


def test_the_table_lists_what_is_refused_and_nothing_else() -> None:
    lines = MISTAKES.read_text().split("\n")
    refused = {
        (lines[mark.line - 1].partition("  # E: ")[0].strip(), mark.code)
        for mark in marks(MISTAKES)
    }

    rows = [ROW.fullmatch(line) for line in PAGE.text.split("\n")]

    assert {(row["written"], row["code"]) for row in rows if row} == refused


def test_each_mistake_is_made_on_one_line_and_listed_once() -> None:
    rows = [row["written"] for line in PAGE.text.split("\n") if (row := ROW.fullmatch(line))]

    assert len(rows) == len(set(rows)) >= 20
