"""What the tests of sockets stand on: worlds, connected pairs, a look at what was left open."""

from __future__ import annotations

import gc
import os
import resource
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reactor import Reactor, Tracer
from reactor.testing import World
from tests.net.peers import Pair, make_small, tcp_pair
from tests.net.played_door import House
from tests.pollers import MakePoller


@pytest.fixture(autouse=True)
def nothing_is_left_open() -> Iterator[None]:
    """Every test gives back each descriptor that it opened."""
    before = _open_descriptors()
    yield
    if _open_descriptors() != before:
        gc.collect()  # an error that a test has caught may keep what it was raised in
    assert _open_descriptors() == before


def _open_descriptors() -> set[str]:
    return set(os.listdir("/dev/fd")) if Path("/dev/fd").exists() else set()


class Turns(Tracer):
    """Counts the turns of the loop."""

    def __init__(self) -> None:
        self.count = 0

    def turn(self, patience: float | None) -> None:
        self.count += 1


@pytest.fixture
def turns() -> Turns:
    """The turns that the world has taken."""
    return Turns()


@pytest.fixture
def errors() -> list[Exception]:
    """What the world's callbacks have let out."""
    return []


@pytest.fixture
def world(turns: Turns, seed: int | None) -> Iterator[World]:
    """A reactor with a clock of its own; what its callbacks let out leaves run."""
    with World(tracer=turns, seed=seed) as made:
        yield made


@pytest.fixture
def lenient(turns: Turns, errors: list[Exception], seed: int | None) -> Iterator[World]:
    """A world that notes what its callbacks let out, in errors, and goes on."""
    with World(tracer=turns, on_error=lambda what, error: errors.append(error), seed=seed) as made:
        yield made


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Ours, and the peer's: what one sends, the other has at once. The peer's does not block."""
    near, far = socket.socketpair()
    with near, far:
        far.setblocking(False)
        yield near, far


@pytest.fixture
def small() -> Iterator[Pair]:
    """As pair, with buffers of a few KiB."""
    near, far = socket.socketpair()
    with near, far:
        make_small(near, far)
        far.setblocking(False)
        yield near, far


@pytest.fixture
def tcp() -> Iterator[Pair]:
    """Ours, and the peer's, over TCP. The peer's blocks; a test may close it."""
    near, far = tcp_pair()
    with near, far:
        yield near, far


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """A listening Unix socket: who connects to it is there at once."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as sock:
        sock.bind(f"{folder}/door")
        sock.listen(512)
        yield sock


@pytest.fixture
def real(turns: Turns) -> Iterator[Reactor]:
    """A reactor in real time, for TCP: even over loopback, what is sent arrives a little later."""
    with Reactor(tracer=turns, on_error=_raise) as reactor:
        yield reactor


def _raise(what: object, error: Exception) -> None:
    raise error


OpenHouse = Callable[[socket.socket], House]


@pytest.fixture(params=["tasks", "callbacks"])
def open_house(request: pytest.FixtureRequest, world: World) -> Iterator[OpenHouse]:
    """Makes a house with a listener of either kind, which is closed afterwards."""
    houses: list[House] = []

    def make(door: socket.socket) -> House:
        houses.append(House(world, door, callbacks=request.param == "callbacks"))
        return houses[-1]

    yield make
    for house in houses:
        house.listener.close()


@pytest.fixture
def everywhere(make_poller: MakePoller, turns: Turns, seed: int | None) -> Iterator[World]:
    """A world over the poller that `each_poller` asks for."""
    with World(make_poller(), tracer=turns, seed=seed) as made:
        yield made


@pytest.fixture
def real_everywhere(make_poller: MakePoller) -> Iterator[Reactor]:
    """A reactor in real time over the poller that `each_poller` asks for."""
    with Reactor(make_poller()) as made:
        yield made


@pytest.fixture
def high_numbers() -> Iterator[None]:
    """Room for descriptors above 1,023, which not every system gives unasked."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < 2048:
        resource.setrlimit(resource.RLIMIT_NOFILE, (2048, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
