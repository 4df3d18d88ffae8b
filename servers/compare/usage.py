"""What a server used: CPU time, wake-ups and memory of all its processes, by /proc.

Law of this file: nothing is asked of the server, who is measured as it is; a child that has ended
counts as long as its parent has reaped it. Source: `man 5 proc`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_PROC: Final = Path("/proc")


def can_be_had() -> bool:
    """Return whether this system tells what is measured here."""
    return (_PROC / "self/smaps_rollup").exists()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a group of processes has used so far.

    cpu: seconds of user and system time, in steps of a clock tick (10 ms). wakeups: how often one
    of the threads that are there now went to sleep of itself, and so was woken.
    """

    cpu: float
    wakeups: int

    @classmethod
    def of(cls, group: int) -> Self:
        """Return what the processes of a group have used, and their children that have ended."""
        ticks = wakeups = 0
        for process, fields in _processes(group):
            ticks += sum(map(int, fields[11:15]))  # user, system; the same of children reaped
            for thread in process.glob("task/*/status"):
                with suppress(OSError):  # it has ended
                    wakeups += _number(thread, "voluntary_ctxt_switches:")
        return cls(ticks / os.sysconf("SC_CLK_TCK"), wakeups)

    def since(self, before: Usage) -> Usage:
        """Return what was used after before."""
        return Usage(self.cpu - before.cpu, self.wakeups - before.wakeups)


def memory(group: int) -> int:
    """Return the bytes of memory of a group of processes; a page that several share counts once."""
    total = 0
    for process, _ in _processes(group):
        with suppress(OSError):
            total += _number(process / "smaps_rollup", "Pss:") * 1024
    return total


def _processes(group: int) -> Iterator[tuple[Path, list[str]]]:
    for path in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                yield path.parent, fields


def _number(path: Path, label: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(label):
            return int(line.split()[1])
    return 0  # a process that has ended and is not reaped
