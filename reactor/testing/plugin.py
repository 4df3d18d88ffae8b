"""Plugin: pytest runs a marked test as the main task of a World, or of a real reactor.

Law of this file: nothing happens to a test that is not marked. This is the one module that imports
pytest, and nothing imports it but pytest itself, by its entry point or by `-p
reactor.testing.plugin`.
"""

from __future__ import annotations

import functools
import inspect
import socket
from collections.abc import Callable, Generator, Iterator
from typing import Any, Final

import pytest

from reactor.loop import Reactor
from reactor.tasks import run_in
from reactor.watch import explain

from .network import Network
from .world import World

_MARKER: Final = (
    "reactor(seconds=None, seed=None, seeds=None): runs an async def or a marked generator as the "
    "main task of a World; with seed, in the order that it decides; with seeds, once for each of "
    "range(seeds); with seconds, on a real reactor, which ends it after so many"
)


class Wishes:
    """What a marker asks for; what nobody can have fails the test, or its collection."""

    def __init__(self, marker: pytest.Mark) -> None:
        wishes = dict(marker.kwargs)
        self.seconds: float | None = wishes.pop("seconds", None)
        self.seed: int | None = wishes.pop("seed", None)
        self.seeds: int | None = wishes.pop("seeds", None)
        given = [wish for wish in (self.seconds, self.seed, self.seeds) if wish is not None]
        if marker.args or wishes or len(given) > 1:
            pytest.fail(
                "the marker `reactor` takes seconds=, seed= or seeds=, one of them; "
                f"not {marker.args or marker.kwargs}",
                pytrace=False,
            )


# -- the marker


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each seed."""
    wishes = _wishes_of(metafunc.definition)
    if wishes is not None and wishes.seeds is not None:
        metafunc.fixturenames.append("reactor_seed")
        metafunc.parametrize("reactor_seed", range(wishes.seeds), ids="seed{}".format)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Function] | None:
    """Collect generator functions that are marked, which pytest itself refuses."""
    if not (_is_marked_generator(obj) and collector.istestfunction(obj, name)):
        return None
    marks = [*collector.iter_markers("reactor"), *getattr(obj, "pytestmark", ())]
    if all(mark.name != "reactor" for mark in marks):
        return None
    return list(collector._genfunctions(name, obj))  # noqa: SLF001 - there is no public way


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Have a marked test run by a reactor; leave any other to pytest."""
    wishes = _wishes_of(pyfuncitem)
    if wishes is None:
        return (yield)
    test: Any = pyfuncitem.obj
    params = pyfuncitem.callspec.params if hasattr(pyfuncitem, "callspec") else {}
    seed: Any = params.get("reactor_seed", wishes.seed)
    given = [what for what in pyfuncitem.funcargs.values() if isinstance(what, World | Reactor)]

    def run(**arguments: object) -> None:
        main = functools.partial(test, **arguments)
        if given:
            _run_on(given[0], main, wishes.seconds)
        elif wishes.seconds is not None:
            with Reactor(on_error=_raise) as reactor:
                _run_on(reactor, main, wishes.seconds)
        else:
            with World(seed=seed) as world:
                _run_on(world, main, None)

    pyfuncitem.obj = run
    try:
        return (yield)
    finally:
        pyfuncitem.obj = test


def _run_on(where: World | Reactor, main: Callable[[], Any], seconds: float | None) -> None:
    reactor = where.reactor if isinstance(where, World) else where
    limit = None if seconds is None else reactor.call_later(seconds, _give_up, reactor, seconds)
    try:
        run_in(reactor, main)
    finally:
        if limit is not None:
            limit.cancel()


def _give_up(reactor: Reactor, seconds: float) -> None:
    pytest.fail(f"not done within {seconds:g} seconds:\n{explain(reactor)}", pytrace=False)


def _wishes_of(node: pytest.Item) -> Wishes | None:
    marker = node.get_closest_marker("reactor")
    return None if marker is None else Wishes(marker)


def _is_marked_generator(obj: object) -> bool:
    """Tell whether obj is a generator function that @coroutine has marked."""
    flags: int = getattr(getattr(obj, "__code__", None), "co_flags", 0)
    return inspect.isgeneratorfunction(obj) and bool(flags & inspect.CO_ITERABLE_COROUTINE)


def _raise(what: object, error: Exception) -> None:
    raise error


# -- fixtures: a marked test that asks for a world or a reactor, of these or of its own, runs there


@pytest.fixture
def reactor_seed(request: pytest.FixtureRequest) -> int | None:
    """The seed that the marker asks for."""
    wishes = _wishes_of(request.node)
    return None if wishes is None else wishes.seed


@pytest.fixture
def reactor_world(reactor_seed: int | None) -> Iterator[World]:
    """A World, with the seed that the marker asks for."""
    with World(seed=reactor_seed) as world:
        yield world


@pytest.fixture
def reactor_network(reactor_world: World) -> Network:
    """A Network in reactor_world, without latency."""
    return Network(reactor_world)


@pytest.fixture
def reactor_loop() -> Iterator[Reactor]:
    """A real reactor; what a callback lets out leaves it."""
    with Reactor(on_error=_raise) as reactor:
        yield reactor


@pytest.fixture
def reactor_free_port() -> int:
    """The number of a TCP port on 127.0.0.1 on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
    return port
