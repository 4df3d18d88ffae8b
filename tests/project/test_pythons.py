"""Finding Pythons, tried with interpreters that are shell scripts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.project.parts import look_for_others
from tests.project.pythons import Found, Python, Skipped, ask, find

REFUSAL = "pyenv: python3.12: command not found"


class Machine:
    """A machine of our making: folders with interpreters that say what they are told to say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"PATH": str(folder / "bin"), "HOME": str(folder / "home")}

    def has(self, name: str, version: str, implementation: str = "CPython") -> Path:
        numbers = version.replace(".", ", ")
        path = self.folder / name
        return self.script(name, f"""echo '["{implementation}", [{numbers}], "{path}"]'""")

    def script(self, name: str, body: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    def find(self) -> Found:
        return find(self.environ)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_pythons_on_the_path_are_found_oldest_first(machine: Machine) -> None:
    new = machine.has("bin/python3.13", "3.13.0")
    old = machine.has("bin/python3.11", "3.11.7")

    assert machine.find() == Found([Python((3, 11, 7), old), Python((3, 13, 0), new)], [])


def test_a_name_is_not_believed(machine: Machine) -> None:
    path = machine.has("bin/python3", "3.12.1")

    assert machine.find().used == [Python((3, 12, 1), path)]


def test_every_folder_of_the_path_is_searched(machine: Machine) -> None:
    machine.script("shims/python3.12", "exit 127")
    machine.environ["PATH"] = f"{machine.folder}/shims:{machine.folder}/bin"
    behind = machine.has("bin/python3.12", "3.12.1")

    assert machine.find().used == [Python((3, 12, 1), behind)]


def test_a_shim_that_does_not_answer_is_skipped_with_its_own_words(machine: Machine) -> None:
    shim = machine.script("bin/python3.12", f"echo '{REFUSAL}' >&2; echo more >&2; exit 127")

    assert machine.find() == Found([], [Skipped(str(shim), f"does not answer: {REFUSAL}")])


def test_a_python_that_answers_nonsense_is_skipped(machine: Machine) -> None:
    machine.script("bin/python3.12", "echo hello")

    (skipped,) = machine.find().skipped

    assert skipped.why.startswith("does not answer: Expecting value")


def test_a_python_that_hangs_is_skipped(machine: Machine) -> None:
    path = machine.script("bin/python3.12", "exec tail -f /dev/null")

    assert ask(path, seconds=0.1) == Skipped(str(path), "does not answer within 0.1 s")


def test_another_implementation_is_skipped(machine: Machine) -> None:
    path = machine.has("bin/python3.11", "3.11.9", "PyPy")

    assert machine.find().skipped == [Skipped(str(path), "is PyPy, not CPython")]


def test_another_minor_version_is_skipped(machine: Machine) -> None:
    path = machine.has("bin/python3", "3.10.13")

    skipped = Skipped(f"3.10.13  {path}", "not one of 3.11, 3.12, 3.13")
    assert machine.find() == Found([], [skipped])


def test_of_two_patch_releases_the_newest_is_used(machine: Machine) -> None:
    old = machine.has("bin/python3.12", "3.12.1")
    new = machine.has("home/.pyenv/versions/3.12.10/bin/python3.12", "3.12.10")

    found = machine.find()

    assert found.used == [Python((3, 12, 10), new)]
    assert found.skipped == [Skipped(f"3.12.1  {old}", "3.12.10 stands for its kind")]


def test_a_named_python_is_used_instead_of_a_newer_one(machine: Machine) -> None:
    machine.has("bin/python3.12", "3.12.10")
    named = machine.has("mine/python", "3.12.1")
    machine.environ["PYTHONS"] = str(named)

    assert machine.find().used == [Python((3, 12, 1), named, named=True)]


def test_a_named_python_that_does_not_exist_is_said_to_be_missing(machine: Machine) -> None:
    machine.environ["PYTHONS"] = "python3.13"

    why = "named in PYTHONS, but there is no such program"
    assert machine.find().skipped == [Skipped("python3.13", why)]


def test_pyenv_is_asked_for_its_root(machine: Machine) -> None:
    machine.script("bin/pyenv", f'test "$1" = root && echo {machine.folder}/elsewhere')
    path = machine.has("elsewhere/versions/3.13.0/bin/python3.13", "3.13.0")

    assert machine.find().used == [Python((3, 13, 0), path)]


def test_one_interpreter_with_two_names_is_found_once(machine: Machine) -> None:
    path = machine.has("bin/python3.12", "3.12.1")
    (machine.folder / "bin/python3").symlink_to(path)

    assert machine.find() == Found([Python((3, 12, 1), path)], [])


def test_what_is_missing_is_known(machine: Machine) -> None:
    machine.has("bin/python3.12", "3.12.1")

    assert machine.find().missing() == ["3.11", "3.13"]


def test_a_real_interpreter_answers() -> None:
    answer = ask(Path(sys.executable))

    assert answer == Python(sys.version_info[:3], Path(sys.executable))


def test_it_is_said_what_is_skipped_and_why(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    shim = machine.script("bin/python3.12", f"echo '{REFUSAL}' >&2; exit 127")
    path = machine.has("bin/python3.13", "3.13.0")

    others, complaints = look_for_others(machine.environ, (3, 11))

    assert (others, complaints) == ([Python((3, 13, 0), path)], [])
    assert capsys.readouterr().out.splitlines() == [
        f"using    3.13.0  {path}",
        f"skipping {shim}: does not answer: {REFUSAL}",
        "skipping 3.12: none can be used",
    ]


def test_a_missing_python_is_a_complaint_where_all_is_required(machine: Machine) -> None:
    machine.has("bin/python3.12", "3.12.1")
    machine.environ["REQUIRE_ALL"] = "1"

    others, complaints = look_for_others(machine.environ, (3, 12))

    assert others == []
    assert complaints == [
        "no Python 3.11; install it or name it in PYTHONS",
        "no Python 3.13; install it or name it in PYTHONS",
    ]


def test_this_machine_can_be_asked() -> None:
    assert all(isinstance(python, Python) for python in find(os.environ).used)
