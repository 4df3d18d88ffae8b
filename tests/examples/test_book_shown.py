"""What the book shows was said by a program, and each program is shown.

Law of this file: a drawing or a table of figures in the second half of the book stands in a block
marked `text from NAME`, and is what that program says today.
"""

from __future__ import annotations

import pytest

from tests.project import shape, sources
from tests.project.book import said_by
from tests.project.documents import Block, Document
from tests.project.environments import PROJECT
from tests.project.test_structure import Law

BOOK = PROJECT / "docs/book"

CHAPTERS = [
    Document(path.relative_to(PROJECT), path.read_text())
    for number in range(7, 13)
    for path in BOOK.glob(f"{number:02}-*.md")
]

SHOWN = {
    f"{chapter.path.name}:{block.line}": block
    for chapter in CHAPTERS
    for block in chapter.blocks()
    if block.language == "text"
}


@pytest.mark.parametrize("block", SHOWN.values(), ids=SHOWN)
def test_what_is_shown_is_what_the_program_says(block: Block) -> None:
    origin, _, program = block.mark.partition(" ")

    assert origin == "from"
    assert block.code in said_by(program)


@pytest.mark.once
@pytest.mark.parametrize(
    "law",
    [
        shape.modules_open_with_a_docstring,
        shape.files_are_short,
        shape.functions_are_short,
    ],
    ids=lambda law: law.__name__,
)
def test_the_programs_obey_what_the_house_obeys(law: Law) -> None:
    assert law(sources.read(BOOK.parent, BOOK.name)) == []


@pytest.mark.once
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.path.stem)
def test_a_chapter_asks_its_question_first_and_ends_in_things_to_do(chapter: Document) -> None:
    headings = [line for line in chapter.text.splitlines() if line.startswith("## ")]

    assert chapter.text.split("\n\n")[1].endswith("?")
    assert headings[-2:] == ["## Try it", "## Read next"]


@pytest.mark.once
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.path.stem)
def test_a_chapter_shows_what_a_program_says(chapter: Document) -> None:
    exercises = chapter.path.name.startswith("12")  # whose programs are the answers

    assert exercises or any(block.language == "text" for block in chapter.blocks())
