"""The nine models of servers/, each on the reactor and on asyncio, as an axis: CPU of a request.

The loads are those of `python3 -m servers compare`, so the figures are too: five clients who ask
again as soon as they have their reply, and clients who come, ask once and go. Who of a pair is
measured first changes with each round.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from servers.catalog import MODELS
from servers.compare import compare
from tests.benchmarks.rounds import Costs, Tell

LOADS: Final = ("asks", "churn")


def name_of(model: object, on: str, load: str) -> str:
    """Return the name under which costs are kept."""
    return f"{model} on {on}, {load}"


def pairs() -> Iterator[tuple[str, str]]:
    """Yield the names of ours and of its twin on asyncio, of all that can be compared."""
    for model in MODELS:
        for load in LOADS:
            if (model.name, load) != ("simple", "asks"):  # it sees one client at a time
                yield name_of(model, "reactor", load), name_of(model, "asyncio", load)


def nine(rounds: int, tell: Tell) -> Costs:
    """Measure what a request costs each server, anew in each round."""
    costs: Costs = {name: [] for pair in pairs() for name in pair}
    for done in range(rounds):
        tell(f"round {done + 1} of {rounds}")
        for result in compare(MODELS, 1, lambda line: None, earlier=done):
            found = {"asks": result.ping_pong.cost, "churn": result.churn.cost}
            for load, cost in found.items():
                if cost is not None:
                    costs[name_of(result.model, result.on, load)].append(cost)
    return costs
