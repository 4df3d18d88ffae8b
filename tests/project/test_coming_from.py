"""What docs/coming-from.md says we have is there."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import pytest

from tests.project.environments import PROJECT

pytestmark = pytest.mark.once

PAGE = Path("docs/coming-from.md")
ROW = re.compile(r"\|(?P<theirs>[^|]+)\|(?P<ours>[^|]+)\|(?P<difference>[^|]*)\|")
NAME = re.compile(r"`(reactor[\w.]*)`")


def rows(text: str) -> Iterator[re.Match[str]]:
    """Yield the rows of all tables, but for what heads them."""
    for line in text.split("\n"):
        row = ROW.fullmatch(line)
        if row and set(line) - set("|-") and row["ours"] != " here ":
            yield row


def is_there(name: str) -> bool:
    """Tell whether a dotted name leads from a package through modules and classes to something."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        try:
            reduce(getattr, parts[length:], module)
        except AttributeError:
            return False
        return True
    return False


def test_each_name_of_ours_is_there() -> None:
    found = list(rows((PROJECT / PAGE).read_text()))

    assert len(found) > 80
    for row in found:
        names = NAME.findall(row["ours"])
        assert names, f"{row[0]}: names nothing of ours"
        for name in (*names, *NAME.findall(row["difference"])):
            assert is_there(name), f"{row[0]}: there is no {name}"


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("reactor", True),
        ("reactor.sync", True),
        ("reactor.TaskGroup.spawn", True),
        ("reactor.net.Stream.receive", True),
        ("reactor.nursery", False),
        ("reactor.TaskGroup.start_soon", False),
        ("reactors", False),
    ],
)
def test_a_name_is_looked_for_in_packages_modules_and_classes(name: str, there: bool) -> None:
    assert is_there(name) is there
