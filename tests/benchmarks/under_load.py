"""Axes that servers are measured on: CPU seconds of a request, bytes of an idle connection.

Law of this file: all servers of an axis are up at once, each does nothing but serve, and what is
read is only what it used while the load was on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.cpu import kept_apart
from tests.benchmarks.echo import REPLIES
from tests.benchmarks.kinds import KINDS
from tests.benchmarks.loads import Crowd, churn, requests_of
from tests.benchmarks.rounds import Costs, Tell, in_turn
from tests.benchmarks.subject import BenchmarkError, Subject

SECONDS: Final = 0.2
WARM_UP: Final = 0.02

CROWD: Final = 5_000
"""Connections whose memory is looked at, besides FIRST, which have the server's tables grow."""

FIRST: Final = 100


@dataclass(frozen=True, slots=True)
class Load:
    """A load: requests of size bytes on so many connections, of which askers are busy (None: all).

    churn: each connection is for one request.
    """

    mode: str
    size: int
    connections: int = 10
    askers: int | None = None
    churn: bool = False

    def cost(self, subject: Subject) -> float:
        """Put subject through it, and return its CPU seconds of a request."""
        language = KINDS[subject.kind].language
        requests = requests_of(self.size, language)
        if self.churn:
            churn(subject.port, WARM_UP, self.connections, requests[0])
            before = subject.cpu()
            replies = churn(subject.port, SECONDS, self.connections, requests[0])
            return (subject.cpu() - before) / replies
        askers = self.connections if self.askers is None else self.askers
        reply = REPLIES[self.mode]
        with Crowd(subject.port, self.connections, requests, reply, language) as crowd:
            crowd.ask(WARM_UP, askers)
            before = subject.cpu()
            replies = crowd.ask(SECONDS, askers)
            return (subject.cpu() - before) / replies


def under_load(load: Load, kinds: Sequence[str], rounds: int, tell: Tell) -> Costs:
    """Measure what a request of load costs each kind of server."""
    with servers(kinds, load.mode) as subjects:
        return in_turn(kinds, rounds, lambda kind: load.cost(subjects[kind]), tell)


def memory(kinds: Sequence[str], rounds: int, tell: Tell) -> Costs:
    """Measure the bytes that an idle connection costs each kind of server, anew in each round."""
    return in_turn(kinds, rounds, memory_of_a_connection, tell)


def memory_of_a_connection(kind: str) -> float:
    """Return the bytes that CROWD connections, each answered once, add to a server, for each."""
    requests = requests_of(1)  # a server that keeps the last one keeps nothing that counts
    with Subject(kind, "echo") as subject, Crowd(subject.port, FIRST, requests, b""):
        before = _bytes_of(subject.pid)
        with Crowd(subject.port, CROWD, requests, b""):
            return (_bytes_of(subject.pid) - before) / CROWD


def _bytes_of(pid: int) -> int:
    """Return the proportional set size of a process (man 5 proc): no page counts twice."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise BenchmarkError(f"the system does not tell the memory of process {pid}")


@contextmanager
def servers(kinds: Sequence[str], mode: str) -> Iterator[dict[str, Subject]]:
    """Have a server of each kind up, all on a processor that this process keeps off."""
    with ExitStack() as stack:
        place = stack.enter_context(kept_apart())
        subjects = {}
        for kind in kinds:  # all begin, and then each is waited for
            subjects[kind] = Subject(kind, mode, place=place)
            stack.callback(subjects[kind].stop)
        yield {kind: stack.enter_context(subjects[kind]) for kind in kinds}
