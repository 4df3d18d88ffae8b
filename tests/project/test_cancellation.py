"""docs/cancellation.md tells of every operation what it leaves behind."""

from __future__ import annotations

import re

import pytest

from tests.project.api import api
from tests.project.environments import PROJECT

pytestmark = pytest.mark.once

LIKE = {  # these do as those that they stand for
    "Connection": "Stream",
    "MemoryListener": "Listener",
    "MemoryStream": "Stream",
    "PipeStream": "Stream",
    "TlsStream": "Stream",
}
HOOKS = {"StreamContract.connect"} | {
    f"{owner}.receive_more" for owner in LIKE.keys() | {"Stream"}
}  # written, not waited for, by users


def like(operation: str) -> str:
    """Return the operation of another class that this one does as."""
    owner, dot, method = operation.partition(".")
    return f"{LIKE.get(owner, owner)}{dot}{method}"


def told() -> set[str]:
    """Return what the first column of the table names."""
    page = (PROJECT / "docs/cancellation.md").read_text()
    table = page[page.index("| operation |") :].partition("\n\n")[0]
    return set(re.findall(r"`([\w.]+)`", "".join(re.findall(r"^\|[^|]*\|", table, re.MULTILINE))))


def test_the_table_tells_of_every_operation() -> None:
    operations = api().operations()
    known = told()
    untold = {name for name in operations - HOOKS if name not in known and like(name) not in known}

    assert len(operations) > 40
    assert sorted(untold) == []


def test_the_table_tells_of_nothing_else() -> None:
    known = api().operations() | {"Stream.lines", "WaitQueue"}

    assert sorted(told() - known) == []
