"""Axes without sockets: a program for each library and each figure, which tells what it saw."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from tests.benchmarks import first_turn
from tests.benchmarks.micro import COUNTS
from tests.benchmarks.rounds import Costs, Tell, in_turn
from tests.benchmarks.subject import SAME_EACH_TIME, BenchmarkError
from tests.project.environments import PROJECT

PATIENCE: Final = 300.0
"""Seconds that a program may take."""


def micro(measure: str, libraries: Sequence[str], rounds: int, tell: Tell) -> Costs:
    """Measure the CPU seconds that a thing costs each library."""
    return in_turn(libraries, rounds, partial(micro_of, measure, COUNTS[measure]), tell)


def micro_of(measure: str, count: int, library: str) -> float:
    """Return the CPU seconds of one thing, of so many."""
    return _told("-m", "tests.benchmarks.micro", library, measure, str(count))


def start(libraries: Sequence[str], rounds: int, tell: Tell) -> Costs:
    """Measure the CPU seconds of import and first turn."""
    path = str(Path(first_turn.__file__).resolve())

    def first_turn_of(library: str) -> float:
        return _told("-I", path, library)

    for library in libraries:
        first_turn_of(library)  # has it compiled, as what is installed is, and read from the disk
    return in_turn(libraries, rounds, first_turn_of, tell)


def _told(*arguments: str) -> float:
    ended = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        check=False,
        cwd=PROJECT,
        env={**os.environ, "PYTHONHASHSEED": SAME_EACH_TIME["PYTHONHASHSEED"]},
        text=True,
        timeout=PATIENCE,
    )
    if ended.returncode:
        raise BenchmarkError(f"{' '.join(arguments)} failed: {ended.stderr.strip()}")
    return float(ended.stdout)
