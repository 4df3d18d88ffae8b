"""What the book says where to find, in asyncio and here, is there.

Law of this file: names are looked up in the Python that runs, so a release that renames one is
noticed by whoever reads.
"""

from __future__ import annotations

import pkgutil
import re
import sys

import pytest

from tests.project.environments import PROJECT

PAGE = (PROJECT / "docs/book/10-reading-asyncio.md").read_text()

NAME = re.compile(r"`(\w+\.[\w.]+)`")

ROWS = [line.split("|") for line in PAGE.splitlines() if line.startswith("| ")]

THEIRS = sorted({name for row in ROWS for name in NAME.findall(row[1])})

OURS = sorted({name for row in ROWS for name in NAME.findall(row[2])})

HIDDEN = re.compile(r"\.(\w+)\.(__\w+)(?<!__)$")

# What is imported under these names is written in C, and has not the methods inside.
PURE = {"tasks.Task": "tasks._PyTask", "futures.Future": "futures._PyFuture"}


def find(package: str, name: str) -> object:
    """Return what name, of a module in package, stands for. Raises as pkgutil.resolve_name."""
    name = HIDDEN.sub(r".\1._\1\2", name)
    for imported, pure in PURE.items() if package == "asyncio" else ():
        name = re.sub(rf"^{imported}\b", pure, name)
    found: object = pkgutil.resolve_name(f"{package}.{name}")
    return found


theirs_of_the_page = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="only where asyncio is that of 3.12 or later"
)


def test_the_tables_are_read() -> None:
    assert len(THEIRS) > 40
    assert len(OURS) > 40


@theirs_of_the_page
@pytest.mark.parametrize("name", THEIRS)
def test_it_is_in_asyncio(name: str) -> None:
    assert find("asyncio", name) is not None


@pytest.mark.once
@pytest.mark.parametrize("name", OURS)
def test_it_is_here(name: str) -> None:
    assert find("reactor", name) is not None


@pytest.mark.parametrize("name", ["tasks.Task.__leap", "nowhere.Task", "tasks.nothing"])
def test_what_is_not_there_is_not_found(name: str) -> None:
    with pytest.raises((AttributeError, ImportError)):
        find("asyncio", name)
