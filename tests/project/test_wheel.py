"""What is published: the sdist, the wheel made of it, and that wheel in an empty environment."""

from __future__ import annotations

import email.message
import email.parser
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from tests.project.environments import PROJECT

PROGRAM = """
import reactor

said = []
with reactor.Reactor() as loop:
    loop.call_soon(said.append, "hello")
    loop.call_soon(loop.stop)
    loop.run()
print(*said, reactor.__file__)
"""


def call(*command: str | Path, folder: Path) -> str:
    """Run a command outside the project, with nothing of it on the path; return what it says."""
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COVERAGE", "PIP_", "PYTHON"))
    }
    result = subprocess.run(
        command, capture_output=True, check=False, cwd=folder, env=environ, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist from a copy of the project, and the wheel from the sdist; no network."""
    folder = tmp_path_factory.mktemp("published")
    copy = folder / "project"
    copytree(PROJECT, copy, ignore=ignore_patterns(".*", "__pycache__", "dist"))
    dist = folder / "dist"
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", dist, copy, folder=folder)
    return dist


@pytest.fixture(scope="module")
def wheel(published: Path) -> Path:
    (wheel,) = published.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> email.message.Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.parser.Parser().parsestr(archive.read(name).decode())


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the wheel and nothing else, not even pip."""
    folder = tmp_path_factory.mktemp("empty")
    call(sys.executable, "-m", "venv", "--without-pip", folder / "venv", folder=folder)
    python = folder / "venv/bin/python"
    pip = (sys.executable, "-m", "pip", "--isolated", "--python", python)
    call(*pip, "install", "--quiet", "--no-index", wheel, folder=folder)
    return python


def test_the_wheel_holds_every_file_of_reactor_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    files = {
        path
        for path in PROJECT.glob("reactor/**/*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert PROJECT / "reactor/py.typed" in files
    assert PROJECT / "reactor/command/view/page/page.html" in files
    assert names == {str(path.relative_to(PROJECT)) for path in files}


def test_the_sdist_holds_what_it_takes_to_try_it(published: Path) -> None:
    (sdist,) = published.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    tops = {name.partition("/")[0] for name in names}
    assert tops == {
        *("reactor", "servers", "tests", "docs"),
        *("README.md", "CHANGES.md", "LICENSE", "Makefile", "pyproject.toml", "PKG-INFO"),
    }
    assert [name for name in names if name.endswith(".pyc")] == []


def test_the_metadata_say_what_pyproject_says(metadata: email.message.Message) -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]

    assert metadata["Name"] == "reactor-loop"
    assert metadata["Version"] == project["version"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert metadata.get_all("Requires-Dist") is None
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert str(metadata.get_payload()).strip() == (PROJECT / "README.md").read_text().strip()


def test_the_wheel_announces_the_plugin_to_pytest(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/entry_points.txt"))
        said = archive.read(name).decode().split()

    assert said == ["[pytest11]", "reactor=reactor.testing.plugin"]


def test_the_changes_speak_of_this_version(metadata: email.message.Message) -> None:
    assert f"\n## {metadata['Version']}" in (PROJECT / "CHANGES.md").read_text()


def test_the_wheel_alone_is_enough(python: Path, tmp_path: Path) -> None:
    said = call(python, "-I", "-W", "error", "-c", PROGRAM, folder=tmp_path)

    greeting, file = said.split()
    assert greeting == "hello"
    assert Path(file).is_relative_to(python.parents[1])


def test_pip_finds_nothing_missing(python: Path, tmp_path: Path) -> None:
    said = call(sys.executable, "-m", "pip", "--python", python, "check", folder=tmp_path)

    assert said == "No broken requirements found.\n"


@pytest.mark.parametrize("name", ["servers", "tests"])
def test_general_names_are_left_to_others(name: str, python: Path, tmp_path: Path) -> None:
    program = f"from importlib.util import find_spec; print(find_spec({name!r}))"

    assert call(python, "-I", "-c", program, folder=tmp_path) == "None\n"
