"""What the tests of looking stand on: a world, and a network in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reactor.testing import Network, World


@pytest.fixture
def world(seed: int | None) -> Iterator[World]:
    """A reactor on which nothing sleeps; what nobody can receive comes out of it."""
    with World(seed=seed) as made:
        yield made


@pytest.fixture
def network(world: World) -> Network:
    """A network without latency."""
    return Network(world)
