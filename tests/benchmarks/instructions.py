"""Instructions per request, by valgrind: a figure that a noisy machine cannot blur.

Law of this file: a server runs under `valgrind --tool=callgrind` and is counted from when it has
answered a few requests: what many more cost, without the start and what Python adapts to at first.
The ratio to a bare epoll loop, in the same run, is what carries over to other machines.

    python -m tests.benchmarks instructions
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from typing import Final

from tests.benchmarks.echo import REPLIES
from tests.benchmarks.loads import Crowd, requests_of
from tests.benchmarks.rounds import Costs, Tell
from tests.benchmarks.subject import SAME_EACH_TIME, BenchmarkError, Subject

CONNECTIONS: Final = 10
FEW: Final = 20
MANY: Final = 120
"""Turns: in each, every connection asks once and is answered."""


def lacking() -> str | None:
    """Return why nothing can be counted here; None if it can."""
    return None if shutil.which("valgrind") else "there is no valgrind on PATH"


def instructions(mode: str, size: int, kinds: Sequence[str], tell: Tell) -> Costs:
    """Count the instructions of a request of size bytes, for each kind of server."""
    counts: Costs = {}
    for kind in kinds:
        tell(kind)
        counts[kind] = [counted(kind, mode, size) / ((MANY - FEW) * CONNECTIONS)]
    return counts


def counted(kind: str, mode: str, size: int) -> int:
    """Run a server, drive it for FEW turns, count its instructions until MANY, and return those."""
    with tempfile.TemporaryDirectory() as folder:
        before = ["valgrind", "--tool=callgrind", "--instr-atstart=no"]
        before += [f"--callgrind-out-file={folder}/out"]
        with Subject(kind, mode, before=before, environment=SAME_EACH_TIME) as subject:
            drive(subject, mode, size, MANY, after_few=lambda: _begin_to_count(subject))
            said = subject.terminate()
    found = re.search(r"Collected : (\d+)", said)
    if found is None:
        raise BenchmarkError(f"valgrind told no figure of {kind}: {said}")
    return int(found[1])


def drive(
    subject: Subject,
    mode: str,
    size: int,
    turns: int,
    after_few: Callable[[], object] = lambda: None,
) -> None:
    """Have all connections ask once, wait for all replies, and so on, for so many turns.

    The server sleeps until all have asked, so that it finds the same in each run. after_few is
    called when there were FEW turns, while the server waits.
    """
    with Crowd(subject.port, CONNECTIONS, requests_of(size), REPLIES[mode]) as crowd:
        for turn in range(1, turns):  # the first is when they come
            if turn == FEW:
                after_few()
            crowd.ask(0.0, CONNECTIONS, subject.paused)


def _begin_to_count(subject: Subject) -> None:
    command = ["vgdb", f"--pid={subject.pid}", "instrumentation", "on"]  # comes with valgrind
    told = subprocess.run(command, capture_output=True, check=False, text=True)
    if told.returncode:
        raise BenchmarkError(f"valgrind does not begin to count {subject.kind}: {told.stderr}")
