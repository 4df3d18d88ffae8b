"""Growth: what one more of something costs when there are ever more of it.

Law of this file: flat or logarithmic is good, anything steeper is a defect. Each curve is the cost
of the same small thing, among ever more connections, timers and tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Final

from tests.benchmarks.machine import descriptors
from tests.benchmarks.programs import micro_of
from tests.benchmarks.rounds import Tell, in_turn
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

_TIMERS_OF: Final = ("reactor", "asyncio")
_TASKS_OF: Final = ("generators", "async", "asyncio")
_MICRO: Final = (
    # measure, title, across, libraries, numbers
    ("timers-pending", "a timer added and cancelled", "timers that wait", _TIMERS_OF, TIMERS),
    ("timers-many", "a timer added and fired", "timers at a time", _TIMERS_OF, TIMERS),
    ("tasks", "a step of a task", "tasks, all of which take turns", _TASKS_OF, TASKS),
)


def panels(rounds: int, tell: Tell) -> Iterator[Panel]:
    """Measure all growth there is, one kind after the other."""
    yield connections(("callbacks", "generators", "asyncio-protocol"), rounds, tell)
    for measure, title, across, libraries, numbers in _MICRO:
        drawn = curves(libraries, numbers, rounds, partial(_micro, measure), tell)
        yield Panel(title, across, drawn)


def connections(kinds: Sequence[str], rounds: int, tell: Tell) -> Panel:
    """Measure a 1 KiB echo on one busy connection among ever more idle ones."""
    most = descriptors() - _SPARE
    allowed = [number for number in CONNECTIONS if number <= most]
    for number in CONNECTIONS[len(allowed) :]:
        tell(f"left out: {number} connections: raise the limit of descriptors, ulimit -n")
    with servers(kinds, "echo") as subjects:

        def measure(kind: str, number: int) -> float:
            return Load("echo", 1024, number, askers=1).cost(subjects[kind])

        drawn = curves(kinds, allowed, rounds, measure, tell)
    return Panel("echo on one connection", "connections, the others idle", drawn)


def _micro(measure: str, library: str, number: int) -> float:
    return micro_of(measure, number, library)


def curves(
    names: Sequence[str],
    numbers: Sequence[int],
    rounds: int,
    measure: Callable[[str, int], float],
    tell: Tell,
) -> tuple[Curve, ...]:
    """Call measure for each name with each number, in turn, and return a curve for each name."""
    points = {f"{name} {number}": (name, number) for name in names for number in numbers}
    costs = in_turn(list(points), rounds, lambda point: measure(*points[point]), tell)
    return tuple(
        Curve(name, tuple((number, median(costs[f"{name} {number}"])) for number in numbers))
        for name in names
    )
