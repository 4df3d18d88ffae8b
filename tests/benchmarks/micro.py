"""One measurement of one library in one process: prints CPU seconds for each thing done.

    python -m tests.benchmarks.micro LIBRARY MEASURE COUNT

The libraries are generators and async (ours), asyncio, uvloop, rloop and trio; what is said with
callbacks counts for both forms of ours and is called reactor. Nothing is measured but what is
named: the loop runs already when the clock is read, and runs on when it is read again.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable
from typing import Final

from reactor import Reactor
from tests.benchmarks import micro_callbacks, micro_ours, micro_trio
from tests.benchmarks.kinds import missing_library
from tests.benchmarks.micro_asyncio import MEASURES as ON_ASYNCIO

COUNTS: Final = {
    "call-soon": 200_000,
    "timers-cancelled": 100_000,
    "timers-cancelled-later": 100_000,
    "timers-fired": 50_000,
    "spawn": 50_000,
    "checkpoint": 100_000,
    "waiters": 100_000,
    "queue": 100_000,
    "lock": 100_000,
}
"""How much of each makes a measurement of some 0.1 s; what is not here is measured by growth.py."""

CALLBACKS: Final = ("reactor", "asyncio", "uvloop", "rloop")
"""Who has callbacks."""

TASKS: Final = ("generators", "async", "asyncio", "uvloop", "rloop", "trio")
"""Who has tasks."""


def needs(library: str) -> str | None:
    """Return why a library cannot be measured here; None if it can."""
    return missing_library(library) if library in ("uvloop", "rloop", "trio") else None


def measured(library: str, measure: str, count: int) -> float:
    """Measure, and return the CPU seconds for each thing done."""
    if measure in micro_callbacks.MEASURES:
        return _with_callbacks(library, micro_callbacks.MEASURES[measure], count)
    if library in ("generators", "async"):
        return micro_ours.measured(measure, library, count)
    if library == "trio":
        return micro_trio.measured(measure, count)
    with asyncio.Runner(loop_factory=importlib.import_module(library).new_event_loop) as runner:
        return runner.run(ON_ASYNCIO[measure](count))


def _with_callbacks(
    library: str, measure: Callable[[micro_callbacks.Loop, int], list[float]], count: int
) -> float:
    if library == "reactor":
        with Reactor() as reactor:
            result = measure(reactor, count)
            reactor.run()
    else:
        loop: asyncio.AbstractEventLoop = importlib.import_module(library).new_event_loop()
        result = measure(loop, count)
        loop.run_forever()
        loop.close()
    return result[0]


def main() -> None:
    """Print what was measured."""
    library, measure, count = sys.argv[1:]
    print(measured(library, measure, int(count)))


if __name__ == "__main__":
    main()
