"""Rates: what happened between two looks at a reactor."""

from __future__ import annotations

from typing import NamedTuple

from .target import Answer


class Rates(NamedTuple):
    """Turns and events per second, and the share of the time in which the loop was at work."""

    turns: float
    events: float
    busy: float


def rates(before: Answer | None, after: Answer) -> Rates:
    """Return what happened from before to after; from the beginning, if there is nothing before."""
    earlier = {"turns": 0, "events": 0, "asleep": 0.0, "seconds": 0.0} if before is None else before
    seconds = max(after["seconds"] - earlier["seconds"], 1e-6)
    return Rates(
        (after["turns"] - earlier["turns"]) / seconds,
        (after["events"] - earlier["events"]) / seconds,
        1.0 - (after["asleep"] - earlier["asleep"]) / seconds,
    )
