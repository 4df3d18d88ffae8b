"""Capacity: how many there may be."""

from __future__ import annotations

from math import inf


def capacity(most: float, what: str) -> float:
    """Return most if there can be so many; else raise ValueError, which begins with what."""
    if most == inf or (most >= 0 and most % 1 == 0):
        return most
    raise ValueError(f"{what} a whole number, 0 or more, or infinity, not {most!r}")
