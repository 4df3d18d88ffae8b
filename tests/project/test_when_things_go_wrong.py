"""docs/when-things-go-wrong.md names tests that are there, and errors that have these names."""

from __future__ import annotations

import ast
import builtins
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.api import api
from tests.project.environments import PROJECT

pytestmark = pytest.mark.once

PAGE = PROJECT / "docs/when-things-go-wrong.md"
ROW = re.compile(r"\| (?P<what>.+?) \| (?P<outcome>.+) \| (?P<tests>[^|]+) \|")
CODE = re.compile(r"`([^`]+)`")
CLASS = re.compile(r"([a-z]\w*\.)?([A-Z][a-z]\w*|[a-z]*error)")


def rows() -> list[re.Match[str]]:
    """Return the rows of all tables, but for what heads them."""
    found = (ROW.fullmatch(line) for line in PAGE.read_text().split("\n"))
    return [row for row in found if row and row["what"] != "what happens"]


def shown_by(row: re.Match[str]) -> list[str]:
    return CODE.findall(row["tests"])


def functions_in(path: Path) -> Iterator[str]:
    """Yield the tests that a file has, also those of its classes."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def is_there(test: str, tests: Path = PROJECT / "tests") -> bool:
    """Tell whether FILE::TEST is a test that is collected."""
    name, _, function = test.partition("::")
    path = tests / name
    is_test = path.name.startswith("test_") and function.startswith("test_")
    return is_test and path.is_file() and function in functions_in(path)


def is_known(name: str) -> bool:
    """Tell whether a name is public here, built in, or that of a module which it begins with."""
    module, _, last = name.rpartition(".")
    if module:
        return hasattr(importlib.import_module(module), last)
    public = {known for names in api().public().values() for known in names}
    return last in public or hasattr(builtins, last)


def test_each_row_names_tests_that_are_there() -> None:
    found = rows()

    assert len(found) > 30
    for row in found:
        assert shown_by(row), f"{row['what']}: is shown by nothing"
        missing = [test for test in shown_by(row) if not is_there(test)]
        assert missing == [], row["what"]


def test_every_line_of_a_table_is_a_row() -> None:
    lines = [line for line in PAGE.read_text().split("\n") if line.startswith("|")]
    heads = [line for line in lines if line.startswith(("| what happens |", "|---"))]

    assert len(rows()) == len(lines) - len(heads)


def test_each_error_that_is_named_has_this_name() -> None:
    names = {name for name in CODE.findall(PAGE.read_text()) if CLASS.fullmatch(name)}

    assert {"IdleError", "KeyboardInterrupt", "socket.gaierror"} <= names
    assert sorted(name for name in names if not is_known(name)) == []


@pytest.mark.parametrize(
    ("test", "there"),
    [
        ("project/test_when_things_go_wrong.py::test_every_line_of_a_table_is_a_row", True),
        ("project/test_when_things_go_wrong.py::test_nothing", False),
        ("project/test_when_things_go_wrong.py::is_there", False),
        ("project/test_when_things_go_wrong.py", False),
        ("project/api.py::test_nothing", False),
        ("project/test_no_such_file.py::test_nothing", False),
    ],
)
def test_what_is_there_can_be_told(test: str, there: bool) -> None:
    assert is_there(test) is there


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("IdleError", True),
        ("OSError", True),
        ("socket.gaierror", True),
        ("LineChannel", True),
        ("IdlenessError", False),
        ("socket.IdleError", False),
        ("gaierror", False),
    ],
)
def test_what_is_known_can_be_told(name: str, known: bool) -> None:
    assert is_known(name) is known
