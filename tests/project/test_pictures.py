"""The pictures of the book are of the servers and programs as they are."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.project import pictures
from tests.project.environments import PROJECT

SHOWN = re.compile(r"!\[[^]]+\]\(pictures/(\S+)\.svg\)")

pytestmark = pytest.mark.once


def shown_by(page: Path) -> list[str]:
    return SHOWN.findall(page.read_text(encoding="utf-8"))


def test_the_nine_are_shown_side_by_side() -> None:
    assert shown_by(PROJECT / "docs/book/nine.md") == list(pictures.SERVERS)


def test_each_chapter_but_the_exercises_has_a_picture() -> None:
    chapters = sorted((PROJECT / "docs/book").glob("[01]*.md"))

    without = [chapter.name for chapter in chapters if not shown_by(chapter)]
    assert without == ["12-exercises.md"]


def test_what_is_drawn_is_shown_and_what_is_shown_is_drawn() -> None:
    shown = {name for page in (PROJECT / "docs/book").glob("*.md") for name in shown_by(page)}

    assert shown == {*pictures.SERVERS, *pictures.PROGRAMS}
    assert shown == {path.stem for path in pictures.PICTURES.glob("*.svg")}


@pytest.mark.parametrize("name", [*pictures.SERVERS, *pictures.PROGRAMS])
def test_what_is_recorded_now_has_the_lanes_of_its_picture(name: str, tmp_path: Path) -> None:
    shown = (pictures.PICTURES / f"{name}.svg").read_text(encoding="utf-8")

    made = pictures.make(name, tmp_path).read_text(encoding="utf-8")

    assert pictures.labels(made) == pictures.labels(shown)
    assert len(pictures.labels(shown)) > 5  # the legend has so many
    ET.fromstring(shown)
