"""The glossary of the book: every term has its entry, and every entry its place.

Law of this file: a term of the field stands in ***bold italics*** where the book explains it first,
or is a link into the glossary, which the tests of links follow.
"""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.project.documents import HEADING, Document, slug_of
from tests.project.environments import PROJECT

BOOK = PROJECT / "docs/book"

GLOSSARY = Document(BOOK / "glossary.md", (BOOK / "glossary.md").read_text())

CHAPTERS = [Document(path, path.read_text()) for path in sorted(BOOK.glob("*.md"))]

TERM = re.compile(r"\*\*\*(.+?)\*\*\*")

SEE = re.compile(r"\bSee \*(.+?)\*")

pytestmark = pytest.mark.once


def entries() -> list[str]:
    headings = (HEADING.match(line) for line in GLOSSARY.text.splitlines())
    return [heading["title"] for heading in headings if heading][1:]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.path.stem)
def test_every_term_has_its_entry(chapter: Document) -> None:
    terms = {slug_of(term) for term in TERM.findall(chapter.text)}

    assert terms <= GLOSSARY.anchors()


def test_the_entries_are_sorted_and_none_is_there_twice() -> None:
    for one, next_one in pairwise(entries()):
        assert one.casefold() < next_one.casefold()


def test_an_entry_that_sends_elsewhere_sends_to_an_entry() -> None:
    assert {slug_of(term) for term in SEE.findall(GLOSSARY.text)} <= GLOSSARY.anchors()
