"""CPU time of another process, with all its threads.

Law of this file: what is read is up to the moment, in nanoseconds; a figure in clock ticks, 10 ms
each, would be a twentieth of a load. The clock of a process is `(~pid << 3) | 2`: on Linux that is
what clock_getcpuclockid returns (man 3; CPUCLOCK_SCHED in the kernel's posix-timers.h). Tried: it
has a resolution of 1 ns, counts what a running thread has used of its slice, and agrees with the
first field of /proc/PID/schedstat, which is the way where the clock is refused.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

_SCHEDULER = 2


def clock_of(pid: int) -> Callable[[], float]:
    """Return a function that returns the CPU seconds that the process has used.

    Raises OSError if this system does not tell them.
    """
    for used in (by_clock, by_schedstat):
        try:
            used(pid)
        except OSError:
            continue
        return partial(used, pid)
    raise OSError(f"this system does not tell the CPU time of process {pid}; measure on Linux")


def by_clock(pid: int) -> float:
    """Read the clock of the process."""
    return time.clock_gettime_ns((~pid << 3) | _SCHEDULER) / 1e9


def by_schedstat(pid: int) -> float:
    """Read /proc; a thread that has ended is not counted there."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    fields = [int(thread.read_text().split()[0]) for thread in threads]
    if not fields:
        raise ProcessLookupError(f"there is no process {pid}, or no /proc/{pid}/task/*/schedstat")
    return sum(fields) / 1e9


@contextmanager
def kept_apart() -> Iterator[Callable[[int], object]]:
    """Have a processor to this process alone for a while; yields what puts another on a second.

    Where that cannot be done, nothing is done.
    """
    get, put = (getattr(os, f"sched_{what}affinity", None) for what in ("get", "set"))
    if get is None or put is None or len(here := sorted(get(0))) < 2:
        yield lambda pid: None
        return
    put(0, here[:1])
    try:
        yield lambda pid: put(pid, here[1:2])
    finally:
        put(0, here)
