"""What the tests of looking stand on: a world, and a network in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reactor import Reactor
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


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of this user's session, where this test's sockets are. Its path is short, as a
    socket's has to be (man 7 unix).
    """
    with tempfile.TemporaryDirectory(prefix="look", dir="/tmp") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


@pytest.fixture
def inspected(home: Path) -> Iterator[Reactor]:
    """A reactor that can be looked into; it does not run."""
    with Reactor(inspect=True) as made:
        yield made
