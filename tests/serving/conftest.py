"""What the tests of a server stand on: a world, a door to knock at."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from reactor.net import Connection
from reactor.testing import World
from tests.net.conftest import door, nothing_is_left_open

__all__ = ["door", "nothing_is_left_open"]  # here too, every test gives back what it opened

Knock = Callable[[], Connection]


@pytest.fixture
def world(seed: int | None) -> Iterator[World]:
    """A reactor with a clock of its own."""
    with World(seed=seed) as made:
        yield made


@pytest.fixture
def knock(world: World, door: socket.socket) -> Knock:
    """Makes the connection of one more client of door."""
    address = door.getsockname()

    def make() -> Connection:
        with socket.socket(socket.AF_UNIX) as sock:  # it is empty when it was taken over
            sock.connect(address)
            return Connection(world.reactor, sock)

    return make
