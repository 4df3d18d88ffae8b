"""Amounts: numbers that somebody types after an option.

Law of this file: what cannot be meant is refused, and what could be is said.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from threading import TIMEOUT_MAX


def seconds(word: str) -> float:
    """Return a span in seconds, more than 0."""
    try:
        number = float(word)
    except ValueError:
        number = 0.0
    if not 0.0 < number <= TIMEOUT_MAX:
        raise ArgumentTypeError(f"{word!r} is no span; give seconds, more than 0")
    return number


def times(word: str) -> int:
    """Return a count, 1 or more."""
    try:
        number = int(word)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"{word!r} is no count; give 1 or more")
    return number
