"""The parts of the check: nothing is left out, whatever folder is added."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.project.environments import PROJECT
from tests.project.parts import NAMES, floors, parts_of
from tests.project.pythons import Python
from tests.project.side_by_side import Part
from tests.seeds import seeds_of

pytestmark = pytest.mark.once

OTHER = Python((3, 99, 1), Path("/opt/python3.99"))


def words(part: Part) -> list[str]:
    (command,) = part.commands
    return list(command)


def folders(part: Part) -> set[str]:
    return {word for word in words(part) if word.startswith("tests/")}


def ignored(part: Part) -> set[str]:
    prefix = "--ignore="
    return {word.removeprefix(prefix) for word in words(part) if word.startswith(prefix)}


def marks(part: Part) -> str:
    return words(part)[words(part).index("-q") + 2]


def test_a_folder_of_tests_is_a_floor_if_reactor_has_one_of_that_name(tmp_path: Path) -> None:
    for folder in ("reactor/loop", "reactor/net", "tests/loop", "tests/net", "tests/benchmarks"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "reactor/untested").mkdir()
    (tmp_path / "reactor/untested/__init__.py").touch()

    assert floors(tmp_path) == ["tests/loop", "tests/net"]


def test_every_floor_is_measured_but_for_its_examples_which_run_without() -> None:
    measured = parts_of("coverage", [])
    _, examples, _ = parts_of("rest", [])

    assert set.union(*map(folders, measured)) == set(floors(PROJECT))
    assert all("coverage" in words(part) for part in measured)
    assert {marks(part) for part in measured} == {"not soak and not hypothesis"}
    assert folders(examples) == set(floors(PROJECT))
    assert marks(examples) == "not soak and hypothesis"


def test_what_is_neither_a_floor_nor_a_server_is_in_the_rest_whatever_it_is() -> None:
    rest, _, _ = parts_of("rest", [])

    assert ignored(rest) == {*floors(PROJECT), "tests/servers", "tests/browser"}
    assert folders(rest) == set()
    assert marks(rest) == "not soak"


def test_pages_in_a_browser_are_in_a_part_of_their_own() -> None:
    *_, pages = parts_of("rest", [])

    assert folders(pages) == {"tests/browser"}
    assert marks(pages) == "not soak"


def test_the_servers_are_in_two_halves_that_are_all() -> None:
    halves = parts_of("servers", [])

    assert [words(part)[-3:] for part in halves] == [
        ["-k", "not asyncio", "tests/servers"],
        ["-k", "asyncio", "tests/servers"],
    ]
    assert {marks(part) for part in halves} == {"not soak"}


def test_all_that_is_in_a_world_runs_under_two_seeds_which_it_names() -> None:
    (part,) = parts_of("seeds", [])

    option, seeds = words(part)[-2:]
    assert option == "--seeds"
    assert len(seeds_of(seeds)) == 2
    assert part.name == f"worlds, under the seeds {seeds}"
    assert (folders(part), ignored(part), marks(part)) == (set(), set(), "not soak")


def test_another_python_runs_all_but_what_one_is_asked() -> None:
    *halves, floors_and_more = parts_of("others", [OTHER])

    assert [words(part)[-3:] for part in halves] == [
        words(part)[-3:] for part in parts_of("servers", [])
    ]
    assert (ignored(floors_and_more), folders(floors_and_more)) == ({"tests/servers"}, set())
    for part in (*halves, floors_and_more):
        assert words(part)[0] == ".venv/others/3.99/bin/python"
        assert marks(part) == "not soak and not once"
        assert part.name.endswith(" on 3.99")


def test_every_name_has_parts_and_no_two_are_called_alike() -> None:
    parts = [part for name in NAMES for part in parts_of(name, [OTHER])]

    assert len({part.name for part in parts}) == len(parts)
    for name in NAMES:
        assert parts_of(name, [OTHER])


def test_what_is_not_for_another_python_runs_on_this_one() -> None:
    mine = [part for name in NAMES if name not in ("others", "lint") for part in parts_of(name, [])]

    assert {command[0] for part in mine for command in part.commands} == {sys.executable}
