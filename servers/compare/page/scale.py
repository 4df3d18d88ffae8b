"""Scales: where on an axis a value stands, and which values are written there.

Law of this file: on a scale of ratios equal distances are equal ratios, and what is too small for
it, a zero for one, stands at its edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

_MARGIN: Final = 1.15
"""By what factor a scale is longer than its values, at each end."""

_MANTISSAS: Final = (
    (1.0, 1.2, 1.5, 1.8, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0),
    (1.0, 1.5, 2.0, 3.0, 5.0, 7.0),
    (1.0, 2.0, 5.0),
    (1.0, 3.0),
    (1.0,),
)
"""Which steps of a decade are written: as many as there is room for."""

_ROOM: Final = 5


class Scale(Protocol):
    """An axis."""

    def place(self, value: float) -> float:
        """Return where it stands, from 0 to 1."""

    def ticks(self) -> list[float]:
        """Return the values that are written on it, in order."""


@dataclass(frozen=True, slots=True)
class Ratios:
    """A scale whose equal steps multiply, from low to high; both are above 0."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Sequence[float], floor: float) -> Self:
        """Return one that has room for values; those below floor stand at its edge."""
        seen = [max(value, floor) for value in values]
        return cls(max(min(seen) / _MARGIN, floor), max(seen) * _MARGIN)

    def place(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return math.log(inside / self.low) / math.log(self.high / self.low)

    def ticks(self) -> list[float]:
        found: list[float] = []
        for mantissas in _MANTISSAS:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = [mantissa * 10.0**decade for decade in decades for mantissa in mantissas]
            found = [step for step in steps if self.low <= step <= self.high]
            if len(found) <= _ROOM:
                break
        return found


@dataclass(frozen=True, slots=True)
class Steps:
    """A scale of equal steps, from 0 to high, which is above 0."""

    high: float

    @classmethod
    def over(cls, values: Sequence[float]) -> Self:
        """Return one that has room for values."""
        return cls(max([*values, 0.0]) * _MARGIN or 1.0)

    def place(self, value: float) -> float:
        return min(max(value, 0.0), self.high) / self.high

    def ticks(self) -> list[float]:
        rough = self.high / _ROOM
        decade = 10.0 ** math.floor(math.log10(rough))
        step = next(decade * each for each in (1.0, 2.0, 5.0, 10.0) if decade * each >= rough)
        return [step * number for number in range(math.floor(self.high / step) + 1)]


def shown(value: float) -> str:
    """Return a value as it is read, with three digits at least: 0.00712, 14.4, 2,217."""
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"


def written(value: float) -> str:
    """Return the value of a tick: 0.5, 20, 2,000, 10k."""
    return f"{value:,.6g}" if value < 10_000 else f"{value / 1000:,.6g}k"
