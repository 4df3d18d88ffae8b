"""Timers: what is due, in which order, and how they are called off."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable
from math import inf, nan
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reactor import Timer
from reactor.loop.timers import Timers
from reactor.testing import World
from tests.loop.parts import nothing


def test_timers_run_in_the_order_in_which_they_are_due(world: World) -> None:
    calls: list[float] = []
    for when in (3.0, 1.0, 2.0):
        world.reactor.call_at(when, calls.append, when)

    world.run_until(3.0)

    assert calls == [1.0, 2.0, 3.0]


def test_timers_that_come_due_while_a_callback_holds_the_loop_run_in_that_order(
    world: World,
) -> None:
    calls: list[float] = []

    def hold_the_loop() -> None:
        for when in (3.0, 1.0, 2.0):
            world.reactor.call_at(when, calls.append, when)
        world.reactor.call_soon(nothing)  # the next turn does not sleep until the first is due
        world.clock.advance(5.0)

    world.reactor.call_soon(hold_the_loop)
    world.run_until(6.0)

    assert calls == [1.0, 2.0, 3.0]


def test_timers_due_at_the_same_moment_run_in_the_order_in_which_they_were_made(
    world: World,
) -> None:
    calls: list[int] = []
    for number in range(50):
        world.reactor.call_at(1.0, calls.append, number)

    world.run_until(1.0)

    assert calls == list(range(50))


def test_that_order_holds_for_timers_made_in_different_turns(world: World) -> None:
    calls: list[int] = []
    for number in range(10):
        world.reactor.call_at(100.0, calls.append, number)
        world.run_until(number)

    world.run_until(100.0)

    assert calls == list(range(10))


def test_call_later_counts_from_now_and_not_before(world: World) -> None:
    calls: list[str] = []
    world.run_until(5.0)
    world.reactor.call_later(1.5, calls.append, "due")

    world.run_until(6.25)
    assert calls == []

    world.run_until(6.5)
    assert calls == ["due"]


def test_a_timer_knows_its_moment(world: World) -> None:
    world.run_until(5.0)

    assert world.reactor.call_later(1.5, nothing).when == 6.5


@pytest.mark.parametrize("when", [-1.0, -inf])
def test_a_timer_set_to_the_past_runs_in_the_next_turn(world: World, when: float) -> None:
    calls: list[str] = []
    world.reactor.call_at(when, calls.append, "at once")

    world.reactor.turn()

    assert calls == ["at once"]


@pytest.mark.parametrize("name", ["call_at", "call_later"])
def test_a_moment_that_is_no_number_is_refused_by_name(world: World, name: str) -> None:
    set_timer: Callable[..., Timer] = getattr(world.reactor, name)

    with pytest.raises(ValueError, match=r"^the moment to call .*nothing.* at is NaN; give"):
        set_timer(nan, nothing)


def test_a_timer_runs_once(world: World) -> None:
    calls: list[str] = []
    world.reactor.call_at(1.0, calls.append, "once")

    world.run_until(10.0)

    assert calls == ["once"]


# -- calling off


def test_a_timer_called_off_at_once_does_not_run(world: World) -> None:
    timer = world.reactor.call_at(1.0, pytest.fail, "it ran")

    assert timer.cancel() is True
    world.run_until(2.0)


def test_a_timer_called_off_in_a_later_turn_does_not_run(world: World) -> None:
    timer = world.reactor.call_at(2.0, pytest.fail, "it ran")
    world.run_until(1.0)

    assert timer.cancel() is True
    world.run_until(3.0)


def test_calling_off_a_second_time_is_too_late(world: World) -> None:
    timer = world.reactor.call_at(1.0, nothing)
    timer.cancel()

    assert timer.cancel() is False


def test_calling_off_after_it_ran_is_too_late(world: World) -> None:
    timer = world.reactor.call_at(1.0, nothing)
    world.run_until(1.0)

    assert timer.cancel() is False


def test_a_timer_can_be_called_off_by_another_due_at_the_same_moment(world: World) -> None:
    calls: list[str] = []
    victims: list[Timer] = []
    world.reactor.call_at(1.0, lambda: [victim.cancel() for victim in victims])
    victims.append(world.reactor.call_at(1.0, calls.append, "victim"))

    world.run_until(1.0)

    assert calls == []


def test_those_called_off_do_not_hold_up_what_is_due_behind_them(world: World) -> None:
    calls: list[str] = []
    doomed = [world.reactor.call_at(1.0, pytest.fail, "it ran") for _ in range(5)]
    world.reactor.call_at(1.0, calls.append, "live")
    world.reactor.call_at(0.5, lambda: [timer.cancel() for timer in doomed])

    world.run_until(1.0)

    assert calls == ["live"]


def test_those_called_off_are_passed_over_while_the_loop_is_busy(world: World) -> None:
    calls: list[str] = []
    doomed = world.reactor.call_at(1.0, pytest.fail, "it ran")
    world.reactor.call_at(1.0, calls.append, "live")
    world.run_until(0.5)
    doomed.cancel()
    world.clock.now = 1.0
    world.reactor.call_soon(nothing)  # so that nobody asks how long to sleep

    world.reactor.turn()

    assert calls == ["live"]


def test_calling_off_lets_go_of_what_would_have_been_called(world: World) -> None:
    class Load:
        pass

    load = Load()
    alive = weakref.ref(load)
    timer = world.reactor.call_at(1.0, id, load)
    del load

    timer.cancel()

    assert alive() is None


def kept(when: float) -> int:
    """Count the timers for that moment which somebody holds."""
    return sum(isinstance(each, Timer) and each.when == when for each in gc.get_objects())


def test_many_timers_called_off_are_let_go_long_before_they_would_be_due(world: World) -> None:
    when = 1234.5
    timers = [world.reactor.call_at(when, nothing) for _ in range(1000)]
    world.run_until(1.0)
    for timer in timers:
        timer.cancel()
    del timer, timers
    world.run_until(2.0)

    assert kept(when) == 0


def test_those_called_off_do_not_pile_up_behind_one_that_is_live(world: World) -> None:
    when = 1234.5
    world.reactor.call_at(1000.0, nothing)
    for second in range(100):
        timers = [world.reactor.call_at(when, nothing) for _ in range(100)]
        world.run_until(second)
        while timers:
            timers.pop().cancel()

    assert kept(when) < 2_000


def test_those_called_off_do_not_pile_up_while_the_loop_never_sleeps(world: World) -> None:
    when = 1234.5
    left = 100
    counts: list[int] = []

    def make_and_call_off() -> None:
        nonlocal left
        for timer in [world.reactor.call_at(when, nothing) for _ in range(100)]:
            timer.cancel()
        left -= 1
        if left:
            world.reactor.call_soon(make_and_call_off)
        else:
            counts.append(kept(when))

    world.reactor.call_soon(make_and_call_off)
    world.run_until(1.0)

    assert counts[0] < 2_000


def test_those_that_are_live_are_not_looked_through_in_every_turn(world: World) -> None:
    for _ in range(200):
        world.reactor.call_at(9.0, nothing)
    looks = 0

    def count(frame: FrameType, event: str, what: object) -> None:
        nonlocal looks
        looks += event == "call" and frame.f_code is Timers.tidy.__code__

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        for _ in range(100):
            world.reactor.call_soon(nothing)
            world.reactor.turn()
    finally:
        sys.setprofile(before)

    assert looks == 1


def test_those_that_wait_while_the_loop_never_sleeps_run_when_they_are_due(world: World) -> None:
    calls: list[int] = []
    for number in range(3_000):
        world.reactor.call_at(2.0 + number % 7, calls.append, number)
        world.reactor.call_soon(nothing)
        world.reactor.turn()

    world.run_until(10.0)

    assert calls == sorted(range(3_000), key=lambda number: number % 7)


def test_letting_go_of_those_called_off_keeps_the_others_and_their_order(world: World) -> None:
    calls: list[int] = []
    timers = [world.reactor.call_at(2.0 + n % 7, calls.append, n) for n in range(1000)]
    world.run_until(1.0)
    for number, timer in enumerate(timers):
        if number % 10:
            timer.cancel()

    world.run_until(10.0)

    assert calls == sorted(range(0, 1000, 10), key=lambda n: n % 7)


def test_when_all_were_let_go_the_next_one_still_runs(world: World) -> None:
    calls: list[str] = []
    timers = [world.reactor.call_at(5.0, nothing) for _ in range(1000)]
    world.run_until(1.0)
    for timer in timers:
        timer.cancel()
    world.reactor.call_at(3.0, calls.append, "next")

    world.run_until(4.0)

    assert calls == ["next"]


def test_closing_lets_go_of_every_timer(seed: int | None) -> None:
    when = 2345.5
    with World(seed=seed) as world:
        world.reactor.call_at(when, nothing)
        world.run_until(1.0)
        world.reactor.call_at(when, nothing)

    assert kept(when) == 0


# -- all of it at once

MOMENTS = st.integers(0, 8).map(float)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), MOMENTS),
        st.tuples(st.just("cancel"), st.integers(0, 200).map(float)),
        st.tuples(st.just("pass"), MOMENTS),
        st.tuples(st.just("turn"), st.just(0.0)),  # without sleeping, since something is ready
    ),
    max_size=250,
)


@settings(deadline=None)  # no timed assertions
@given(DEEDS)
def test_whatever_is_set_and_called_off_the_rest_runs_in_order(
    deeds: list[tuple[str, float]],
) -> None:
    """The model: a plain list, sorted anew each time."""
    ran: list[int] = []
    model: dict[int, float] = {}  # what is still to run
    expected: list[int] = []
    timers: list[Timer] = []
    with World() as world:
        for deed, value in [*deeds, ("pass", 100.0)]:
            now = world.clock.now
            if deed == "set":
                model[len(timers)] = now + value
                timers.append(world.reactor.call_later(value, ran.append, len(timers)))
            elif deed == "cancel" and timers:
                number = int(value) % len(timers)
                assert timers[number].cancel() == (model.pop(number, None) is not None)
            elif deed in ("pass", "turn"):
                if deed == "turn":
                    world.reactor.call_soon(nothing)
                    world.reactor.turn()
                else:
                    world.run_until(now + value)
                due = sorted((when, n) for n, when in model.items() if when <= now + value)
                expected += [number for _, number in due]
                for _, number in due:
                    del model[number]

    assert ran == expected
