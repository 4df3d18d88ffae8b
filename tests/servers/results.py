"""Results that nobody measured, for those who show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from servers.catalog import MODELS, Model
from servers.compare import Circumstances, Result
from servers.compare.loads import Answers
from servers.compare.rounds import Load

CIRCUMSTANCES: Final = Circumstances(
    python="CPython 3.11.9",
    system="Linux 6.1 <&> \"quoted\" 'too', x86_64",
    processors=2,
    poller="epoll",
    rounds=2,
    began=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
    seconds=61.4,
)


def results(*models: Model) -> list[Result]:
    """Results of two rounds, of all models unless some are given; no number is there twice."""
    chosen = models or MODELS
    return [result(model, on) for model in chosen for on in ("reactor", "asyncio")]


def result(model: Model, on: str) -> Result:
    """A result as it would be measured: model 1 sees one client at a time."""
    scale = model.number * (1.0 if on == "reactor" else 1.7)
    made = Result(model, on, churn=load(scale * 10))
    if model.name != "simple":
        made.ping_pong = load(scale)
        made.beside_silent = answers(scale * 1.1)
        made.beside_slow = answers(scale * 1.2)
        made.wakeups = model.number * 13
        made.memories = [scale * 1000.0, scale * 1200.0, scale * 1300.0]
    return made


def load(scale: float) -> Load:
    """What came of two rounds, of which the second cost three times the first."""
    made = Load()
    for cpu in (0.001, 0.003):
        made.add(answers(scale), cpu * scale)
    return made


def answers(scale: float) -> Answers:
    """A hundred, from scale to a hundred times as many tenths of a millisecond."""
    return Answers([scale * number / 10_000 for number in range(1, 101)])
