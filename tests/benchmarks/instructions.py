"""Instructions per request, by valgrind: a figure that a noisy machine cannot blur.

Law of this file: a server is run twice under `valgrind --tool=callgrind`, with few requests and
with many; the difference is what the requests cost, without the start. The ratio to a bare epoll
loop, in the same run, is what carries over to other machines.

    python -m tests.benchmarks instructions
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
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
    with ThreadPoolExecutor(2) as both:  # a count is the same whatever else runs
        for kind in kinds:
            tell(kind)
            few, many = both.map(partial(counted, kind, mode, size), (FEW, MANY))
            counts[kind] = [(many - few) / ((MANY - FEW) * CONNECTIONS)]
    return counts


def counted(kind: str, mode: str, size: int, turns: int) -> int:
    """Run a server, drive it for so many turns, stop it, and return its instructions."""
    with tempfile.TemporaryDirectory() as folder:
        before = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out")
        with Subject(kind, mode, before=before, environment=SAME_EACH_TIME) as subject:
            drive(subject, mode, size, turns)
            said = subject.terminate()
    found = re.search(r"Collected : (\d+)", said)
    if found is None:
        raise BenchmarkError(f"valgrind told no figure of {kind}: {said}")
    return int(found[1])


def drive(subject: Subject, mode: str, size: int, turns: int) -> None:
    """Have all connections ask once, wait for all replies, and so on, for so many turns.

    The server sleeps until all have asked, so that it finds the same in each run.
    """
    with Crowd(subject.port, CONNECTIONS, requests_of(size), REPLIES[mode]) as crowd:
        for _ in range(turns - 1):  # the first is when they come
            crowd.ask(0.0, CONNECTIONS, subject.paused)
