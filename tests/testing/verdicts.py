"""Verdicts: what a contract says of a part that breaks it."""

from __future__ import annotations

from collections.abc import Callable


def verdict(make: Callable[[], object], test: str) -> str:
    """Run one test of the contract that make() makes, and return what it fails with, if it does."""
    try:
        getattr(make(), f"test_{test}")()
    except Exception as error:
        return str(error) or repr(error)
    return ""
