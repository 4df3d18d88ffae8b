"""Environments are made when they have to be, and only then; pip is a script that takes notes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.environments import ensure

HERE = Path(sys.executable)


class Pip:
    """A stand-in for the Python whose pip fills environments."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "pip"
        self._notes = folder / "notes"
        self.answers(0)

    def answers(self, status: int) -> None:
        self.path.write_text(f'#!/bin/sh\necho "$@" >> {self._notes}\nexit {status}\n')
        self.path.chmod(0o755)

    def calls(self) -> list[str]:
        return self._notes.read_text().splitlines() if self._notes.exists() else []


@pytest.fixture
def pip(tmp_path: Path) -> Pip:
    return Pip(tmp_path)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "place"


def test_an_environment_is_made_and_filled_with_its_group(pip: Pip, place: Path) -> None:
    made = ensure(place, HERE, "test", pip_of=pip.path)

    (call,) = pip.calls()
    assert made
    assert call.startswith(f"-m pip --python {place}/bin/python install ")
    assert call.endswith("pyproject.toml:test")
    subprocess.run([place / "bin/python", "-c", ""], check=True)


def test_it_is_left_alone_while_its_recipe_is_the_same(pip: Pip, place: Path) -> None:
    ensure(place, HERE, "test", pip_of=pip.path)

    assert not ensure(place, HERE, "test", pip_of=pip.path)
    assert len(pip.calls()) == 1


def test_it_is_made_again_from_nothing_for_another_recipe(pip: Pip, place: Path) -> None:
    ensure(place, HERE, "test", pip_of=pip.path)
    (place / "leftover").touch()

    assert ensure(place, HERE, "dev", pip_of=pip.path)
    assert not (place / "leftover").exists()
    assert pip.calls()[1].endswith("pyproject.toml:dev")


def test_it_is_made_again_if_it_could_not_be_filled(pip: Pip, place: Path) -> None:
    pip.answers(1)
    with pytest.raises(subprocess.CalledProcessError):
        ensure(place, HERE, "test", pip_of=pip.path)
    pip.answers(0)

    assert ensure(place, HERE, "test", pip_of=pip.path)
