"""Rounds: who is measured when.

Law of this file: everybody is measured in each round, in another order each time, so that neither
what the machine does meanwhile nor who came before favours anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

Costs: TypeAlias = dict[str, list[float]]
"""What it cost, by name: one figure of each round, the first round first."""

Tell: TypeAlias = Callable[[str], object]
"""What is called with a line about how far a measurement is."""


def in_turn(
    names: Sequence[str],
    rounds: int,
    measure: Callable[[str], float],
    tell: Tell = lambda line: None,
) -> Costs:
    """Call measure(name) for each name in so many rounds, and return what it returned.

    The orders are the same whenever this is called with as many names. tell hears of each round.
    """
    costs: Costs = {name: [] for name in names}
    shuffled = Random(len(names))
    for done in range(rounds):
        tell(f"round {done + 1} of {rounds}")
        for name in shuffled.sample(names, len(names)):
            try:
                costs[name].append(measure(name))
            except Exception as error:
                error.add_note(f"that was {name}, in round {done + 1}")
                raise
    return costs
