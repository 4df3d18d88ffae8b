"""What the tests of this floor stand on: a world in which nothing sleeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reactor.testing import World


@pytest.fixture
def world(seed: int | None) -> Iterator[World]:
    """A reactor on which nothing sleeps; what nobody can receive comes out of it."""
    with World(seed=seed) as made:
        yield made
