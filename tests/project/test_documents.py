"""Reading Markdown, and running what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project.documents import Document, broken_links, ill_formed, misquoted, slug_of
from tests.project.examples import python_of, run

PAGE = Path("docs/page.md")


def page(*lines: str) -> Document:
    return Document(PAGE, "\n".join(lines))


def python(*code: str, mark: str = "") -> str:
    return "\n".join([f"```python {mark}", *code, "```"])


def complaint(document: Document, folder: Path) -> str:
    """Run document as if it stood in folder, where tracebacks look for its lines."""
    path = folder / document.path
    path.parent.mkdir(exist_ok=True)
    path.write_text(document.text)
    return run(document, folder, folder)


def test_a_block_knows_its_line_and_loses_the_indentation_of_its_fence() -> None:
    (block,) = page("- item:", "", "  ```python", "  if True:", "      pass", "  ```").blocks()

    assert block.line == 4
    assert block.code == "if True:\n    pass\n"


def test_a_longer_fence_holds_a_shorter_one() -> None:
    (block,) = page("````", "```python", "```", "````", "end").blocks()

    assert block.code == "```python\n```\n"


def test_blocks_run_one_after_the_other_with_the_same_names(tmp_path: Path) -> None:
    document = page(python("x = 1"), "prose", python("assert x == 1"))

    assert complaint(document, tmp_path) == ""


def test_a_fresh_block_knows_nothing_of_those_above(tmp_path: Path) -> None:
    document = page(python("x = 1"), python("assert x == 1", mark="fresh"))

    assert "NameError: name 'x' is not defined" in complaint(document, tmp_path)


def test_a_block_that_fails_is_named_by_file_and_line(tmp_path: Path) -> None:
    document = page("# Title", "", python("x = 1", "assert x == 2"))

    said = complaint(document, tmp_path)

    assert f'File "{tmp_path / PAGE}", line 5, in <module>\n    assert x == 2' in said


def test_a_warning_fails(tmp_path: Path) -> None:
    document = page(python("import warnings", "warnings.warn('old', stacklevel=1)"))

    assert "UserWarning: old" in complaint(document, tmp_path)


def test_a_session_at_the_prompt_is_compared(tmp_path: Path) -> None:
    document = page(python("x = 1"), "```pycon", ">>> x + 1", "2", ">>> x + 2", "4", "```")

    said = complaint(document, tmp_path)

    assert f'File "{tmp_path / PAGE}", line 7' in said
    assert "Expected:\n    4\nGot:\n    3\n" in said
    assert "x + 1" not in said


def test_dataclasses_find_the_names_of_the_page(tmp_path: Path) -> None:
    code = [
        "from __future__ import annotations",
        "from dataclasses import dataclass, KW_ONLY",
        "@dataclass",
        "class Point:",
        "    x: int",
        "    _: KW_ONLY",
        "    y: int = 0",
        "assert Point(1, y=2).y == 2",
    ]

    assert complaint(page(python(*code)), tmp_path) == ""


@pytest.mark.parametrize("mark", ["no-run: serves for ever", "check-only: waits for a key"])
def test_a_marked_block_is_not_run(mark: str, tmp_path: Path) -> None:
    assert complaint(page(python("raise SystemExit(1)", mark=mark)), tmp_path) == ""


def test_other_languages_are_not_run(tmp_path: Path) -> None:
    assert complaint(page("```console", "$ exit 1", "```"), tmp_path) == ""


def test_for_mypy_each_line_stays_where_it_is() -> None:
    document = page(
        python("from __future__ import annotations", "x = 1"),
        python("x +", mark="no-run: not whole"),
        python("y = 2", mark="check-only: why not"),
    )

    assert python_of(document.blocks()) == "\n\nx = 1\n\n\n\n\n\ny = 2"


@pytest.mark.parametrize("mark", ["no-run", "no-run:", "norun: why", "Fresh"])
def test_a_mark_is_spelled_right_and_has_a_reason(mark: str) -> None:
    document = page(python("pass", mark=mark))

    assert ill_formed(document) == [f"docs/page.md:2: cannot tell what {mark!r} asks for"]


@pytest.mark.parametrize("mark", ["", "no-run: not whole"])
def test_what_does_not_parse_is_no_python(mark: str) -> None:
    document = page("# Title", python("x = 1", "  y = 2", mark=mark))

    assert ill_formed(document) == ["docs/page.md:3: does not parse: unexpected indent"]


def test_lines_out_of_a_method_may_keep_their_indentation() -> None:
    assert ill_formed(page(python("    return 1", mark="no-run: out of a method"))) == []


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("What it is", "what-it-is"),
        ("`Task.wake`, and why", "taskwake-and-why"),
        ("Reads — [then](x.md) writes_all", "reads--then-writes_all"),
    ],
)
def test_an_anchor_is_made_of_a_heading(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_headings_of_one_name_are_counted_and_code_has_none() -> None:
    document = page("# One #", "## One", "```sh", "# Two", "```")

    assert document.anchors() == {"one", "one-1"}


def test_links_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/page.md").touch()
    (tmp_path / "docs/other.md").write_text("# One")
    document = page(
        "# Here",
        "[a](other.md), [b](other.md#one), [c](#here), [d](https://example.org/x), `[e](f)`",
        "[a](another.md), [b](other.md#two)",
        '[c](#there "title"), ![d](/docs/x.png)',
        "[e]: ../nothing.md",
    )

    assert broken_links(document, tmp_path) == [
        "docs/page.md:3: another.md does not exist",
        "docs/page.md:3: other.md#two has no such heading",
        "docs/page.md:4: #there has no such heading",
        "docs/page.md:4: /docs/x.png is absolute; say it from here",
        "docs/page.md:5: ../nothing.md does not exist",
    ]


def test_what_is_not_quoted_as_it_stands_is_named(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text("def serve():\n    first()\n    second()\n")
    document = page(
        python("first()", "", "second()", mark="no-run: in room.py"),
        python("    first()", "    third()", mark="no-run: in room.py"),
        python("    first()", mark="no-run: in hall.py"),
    )

    assert misquoted(document, tmp_path) == [
        "docs/page.md:7: does not stand in room.py",
        "docs/page.md:11: does not stand in hall.py",
    ]
