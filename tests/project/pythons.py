"""Pythons: which interpreters of this machine the suite can be tried on, and why not the others.

Law of this file: a Python counts when it has answered, never for its name. A version manager puts
names on PATH that answer nothing, and Debian splits off what `venv` needs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

MINORS = ((3, 11), (3, 12), (3, 13))

ANSWER_SECONDS = 20.0

QUESTION = """
import json, platform, sys
print(json.dumps([platform.python_implementation(), sys.version_info[:3], sys.executable]))
"""

Version = tuple[int, int, int]


class Python(NamedTuple):
    """An interpreter that answered."""

    version: Version
    path: Path
    named: bool = False

    @property
    def minor(self) -> tuple[int, int]:
        return self.version[:2]

    def __str__(self) -> str:
        return f"{show(self.version)}  {self.path}"


class Skipped(NamedTuple):
    """A candidate that is left out."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class Found(NamedTuple):
    """At most one Python for each minor version, oldest first, and the rest with reasons."""

    used: list[Python]
    skipped: list[Skipped]

    def missing(self) -> list[str]:
        """Return the minor versions that none was found for."""
        have = {python.minor for python in self.used}
        return [show(minor) for minor in MINORS if minor not in have]


def show(version: Iterable[int]) -> str:
    """Return a version as people write it."""
    return ".".join(map(str, version))


def find(environ: Mapping[str, str]) -> Found:
    """Ask every candidate of this environment, and choose one for each minor version.

    One named in PYTHONS wins over one that was merely found; else the newest patch release wins.
    """
    answered, skipped = _ask_all(_candidates(environ), environ)
    answered.sort(key=lambda python: (python.minor, python.named, python.version), reverse=True)
    used: dict[tuple[int, int], Python] = {}
    for python in answered:
        if python.minor not in MINORS:
            skipped.append(Skipped(str(python), f"not one of {', '.join(map(show, MINORS))}"))
        elif python.minor in used:
            chosen = used[python.minor]
            skipped.append(Skipped(str(python), f"{show(chosen.version)} stands for its kind"))
        else:
            used[python.minor] = python
    return Found([used[minor] for minor in MINORS if minor in used], skipped)


def ask(path: Path, seconds: float = ANSWER_SECONDS) -> Python | Skipped:
    """Ask the interpreter at path who it is, and give it some seconds. Silence is an answer too."""
    command = [str(path), "-I", "-c", QUESTION]
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=seconds,
        )
        implementation, (major, minor, micro), executable = json.loads(answer.stdout)
    except subprocess.CalledProcessError as error:
        said = (error.stderr.strip() or f"exit status {error.returncode}").splitlines()[0]
        return Skipped(str(path), f"does not answer: {said}")
    except subprocess.TimeoutExpired:
        return Skipped(str(path), f"does not answer within {seconds:g} s")
    except (OSError, ValueError) as error:
        return Skipped(str(path), f"does not answer: {error}")
    if implementation != "CPython":
        return Skipped(str(path), f"is {implementation}, not CPython")
    return Python((major, minor, micro), Path(executable))


def _ask_all(
    candidates: Iterable[tuple[Path | str, bool]], environ: Mapping[str, str]
) -> tuple[list[Python], list[Skipped]]:
    answered: dict[Path, Python] = {}  # by the file behind it: many names lead to one interpreter
    skipped: list[Skipped] = []
    asked: set[str] = set()
    for name, named in candidates:
        path = shutil.which(name, path=environ.get("PATH", ""))
        if path is None:
            skipped.append(Skipped(str(name), "named in PYTHONS, but there is no such program"))
        elif path not in asked:
            asked.add(path)
            answer = ask(Path(path))
            if isinstance(answer, Skipped):
                skipped.append(answer)
            else:
                answered.setdefault(answer.path.resolve(), answer._replace(named=named))
    return list(answered.values()), skipped


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[Path | str, bool]]:
    for name in environ.get("PYTHONS", "").replace(",", " ").split():
        yield name, True
    for folder in environ.get("PATH", "").split(os.pathsep):
        for name in ("python3", *_names()):
            yield from ((path, False) for path in _programs(Path(folder or "."), [name]))
    for version in _pyenv_versions(environ):
        yield from ((path, False) for path in _programs(version / "bin", _names()))


def _names() -> list[str]:
    return [f"python{show(minor)}" for minor in MINORS]


def _programs(folder: Path, names: Sequence[str]) -> list[Path]:
    return [path for name in names if os.access(path := folder / name, os.X_OK)]


def _pyenv_versions(environ: Mapping[str, str]) -> list[Path]:
    home = Path(environ.get("HOME", "/"), ".pyenv")
    root = environ.get("PYENV_ROOT") or _pyenv_root(environ) or home
    return sorted(Path(root).glob("versions/*"))


def _pyenv_root(environ: Mapping[str, str]) -> str | None:
    pyenv = shutil.which("pyenv", path=environ.get("PATH", ""))
    if pyenv is None:
        return None
    answer = subprocess.run(
        [pyenv, "root"], capture_output=True, check=False, env=dict(environ), text=True
    )
    return answer.stdout.strip() or None
