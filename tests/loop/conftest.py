"""What the tests of the loop stand on: a world, a real reactor, a connected pair."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import NoReturn

import pytest

from reactor import Reactor
from reactor.testing import World

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def world(seed: int | None) -> Iterator[World]:
    """A reactor on which nothing sleeps; what a callback lets out comes out of it."""
    with World(seed=seed) as made:
        yield made


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    """A real reactor that fails after half a minute; what a callback lets out comes out of it."""
    with Reactor(on_error=_raise, debug=False) as made:
        made.call_later(30.0, _too_late)
        yield made


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two stream sockets that talk to each other and never block; a test may close either."""
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        yield near, far


def _raise(what: object, error: Exception) -> NoReturn:
    raise error


def _too_late() -> NoReturn:
    raise TimeoutError("half a minute has passed, and what the test waits for has not come")
