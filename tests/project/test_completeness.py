"""What is not typed to the end is found and named; pyright looks at packages made for this."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project.completeness import complaints

pytestmark = pytest.mark.once

COMPLETE = """
class Box:
    def __init__(self, value: int) -> None:
        self.value: int = value
        self._private = [value]

    def _hidden(self, value): ...
"""
INCOMPLETE = """
class Box:
    def __init__(self, value: int) -> None:
        self.values = [value]

def take(box): ...
"""


def verdict(folder: Path, code: str, *, typed: bool = True) -> list[str]:
    package = folder / "parcel"
    package.mkdir()
    (package / "__init__.py").write_text(code)
    if typed:
        (package / "py.typed").touch()
    return complaints("parcel", folder)


def test_a_package_that_is_typed_to_the_end_is_in_order(tmp_path: Path) -> None:
    assert verdict(tmp_path, COMPLETE) == []


def test_what_is_left_to_be_inferred_is_named_by_file_and_line(tmp_path: Path) -> None:
    inferred, unknown, *_ = verdict(tmp_path, INCOMPLETE)

    assert inferred.startswith("parcel/__init__.py:4: parcel.Box.values: Type is missing")
    assert unknown.startswith("parcel/__init__.py:6: parcel.take: Type annotation")


def test_a_package_that_does_not_say_that_it_is_typed_is_a_complaint(tmp_path: Path) -> None:
    assert verdict(tmp_path, COMPLETE, typed=False) == ["parcel: No py.typed file found"]
