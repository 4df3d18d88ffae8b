"""Figures: numbers that a person gives on the command line.

Law of this file: one that cannot be is refused, and the text says which could.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from threading import TIMEOUT_MAX


def seconds(word: str) -> float:
    """Return a span to wait for: 0, or more."""
    try:
        number = float(word)
    except ValueError:
        number = -1.0
    if not 0 <= number <= TIMEOUT_MAX:
        raise ArgumentTypeError(f"{word!r} is no number of seconds; give one such as 0.5")
    return number


def some_seconds(word: str) -> float:
    """Return a span to wait for that is not 0."""
    if not (number := seconds(word)):
        raise ArgumentTypeError(f"{word!r} would never rest; give some seconds, such as 0.5")
    return number


def times(word: str) -> int:
    """Return how often: once, or more."""
    try:
        number = int(word)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"{word!r} is no number of times; give 1 or more")
    return number
