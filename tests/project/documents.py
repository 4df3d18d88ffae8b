"""Documents: the Markdown files of the project, their code blocks, anchors and links.

Law of this file: a document is read as its readers' tools read it, so that what is checked is what
is seen. What stands in a code block is code, and no link.

The word after `python` says what may not be taken for granted:

    ```python                     runs, after the blocks above it and with their names
    ```python fresh               runs in an interpreter of its own, and those below with it
    ```python check-only: why     is checked by mypy, but not run
    ```python no-run: why         is parsed, no more: part of something that is not on the page
    ```python no-run: in PATH     stands in that file of the project, but for indentation
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$")

MARK = re.compile(r"|fresh|(check-only|no-run): \S.*")

QUOTE = re.compile(r"no-run: in (?P<path>\S+)")

HEADING = re.compile(r"^#{1,6} +(?P<title>.*?)(?: +#+)?$")

INLINE_CODE = re.compile(r"(`+).+?\1")

LINK = re.compile(r"\]\(\s*<?(?P<inline>[^)\s>]+)|^ {0,3}\[[^\]]+\]:\s*<?(?P<named>[^\s>]+)")


class Block(NamedTuple):
    """A fenced block: the first line of its code, counted from 1, and what stands in its fence."""

    line: int
    language: str
    mark: str
    code: str

    @property
    def runs(self) -> bool:
        return self.language in {"python", "pycon"} and self.mark in {"", "fresh"}

    @property
    def is_checked(self) -> bool:
        return self.language == "python" and not self.mark.startswith("no-run")


class Document(NamedTuple):
    """A Markdown file, under its path from the top of the project."""

    path: Path
    text: str

    def blocks(self) -> list[Block]:
        """Return the fenced blocks, with the indentation of their fences taken off."""
        return [part for part in self._parts() if isinstance(part, Block)]

    def stories(self) -> Iterator[list[Block]]:
        """Yield the runs of blocks that share an interpreter."""
        story: list[Block] = []
        for block in self.blocks():
            if block.mark == "fresh" and story:
                yield story
                story = []
            story.append(block)
        yield story

    def anchors(self) -> set[str]:
        """Return what a link may name after a #, made of headings as forges make it."""
        seen: Counter[str] = Counter()
        anchors = set()
        for _, line in self._prose():
            if heading := HEADING.match(line):
                slug = slug_of(heading["title"])
                anchors.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
                seen[slug] += 1
        return anchors

    def links(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the target of each link, reference and image."""
        for number, line in self._prose():
            for link in LINK.finditer(INLINE_CODE.sub("", line)):
                yield number, link["inline"] or link["named"]

    def _prose(self) -> list[tuple[int, str]]:
        return [part for part in self._parts() if not isinstance(part, Block)]

    def _parts(self) -> Iterator[Block | tuple[int, str]]:
        """Yield each block, and each line outside of blocks with its number."""
        lines = enumerate(self.text.split("\n"), 1)
        for number, line in lines:
            if fence := FENCE.match(line):
                language, _, mark = fence["info"].strip().partition(" ")
                code = "".join(_until(fence, lines))
                yield Block(number + 1, language, mark.strip(), code)
            else:
                yield number, line


def documents(project: Path) -> list[Document]:
    """Return the documents of the project: those at its top and all under docs/ and servers/."""
    paths = [
        *project.glob("*.md"),
        *project.glob("docs/**/*.md"),
        *project.glob("servers/**/*.md"),
    ]
    return [Document(path.relative_to(project), path.read_text()) for path in sorted(paths)]


def broken_links(document: Document, project: Path) -> list[str]:
    """Return a complaint for each link within the project that leads nowhere."""
    return [
        f"{document.path}:{line}: {target} {complaint}"
        for line, target in document.links()
        if not re.match(r"[a-z]+:", target)
        if (complaint := _lost(document, target, project))
    ]


def ill_formed(document: Document) -> list[str]:
    """Return a complaint for each python block with an unknown mark, or that does not parse."""
    blocks = [block for block in document.blocks() if block.language == "python"]
    complaints = {
        block: f"cannot tell what {block.mark!r} asks for"
        for block in blocks
        if not MARK.fullmatch(block.mark)
    }
    for block in blocks:
        try:
            ast.parse(dedent(block.code))
        except SyntaxError as error:
            complaints[block] = f"does not parse: {error.msg}"
    return [f"{document.path}:{block.line}: {said}" for block, said in complaints.items()]


def misquoted(document: Document, project: Path) -> list[str]:
    """Return a complaint for each block that does not stand in the file that it names."""
    return [
        f"{document.path}:{block.line}: does not stand in {quote['path']}"
        for block in document.blocks()
        if (quote := QUOTE.fullmatch(block.mark))
        if _bare(block.code) not in _bare_text_of(project / quote["path"])
    ]


def _bare_text_of(path: Path) -> str:
    return _bare(path.read_text()) if path.is_file() else ""


def _bare(code: str) -> str:
    """Return code without indentation and empty lines, which a formatter of documents changes."""
    return "".join(f"{bare}\n" for line in code.splitlines() if (bare := line.strip()))


def slug_of(title: str) -> str:
    """Return the anchor of a heading: its words as shown, in lower case, joined by hyphens."""
    shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
    return re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")


def _until(fence: re.Match[str], lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    """Yield the lines up to the end of a fence, as far to the left as the fence allows."""
    char = fence["fence"][0]
    for _, line in lines:
        if set(line.strip()) == {char} and len(line.strip()) >= len(fence["fence"]):
            return
        yield line.removeprefix(fence["indent"]) + "\n"


def _lost(document: Document, target: str, project: Path) -> str:
    name, _, anchor = target.partition("#")
    path = (project / document.path).parent / name
    if name.startswith("/"):
        return "is absolute; say it from here"
    if not path.exists():
        return "does not exist"
    if not anchor or (name and path.suffix != ".md"):
        return ""
    there = Document(path, path.read_text()) if name else document
    return "" if anchor in there.anchors() else "has no such heading"
