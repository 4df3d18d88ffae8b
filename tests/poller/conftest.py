"""What the tests of the pollers stand on: a poller, a connected pair, room for many descriptors."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator

import pytest

from reactor.poller import Poller
from tests.pollers import MakePoller, Pair


@pytest.fixture
def poller(make_poller: MakePoller) -> Iterator[Poller]:
    """A new poller of the kind that `each_poller` asks for, closed afterwards."""
    with make_poller() as made:
        yield made


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two stream sockets that talk to each other and never block; a test may close either."""
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        yield near, far


@pytest.fixture
def high_numbers() -> Iterator[None]:
    """Room for descriptors above 1,023, which not every system gives unasked."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < 2048:
        resource.setrlimit(resource.RLIMIT_NOFILE, (2048, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
