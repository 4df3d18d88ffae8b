"""The folder of the examples: under the laws of the house, runnable as they stand, and told of."""

from __future__ import annotations

import sys

import pytest

from tests.examples.parts import EXAMPLES
from tests.project import floors, shape, sources
from tests.project.sources import Module
from tests.project.test_structure import Law

pytestmark = pytest.mark.once

MODULES = sources.read(EXAMPLES.parent, EXAMPLES.name)

PROGRAMS = [module for module in MODULES if module.path.stem != "checkout"]

LAWS: list[Law] = [
    floors.floors_are_entered_by_the_door,
    shape.modules_have_names_of_their_own,
    shape.modules_open_with_a_docstring,
    shape.files_are_short,
    shape.functions_are_short,
]

each_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda module: module.path.stem)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_examples_obey_what_the_house_obeys(law: Law) -> None:
    assert law(MODULES) == []


LIBRARIES = {"dns": "dnspython", "h11": "h11"}


@each_program
def test_it_needs_nothing_but_the_checkout_and_what_it_says_to_install(program: Module) -> None:
    imported = {item.module.partition(".")[0] for item in program.imports()}

    assert "checkout" in imported
    for name in imported - {"checkout", "reactor"} - sys.stdlib_module_names:
        assert f"\n    pip install {LIBRARIES[name]}\n" in program.text


@each_program
def test_it_opens_with_the_command_to_try(program: Module) -> None:
    assert f"\n    python3 docs/examples/{program.path.name}" in program.text


@each_program
def test_the_page_tells_of_it(program: Module) -> None:
    assert f"]({program.path.name})" in (EXAMPLES / "README.md").read_text()
