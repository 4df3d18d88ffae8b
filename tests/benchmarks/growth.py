"""Growth: what one more of something costs when there are ever more of it.

Law of this file: flat or logarithmic is good, anything steeper is a defect. Each curve is the cost
of the same small thing, among ever more connections, timers and tasks.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Final

from tests.benchmarks.programs import micro_of
from tests.benchmarks.rounds import in_turn
from tests.benchmarks.under_load import Load, servers


@dataclass(frozen=True, slots=True)
class Curve:
    """CPU seconds of a thing, by how many there were; name says of what, or on what."""

    name: str
    points: tuple[tuple[int, float], ...]

    @property
    def growth(self) -> float:
        """How many times what it cost first it costs last."""
        return self.points[-1][1] / self.points[0][1]


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves of one kind of growth."""

    title: str
    across: str
    curves: tuple[Curve, ...]


CONNECTIONS: Final = (10, 100, 1_000, 10_000)
TIMERS: Final = (1_000, 10_000, 100_000, 1_000_000)
TASKS: Final = (10, 100, 1_000, 10_000, 100_000)
_SPARE: Final = 200
"""Descriptors for everything that is no connection."""


def connections(
    kinds: Sequence[str], rounds: int, tell: Callable[[str], object], numbers: Sequence[int]
) -> Panel:
    """Measure a 1 KiB echo on one busy connection among ever more idle ones."""
    allowed = [number for number in numbers if number + _SPARE <= descriptors()]
    for number in numbers[len(allowed) :]:
        tell(f"left out: {number} connections: raise the limit of descriptors, ulimit -n")
    with servers(kinds, "echo") as subjects:

        def measure(kind: str, number: int) -> float:
            return Load("echo", 1024, number, askers=1).cost(subjects[kind])

        drawn = curves(kinds, allowed, rounds, measure, tell)
    return Panel("echo on one connection", "connections, the others idle", drawn)


def descriptors() -> int:
    """Return how many descriptors a process may have, after asking for as many as there may be."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else 1_000_000


def timers(
    libraries: Sequence[str], rounds: int, tell: Callable[[str], object], numbers: Sequence[int]
) -> list[Panel]:
    """Measure timers that are added and cancelled among others, and many added and fired."""
    panels = []
    for measure, title in (
        ("timers-pending", "a timer added and cancelled"),
        ("timers-many", "a timer added and fired"),
    ):
        measured = partial(_micro, measure)
        drawn = curves(libraries, numbers, rounds, measured, tell)
        panels.append(Panel(title, "timers at a time", drawn))
    return panels


def tasks(
    libraries: Sequence[str], rounds: int, tell: Callable[[str], object], numbers: Sequence[int]
) -> Panel:
    """Measure a step of a task when ever more take turns."""
    drawn = curves(libraries, numbers, rounds, partial(_micro, "tasks"), tell)
    return Panel("a step of a task", "tasks, all of which take turns", drawn)


def _micro(measure: str, library: str, number: int) -> float:
    return micro_of(measure, number, library)


def curves(
    names: Sequence[str],
    numbers: Sequence[int],
    rounds: int,
    measure: Callable[[str, int], float],
    tell: Callable[[str], object],
) -> tuple[Curve, ...]:
    """Call measure for each name with each number, in turn, and return a curve for each name."""
    points = {f"{name} {number}": (name, number) for name in names for number in numbers}
    costs = in_turn(list(points), rounds, lambda point: measure(*points[point]), tell)
    return tuple(
        Curve(name, tuple((number, median(costs[f"{name} {number}"])) for number in numbers))
        for name in names
    )
