"""Tracers: what they are told, in which order, and that they harm nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from reactor import Handle, Runnable, Tracer
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Heard, fail_with, nothing


class Notes(Tracer):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def turn(self, patience: float | None) -> None:
        self.told.append(("turn", patience))

    def wake(self, what: Runnable) -> None:
        self.told.append(("wake", what))

    def run(self, what: Runnable) -> None:
        self.told.append(("run", what))

    def park(self, what: Runnable, door: object) -> None:
        self.told.append(("park", what, door))

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        self.told.append(("finish", what, error))


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def traced(notes: Notes, seed: int | None) -> Iterator[World]:
    with World(tracer=notes, seed=seed) as world:
        yield world


def test_a_tracer_is_told_how_long_a_turn_may_sleep(traced: World, notes: Notes) -> None:
    traced.reactor.call_at(7.5, nothing)
    traced.reactor.turn()
    timer = traced.reactor.call_at(9.0, nothing)
    traced.reactor.call_soon(nothing)
    traced.reactor.turn()
    timer.cancel()
    with contextlib.suppress(Exception):
        traced.reactor.turn()  # finds nothing that could happen

    turns = [patience for kind, patience, *_ in notes.told if kind == "turn"]
    assert turns == [7.5, 0.0, None]


def test_a_tracer_is_told_of_wakes_and_then_of_runs_in_their_order(
    traced: World, notes: Notes, pair: Pair
) -> None:
    near, far = pair
    soon = traced.reactor.call_soon(nothing)
    timers = [traced.reactor.call_at(0.0, nothing) for _ in range(2)]
    readable = traced.reactor.on_readable(near, nothing)
    writable = traced.reactor.on_writable(near, nothing)
    far.send(b"x")

    traced.reactor.turn()

    assert notes.told == [
        ("turn", 0.0),
        ("wake", readable),
        ("wake", writable),
        ("wake", timers[0]),
        ("wake", timers[1]),
        ("run", soon),
        ("run", readable),
        ("run", writable),
        ("run", timers[0]),
        ("run", timers[1]),
    ]


def test_a_tracer_hears_before_what_it_is_told_of_is_done(traced: World, notes: Notes) -> None:
    heard: list[int] = []
    traced.reactor.call_soon(lambda: heard.append(len(notes.told)))

    traced.reactor.turn()

    assert heard == [2]


def test_what_tasks_tell_is_passed_on(traced: World, notes: Notes) -> None:
    tracer = traced.reactor.tracer
    assert tracer is not None
    task, error = Runnable(), ValueError("cannot")

    tracer.park(task, "a door")
    tracer.wake(task)
    tracer.finish(task, error)

    assert notes.told == [("park", task, "a door"), ("wake", task), ("finish", task, error)]


def test_a_tracer_and_debug_go_together(notes: Notes, seed: int | None) -> None:
    with World(tracer=notes, debug=True, seed=seed) as world:
        handle = world.reactor.call_soon(nothing)
        world.reactor.turn()

    assert notes.told == [("turn", 0.0), ("run", handle)]
    assert handle.origin is not None


def test_without_a_tracer_there_is_nobody_to_tell(world: World) -> None:
    assert world.reactor.tracer is None


def test_a_tracer_needs_only_the_hooks_that_it_wants(pair: Pair, seed: int | None) -> None:
    class RunsOnly(Tracer):
        def __init__(self) -> None:
            self.ran: list[Runnable] = []

        def run(self, what: Runnable) -> None:
            self.ran.append(what)

    near, far = pair
    tracer, heard = RunsOnly(), Heard()
    with World(tracer=tracer, on_error=heard, seed=seed) as world:
        watch = world.reactor.on_readable(near, nothing)
        far.send(b"x")
        world.reactor.turn()
        assert world.reactor.tracer is not None
        world.reactor.tracer.park(watch, "a door")
        world.reactor.tracer.finish(watch, None)

    assert tracer.ran == [watch]
    assert heard.errors == []


# -- one that fails


class Failing(Notes):
    """Fails in the hook of that name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        setattr(self, name, self._fail)

    def _fail(self, *args: object) -> None:
        self.told.append(("failed",))
        raise ValueError("the tracer cannot")


@pytest.mark.parametrize("name", ["turn", "wake", "run", "park", "finish"])
def test_a_tracer_that_fails_is_reported_once_and_told_nothing_more(
    pair: Pair, name: str, seed: int | None
) -> None:
    near, far = pair
    tracer, heard = Failing(name), Heard()
    calls: list[str] = []

    def tell_of_a_task() -> None:
        assert world.reactor.tracer is not None
        world.reactor.tracer.park(Runnable(), "a door")
        world.reactor.tracer.finish(Runnable(), None)
        calls.append("told")

    with World(tracer=tracer, on_error=heard, seed=seed) as world:
        world.reactor.call_soon(tell_of_a_task)
        world.reactor.on_readable(near, calls.append, "data")
        world.reactor.call_at(0.0, calls.append, "timer")
        far.send(b"x")
        for _ in range(3):
            world.reactor.turn()

    assert calls == ["told", "data", "timer", "data", "data"]
    assert [str(error) for error in heard.errors] == ["the tracer cannot"]
    assert heard.names == [repr(tracer)]
    assert tracer.told[-1] == ("failed",)


def test_the_failure_of_a_callback_is_not_the_tracers(notes: Notes, seed: int | None) -> None:
    heard = Heard()
    with World(tracer=notes, on_error=heard, seed=seed) as world:
        handle = world.reactor.call_soon(fail_with, ValueError("cannot"))
        world.reactor.turn()
        later = world.reactor.call_soon(nothing)
        world.reactor.turn()

    assert isinstance(handle, Handle)
    assert [str(error) for error in heard.errors] == ["cannot"]
    assert notes.told[-1] == ("run", later)
