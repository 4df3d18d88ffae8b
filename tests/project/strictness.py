"""Strictness: mypy, run as the project runs it, over files that are not part of it.

Law of this file: its settings are those of pyproject.toml, so that what is accepted here would be
accepted there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.project.environments import PROJECT

ERROR = re.compile(r"(?P<path>.*?):(?P<line>\d+): error: (?P<message>.*)  \[(?P<code>[a-z0-9-]+)\]")


class Error(NamedTuple):
    """One complaint of mypy."""

    path: Path
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}  [{self.code}]"


def check(paths: Sequence[Path], *options: str, cache: str) -> list[Error]:
    """Run mypy over paths, and no file that they import; return its errors.

    Raises RuntimeError if it could not do its work.

    cache names a folder of its own beside those of `make types`: mypy throws away what was made
    with other options.
    """
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--follow-imports=silent"]
    command += ["--cache-dir", str(PROJECT / ".mypy_cache" / cache), *options, *map(str, paths)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    result = subprocess.run(
        command,
        capture_output=True,
        check=False,
        cwd=PROJECT,
        env={**environ, "MYPYPATH": str(PROJECT)},
        text=True,
    )
    if result.returncode not in (0, 1):
        raise RuntimeError(f"mypy gave up: {result.stdout}{result.stderr}")
    return [_read(line) for line in result.stdout.splitlines() if ": error: " in line]


def _read(line: str) -> Error:
    match = ERROR.fullmatch(line)
    if match is None:
        raise RuntimeError(f"mypy says what cannot be read: {line}")
    return Error(PROJECT / match["path"], int(match["line"]), match["code"], match["message"])
