"""What the tests of the tasks stand on: a world, a connected pair."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from reactor.testing import World
from tests.tasks.parts import Pair


@pytest.fixture
def world(seed: int | None) -> Iterator[World]:
    """A reactor on which nothing sleeps; what nobody can receive comes out of it."""
    with World(seed=seed) as made:
        yield made


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two stream sockets that talk to each other and never block; a test may close either."""
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        yield near, far
