"""System calls per request, by strace, and which ones they are.

Law of this file: a server is run twice, with few requests and with many; the difference is what
the requests cost, without the start.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.instructions import CONNECTIONS, FEW, MANY, drive
from tests.benchmarks.rounds import Costs, Tell
from tests.benchmarks.subject import Subject


def lacking() -> str | None:
    """Return why nothing can be counted here; None if it can."""
    return None if shutil.which("strace") else "there is no strace on PATH"


def system_calls(mode: str, size: int, kinds: Sequence[str], tell: Tell) -> Costs:
    """Count the system calls of a request of size bytes, for each kind of server; tell is told
    which.
    """
    counts: Costs = {}
    for kind in kinds:
        few, many = (counted(kind, mode, size, turns) for turns in (FEW, MANY))
        requests = (MANY - FEW) * CONNECTIONS
        each = {call: (many[call] - few[call]) / requests for call in many}
        counts[kind] = [sum(each.values())]
        which = sorted((call for call in each if each[call] > 0.01), key=each.__getitem__)
        tell(f"{kind}: " + ", ".join(f"{call} {each[call]:.2f}" for call in reversed(which)))
    return counts


def counted(kind: str, mode: str, size: int, turns: int) -> Counter[str]:
    """Run a server, drive it for so many turns, stop it, and return how often it called what."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "calls"
        with Subject(kind, mode, before=("strace", "-c", "-f", "-o", str(output))) as subject:
            drive(subject, mode, size, turns)
            os.kill(_child(subject.pid), signal.SIGTERM)
            subject.wait()
        return parsed(output.read_text())


def parsed(table: str) -> Counter[str]:
    """Return the calls by name from what `strace -c` writes: time, seconds, each, calls, errors."""
    calls: Counter[str] = Counter()
    for line in table.splitlines():
        fields = line.split()
        if len(fields) >= 5 and fields[3].isdigit() and fields[-1] != "total":
            calls[fields[-1]] += int(fields[3])
    return calls


def _child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return int(children.split()[0])
