"""What the tests of fairness stand on: a world in which it is counted what is done in each turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reactor.testing import World
from tests.fairness.stage import Deeds


@pytest.fixture
def deeds() -> Deeds:
    """What is done in each turn of the world."""
    return Deeds()


@pytest.fixture
def world(deeds: Deeds, seed: int | None) -> Iterator[World]:
    """A reactor on which nothing sleeps."""
    with World(tracer=deeds, seed=seed) as made:
        yield made
