"""The pictures of the nine servers are of the servers as they are."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from servers.catalog import MODELS
from tests.project import pictures
from tests.project.environments import PROJECT

NAMES = [model.name for model in MODELS]

pytestmark = pytest.mark.once


def test_the_book_shows_each_of_the_nine() -> None:
    page = (PROJECT / "docs/book/nine.md").read_text(encoding="utf-8")

    assert re.findall(r"!\[[^]]+\]\(pictures/(\S+)\.svg\)", page) == NAMES
    assert sorted(path.stem for path in pictures.PICTURES.glob("*.svg")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_server_that_is_recorded_now_has_the_lanes_of_its_picture(
    name: str, tmp_path: Path
) -> None:
    shown = (pictures.PICTURES / f"{name}.svg").read_text(encoding="utf-8")

    made = pictures.make(name, tmp_path).read_text(encoding="utf-8")

    assert pictures.labels(made) == pictures.labels(shown)
    assert len(pictures.labels(shown)) > 5  # the legend has so many
    ET.fromstring(shown)
