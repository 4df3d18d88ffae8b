"""One turn: four steps, and how long the first may sleep."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf

import pytest

from reactor import DeadlockError, Reactor
from reactor.poller import LONGEST
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import CountingClock, Script, nothing


@contextmanager
def scripted(script: Script, clock: CountingClock | None = None) -> Iterator[Reactor]:
    with Reactor(script, clock=clock or CountingClock(), debug=False) as reactor:
        yield reactor


# -- the four steps


def test_callbacks_run_in_the_order_in_which_they_were_asked_for(world: World) -> None:
    calls: list[int] = []
    for number in range(100):
        world.reactor.call_soon(calls.append, number)

    world.reactor.turn()

    assert calls == list(range(100))


def test_what_a_callback_makes_ready_waits_for_the_next_turn(world: World) -> None:
    calls: list[str] = []

    def first() -> None:
        calls.append("first")
        world.reactor.call_soon(calls.append, "second")

    world.reactor.call_soon(first)
    world.reactor.turn()
    assert calls == ["first"]

    world.reactor.turn()
    assert calls == ["first", "second"]


def test_a_descriptor_that_a_callback_makes_ready_waits_for_the_next_turn(
    world: World, pair: Pair
) -> None:
    near, far = pair
    calls: list[bytes] = []
    world.reactor.on_readable(near, lambda: calls.append(near.recv(9)))
    world.reactor.call_soon(far.send, b"x")

    world.reactor.turn()
    assert calls == []

    world.reactor.turn()
    assert calls == [b"x"]


def test_a_timer_that_a_callback_makes_due_waits_for_the_next_turn(world: World) -> None:
    calls: list[str] = []
    world.reactor.call_soon(world.reactor.call_later, 0.0, calls.append, "due")

    world.reactor.turn()
    assert calls == []

    world.reactor.turn()
    assert calls == ["due"]


@pytest.mark.in_order("what the steps of a turn queue, the fourth runs in that order")
def test_data_wins_a_tie_with_a_timer(world: World, pair: Pair) -> None:
    near, far = pair
    calls: list[str] = []
    world.reactor.call_at(0.0, calls.append, "timer")
    world.reactor.on_readable(near, calls.append, "data")
    far.send(b"x")

    world.reactor.turn()

    assert calls == ["data", "timer"]


@pytest.mark.in_order("what the steps of a turn queue, the fourth runs in that order")
def test_data_can_call_off_the_timer_that_it_ties_with(world: World, pair: Pair) -> None:
    near, far = pair
    calls: list[str] = []
    timeout = world.reactor.call_at(0.0, calls.append, "timeout")
    world.reactor.on_readable(near, timeout.cancel)
    far.send(b"x")

    world.reactor.turn()

    assert calls == []


@pytest.mark.in_order("what the steps of a turn queue, the fourth runs in that order")
def test_what_was_ready_before_comes_first_then_data_then_timers(world: World, pair: Pair) -> None:
    near, far = pair
    calls: list[str] = []
    world.reactor.call_at(0.0, calls.append, "timer")
    world.reactor.on_readable(near, calls.append, "data")
    world.reactor.call_soon(calls.append, "ready")
    far.send(b"x")

    world.reactor.turn()

    assert calls == ["ready", "data", "timer"]


def test_what_has_run_is_let_go_before_the_poller_sleeps() -> None:
    class Load:
        pass

    script, load = Script(), Load()
    alive = weakref.ref(load)
    seen: list[object] = []
    with scripted(script) as reactor:
        reactor.call_soon(id, load)
        del load
        reactor.turn()
        script.asleep = lambda: seen.append(alive())
        reactor.turn()

    assert seen == [None]


# -- how long the poller may sleep


def test_a_reactor_at_rest_sleeps_until_something_happens() -> None:
    script = Script()
    with scripted(script) as reactor:
        reactor.turn()
        reactor.turn()

    assert script.timeouts == [None, None]


def test_the_poller_does_not_sleep_while_something_is_ready() -> None:
    script = Script()
    with scripted(script) as reactor:
        reactor.call_later(5.0, nothing)
        reactor.call_soon(nothing)
        reactor.turn()

    assert script.timeouts == [0.0]


def test_the_poller_sleeps_as_long_as_the_nearest_deadline_allows() -> None:
    script = Script()
    with scripted(script, CountingClock(100.0)) as reactor:
        reactor.call_at(109.0, nothing)
        reactor.call_at(107.5, nothing)
        reactor.turn()

    assert script.timeouts == [7.5]


def test_a_deadline_that_has_passed_lets_nobody_sleep() -> None:
    script = Script()
    with scripted(script, CountingClock(100.0)) as reactor:
        reactor.call_at(99.0, nothing)
        reactor.turn()

    assert script.timeouts == [0.0]


def test_the_poller_sleeps_for_a_day_at_most() -> None:
    script = Script()
    with scripted(script) as reactor:
        reactor.call_at(1e9, nothing)
        reactor.turn()

    assert script.timeouts == [LONGEST]


def test_a_timer_that_is_further_off_than_a_day_runs_when_it_is_due(world: World) -> None:
    calls: list[float] = []
    world.reactor.call_at(10 * LONGEST, lambda: calls.append(world.reactor.now()))

    world.run_until(11 * LONGEST)

    assert calls == [10 * LONGEST]


def test_a_timer_that_is_never_due_lets_the_poller_sleep_for_ever(world: World) -> None:
    world.reactor.call_at(inf, pytest.fail, "infinity has come")

    with pytest.raises(DeadlockError):
        world.reactor.turn()


def test_a_timer_that_was_called_off_does_not_wake_the_poller() -> None:
    script = Script()
    with scripted(script) as reactor:
        timer = reactor.call_at(5.0, nothing)
        reactor.turn()
        timer.cancel()
        reactor.turn()

    assert script.timeouts == [5.0, None]


def test_one_that_was_called_off_before_the_turn_does_not_either() -> None:
    script = Script()
    with scripted(script) as reactor:
        reactor.call_at(5.0, nothing).cancel()
        reactor.turn()

    assert script.timeouts == [None]


# -- looks at the clock


def test_without_a_timer_nobody_looks_at_the_clock(pair: Pair) -> None:
    near, far = pair
    clock = CountingClock()
    with Reactor(clock=clock, debug=False) as reactor:
        reactor.on_readable(near, near.recv, 9)
        reactor.call_soon(nothing)
        far.send(b"x")
        reactor.turn()

    assert clock.reads == 0


def test_when_the_last_timer_has_run_nobody_looks_at_the_clock_any_more() -> None:
    clock = CountingClock()
    with scripted(Script(), clock) as reactor:
        reactor.call_at(0.0, nothing)
        reactor.turn()
        reads = clock.reads
        reactor.turn()

    assert clock.reads == reads


def test_now_reads_the_clock_each_time() -> None:
    clock = CountingClock(1.0)
    with scripted(Script(), clock) as reactor:
        assert reactor.now() == 1.0
        clock.now = 2.0
        assert reactor.now() == 2.0
