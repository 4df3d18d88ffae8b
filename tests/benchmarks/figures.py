"""Figures: a ratio of what two cost, pair by pair, with its median and how sure that is.

Law of this file: only costs of the same round are compared, so that what else the machine did in
that round falls on both. The median of those ratios is told with an interval that needs no
assumption about how they scatter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median
from typing import Final

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Figure:
    """A median, and the interval that the true one is in with 95 %; of fewer than six values, less
    surely (see interval).
    """

    median: float
    low: float
    high: float


def figure(values: Sequence[float]) -> Figure:
    """Return the median of values with its interval. Raises ValueError for none."""
    low, high = interval(values)
    return Figure(median(values), low, high)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Figure:
    """Return how many times what one does for a cost is what the other does: theirs through ours.

    Above 1 ours is the cheaper one. Raises ValueError unless both have as many rounds.
    """
    if len(ours) != len(theirs):
        raise ValueError(
            f"{len(ours)} rounds cannot be paired with {len(theirs)}; measure both in each round"
        )
    return figure([other / own for own, other in zip(ours, theirs, strict=True)])


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the narrowest pair of values, as far from either end, that has the true median
    between them with a probability of CONFIDENCE.

    The outermost two if there are too few: of 5 values they reach 94 %. (The number of values
    below the true median is binomial with a half: the confidence interval of the sign test.)
    """
    if not values:
        raise ValueError("there is no median of nothing; measure one round at least")
    ordered = sorted(values)
    count = len(ordered)
    cut, outside = 0, 1  # how many are cut off at each end; of 2**count cases, those beyond one end
    while 2 * (cut + 1) < count and 2 * (outside + comb(count, cut + 1)) <= (
        (1 - CONFIDENCE) * 2**count
    ):
        cut += 1
        outside += comb(count, cut)
    return ordered[cut], ordered[-1 - cut]
