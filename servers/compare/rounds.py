"""The rounds: who is put through what, and in which order.

Law of this file: what is compared is measured in turn, one foundation right after the other and
every round anew, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from servers.catalog import MODELS, Model
from servers.compare.loads import Answers, Callers, SlowReader, churn
from servers.compare.subject import CompareError, Subject
from servers.compare.usage import Usage, can_be_had, memory

CALLERS: Final = 5
"""How many clients ask at a time."""

SEATS: Final = CALLERS + 1
"""How many workers are started, where they are started ahead: one more is there for the idler."""

CROWD: Final = 50
"""How many clients there are when the memory of one is measured, if there are seats for so many."""

PING_PONG_SECONDS: Final = 0.5
BESIDE_SECONDS: Final = 0.2
CHURN_SECONDS: Final = 0.4
MOST_CHURNED: Final = 2_000


@dataclass(slots=True)
class Load:
    """What came of a load, and what it cost in seconds of CPU.

    costs: CPU seconds of a request, of each round that had any.
    """

    answers: Answers = field(default_factory=Answers)
    cpu: float = 0.0
    costs: list[float] = field(default_factory=list)

    def add(self, answers: Answers, cpu: float) -> None:
        """Count another round."""
        self.answers.add(answers)
        self.cpu += cpu
        if len(answers):
            self.costs.append(cpu / len(answers))

    @property
    def cost(self) -> float | None:
        """CPU seconds of a request; None if there were none."""
        return self.cpu / len(self.answers) if len(self.answers) else None


@dataclass(slots=True)
class Result:
    """What was measured of a model on a foundation, in all rounds together.

    ping_pong: CALLERS clients, each asks again when it has its reply. beside_silent: the same,
    beside a client who says nothing; beside_slow: beside one who does not read. churn: clients who
    come, ask once and go. A server that sees one client at a time knows churn only. wakeups: of
    ping_pong. memories: bytes for each client more, of each round.
    """

    model: Model
    on: str
    ping_pong: Load = field(default_factory=Load)
    beside_silent: Answers = field(default_factory=Answers)
    beside_slow: Answers = field(default_factory=Answers)
    churn: Load = field(default_factory=Load)
    wakeups: int = 0
    memories: list[float] = field(default_factory=list)

    @property
    def memory(self) -> float | None:
        """Bytes for each client more, in the middle of the rounds; None if it was not measured."""
        return median(self.memories) if self.memories else None

    def __str__(self) -> str:
        return f"{self.model} on {self.on}"


def compare(
    models: Sequence[Model], rounds: int, progress: Callable[[str], object], *, earlier: int = 0
) -> list[Result]:
    """Measure models, each on every foundation in turn, so many rounds; progress is told who is on.

    earlier: how many rounds were measured before, so that who is first goes on changing.
    Raises CompareError if a server does not do what it owes, or this system cannot measure.
    """
    if not can_be_had():
        raise CompareError(
            "this system has no /proc/PID/smaps_rollup, by which servers are measured"
        )
    chosen = [model for model in MODELS if model in models]
    for model in chosen:
        if model.pinned_poller is not None and not hasattr(select, model.pinned_poller):
            raise CompareError(f"{model} needs {model.pinned_poller}, which this system lacks")
    results = [Result(model, on) for model in chosen for on in model.foundations()]
    total = rounds * len(results)
    for done in range(total):
        result = results[_turn(done, rounds, earlier)]
        progress(f"{done + 1}/{total} {result}")
        try:
            with Subject(result.model, result.on, SEATS) as subject:
                _measure(subject, result)
        except (CompareError, OSError) as error:
            raise CompareError(f"{result}: {error}") from error
    return results


def _turn(done: int, rounds: int, earlier: int) -> int:
    """Return whose turn it is: both foundations of a model take turns until its rounds are over."""
    model, step = divmod(done, 2 * rounds)
    return 2 * model + (step + step // 2 + earlier) % 2  # who was first is second in the next round


def _measure(subject: Subject, result: Result) -> None:
    if result.model.name != "simple":
        result.memories.append(_memory_of_a_client(subject, result.model))
        _measure_ping_pong(subject, result)
        with Callers(subject.address, 1):
            result.beside_silent.add(_beside(subject))
        with SlowReader(subject.address):
            result.beside_slow.add(_beside(subject))
    before = Usage.of(subject.group)
    answers = churn(subject.address, CHURN_SECONDS, MOST_CHURNED)
    result.churn.add(answers, Usage.of(subject.group).since(before).cpu)


def _measure_ping_pong(subject: Subject, result: Result) -> None:
    with Callers(subject.address, CALLERS) as callers:
        before = Usage.of(subject.group)
        answers = callers.ping_pong(PING_PONG_SECONDS)
        used = Usage.of(subject.group).since(before)
        result.ping_pong.add(answers, used.cpu)
        result.wakeups += used.wakeups


def _beside(subject: Subject) -> Answers:
    with Callers(subject.address, CALLERS) as callers:
        return callers.ping_pong(BESIDE_SECONDS)


def _memory_of_a_client(subject: Subject, model: Model) -> float:
    number = CROWD if "limit" in model.uses else SEATS
    with Callers(subject.address, 1):
        before = memory(subject.group)
        with Callers(subject.address, number - 1):
            return (memory(subject.group) - before) / (number - 1)
