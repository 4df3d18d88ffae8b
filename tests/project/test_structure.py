"""The laws of the house, read off the syntax trees, and obeyed.

That each law can be broken is proved in test_structure_can_fail.py.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.project import floors, shape, sources, state
from tests.project.environments import PROJECT
from tests.project.sources import Module

Law = Callable[[list[Module]], list[str]]

LAWS: list[Law] = [
    floors.imports_go_down,
    floors.floors_are_entered_by_the_door,
    floors.imports_make_no_circle,
    floors.nothing_is_depended_on,
    floors.pollers_are_hand_built,
    shape.modules_have_names_of_their_own,
    shape.modules_open_with_a_docstring,
    shape.public_names_are_documented,
    shape.files_are_short,
    shape.functions_are_short,
    shape.the_core_reads_in_an_afternoon,
    state.modules_keep_no_state,
]

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def house() -> list[Module]:
    return sources.read(PROJECT, "reactor", "servers")


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_house_obeys(law: Law, house: list[Module]) -> None:
    complaints = law(house)

    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("unwanted", ["ssl", "asyncio"])
def test_importing_reactor_does_not_load(unwanted: str) -> None:
    # -S: what is installed for the tests, such as coverage, loads things of its own.
    program = (
        f"import sys; sys.path.insert(0, {str(PROJECT)!r}); import reactor\n"
        f"sys.exit({unwanted!r} in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-I", "-S", "-c", program], check=False).returncode == 0
