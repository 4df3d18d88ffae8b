"""World: time passes when nothing else can happen, and a wait that cannot end is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from math import nan

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reactor import ClosedError, Steps, coroutine, sleep
from reactor.poller import PollPoller
from reactor.testing import DeadlockError, VirtualClock, World
from tests.loop.conftest import Pair
from tests.loop.parts import Heard, Recorder, fail_with, nothing


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two stream sockets that talk to each other and never block."""
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        yield near, far


# -- time


def test_a_world_begins_at_nought(seed: int | None) -> None:
    with World(seed=seed) as world:
        assert world.clock.now == 0.0
        assert world.reactor.now() == 0.0


def test_a_clock_shows_what_it_was_set_to() -> None:
    clock = VirtualClock(5.0)
    assert clock() == 5.0

    clock.now = 7.0
    assert clock() == 7.0


def test_time_passes_from_deadline_to_deadline(seed: int | None) -> None:
    moments: list[float] = []
    with World(seed=seed) as world:
        for when in (1.0, 2.5, 2.5, 4.0):
            world.reactor.call_at(when, lambda: moments.append(world.clock.now))
        world.run_until(3.0)
        assert moments == [1.0, 2.5, 2.5]
        assert world.clock.now == 3.0

        world.run_until(5.0)
        assert moments == [1.0, 2.5, 2.5, 4.0]
        assert world.clock.now == 5.0


def test_no_time_passes_while_something_is_ready(pair: Pair, seed: int | None) -> None:
    near, far = pair
    moments: list[float] = []
    with World(seed=seed) as world:
        world.reactor.call_at(9.0, nothing)
        world.reactor.on_readable(near, lambda: moments.append(world.clock.now))
        far.send(b"x")
        for _ in range(5):
            world.reactor.turn()
        assert moments == [0.0] * 5
        world.reactor.forget(near)


def test_a_conversation_over_a_real_pair_takes_no_time(pair: Pair, seed: int | None) -> None:
    near, far = pair
    got: list[bytes] = []
    with World(seed=seed) as world:
        world.reactor.on_readable(far, lambda: far.send(far.recv(99).upper()))
        world.reactor.on_readable(near, lambda: got.append(near.recv(99)))
        world.reactor.call_at(5.0, near.send, b"hello")
        world.run_until(5.0)
        assert got == []  # it is sent in the last turn

        world.run_until(5.0)
        world.run_until(6.0)

    assert got == [b"HELLO"]


def test_what_is_due_at_the_last_moment_has_run(seed: int | None) -> None:
    calls: list[str] = []
    with World(seed=seed) as world:
        world.reactor.call_at(1.0, calls.append, "before")
        world.reactor.call_at(0.5, world.reactor.call_at, 1.0, calls.append, "made meanwhile")
        world.run_until(1.0)

    assert calls == ["before", "made meanwhile"]


def test_it_may_be_run_until_now(seed: int | None) -> None:
    calls: list[str] = []
    with World(seed=seed) as world:
        world.run_until(1.0)
        world.reactor.call_soon(calls.append, "ready")
        world.run_until(1.0)

    assert calls == ["ready"]


def test_time_does_not_go_back(seed: int | None) -> None:
    with World(seed=seed) as world:
        world.run_until(2.5)
        with pytest.raises(
            ValueError, match=r"^it is 2.5 s already; time does not go back to 1.25$"
        ):
            world.run_until(1.25)

        assert world.clock.now == 2.5


def test_a_moment_that_is_no_number_is_refused(seed: int | None) -> None:
    with World(seed=seed) as world, pytest.raises(ValueError, match="NaN"):
        world.run_until(nan)


def test_an_hour_of_a_timer_a_second_takes_a_turn_a_second(seed: int | None) -> None:
    seconds, timeouts = 0, []

    class Noting(Recorder):
        def wait(self, timeout: float | None) -> list[tuple[int, int]]:
            timeouts.append(timeout)
            return super().wait(timeout)

    def tick() -> None:
        nonlocal seconds
        seconds += 1
        world.reactor.call_later(1.0, tick)

    with World(Noting(), seed=seed) as world:
        world.reactor.call_later(1.0, tick)
        world.run_until(3600.0)

    assert seconds == 3600
    assert timeouts == [0.0] * 3600  # nobody has slept


@settings(deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=40, unique=True))
@example([3, 9])  # .3 + (.9 - .3) is more than .9
def test_the_clock_shows_exactly_the_moment_that_was_asked_for(tenths: list[int]) -> None:
    with World() as world:
        for tenth in sorted(tenths):
            world.run_until(tenth / 10)
            assert world.clock.now == tenth / 10


@settings(deadline=None)
@given(
    st.floats(0.0, 1e6, allow_subnormal=False),
    st.floats(0.0, 1e6, allow_subnormal=False),
)
def test_a_clock_that_moves_to_a_deadline_never_passes_it(first: float, second: float) -> None:
    now, deadline = sorted((first, second))
    clock = VirtualClock(now)
    steps = 0
    while clock.now < deadline:
        clock.advance(deadline - clock.now)
        steps += 1
        assert clock.now <= deadline
        assert steps < 5


def test_a_clock_on_which_no_time_passes_stands_still() -> None:
    clock = VirtualClock(2.5)

    clock.advance(0.0)

    assert clock.now == 2.5


# -- what can never happen


def test_a_wait_that_cannot_end_is_a_deadlock(pair: Pair, seed: int | None) -> None:
    near, _far = pair
    with World(seed=seed) as world:
        world.reactor.on_readable(near, nothing)
        world.run_until(2.5)
        with pytest.raises(DeadlockError) as deadlock:
            world.reactor.run()

    assert str(deadlock.value) == (
        "at 2.5 s nothing can happen any more: no timer is set and no watched descriptor is ready; "
        "whoever waits, waits for ever"
    )


def test_after_a_deadlock_the_world_goes_on(pair: Pair, seed: int | None) -> None:
    near, far = pair
    with World(seed=seed) as world:
        world.reactor.on_readable(near, near.recv, 9)
        with pytest.raises(DeadlockError):
            world.reactor.run()
        far.send(b"x")

        world.reactor.turn()
        world.run_until(1.0)


def test_a_stop_that_was_not_reached_stops_nobody_later(seed: int | None) -> None:
    with World(seed=seed) as world:
        world.reactor.call_at(1.0, fail_with, ValueError("cannot"))
        with pytest.raises(ValueError, match="cannot"):
            world.run_until(2.0)

        world.run_until(3.0)

        assert world.clock.now == 3.0


# -- tasks


def test_a_world_runs_a_task_to_its_result(seed: int | None) -> None:
    @coroutine
    def double(number: int) -> Steps[int]:
        yield from sleep(3600.0)
        return 2 * number

    with World(seed=seed) as world:
        assert world.run(double, 21) == 42
        assert world.clock.now == 3600.0


def test_what_the_main_task_raises_comes_out(seed: int | None) -> None:
    async def main() -> None:
        raise ValueError("cannot")

    with World(seed=seed) as world, pytest.raises(ValueError, match="cannot"):
        world.run(main)


# -- what it is made of


def test_what_a_callback_lets_out_leaves_the_world(seed: int | None) -> None:
    with World(seed=seed) as world:
        world.reactor.call_soon(fail_with, ValueError("cannot"))
        with pytest.raises(ValueError, match="cannot"):
            world.run_until(1.0)


def test_unless_somebody_is_there_to_hear_of_it(seed: int | None) -> None:
    heard = Heard()
    with World(on_error=heard, seed=seed) as world:
        world.reactor.call_soon(fail_with, ValueError("cannot"))
        world.run_until(1.0)

    assert [str(error) for error in heard.errors] == ["cannot"]


def test_a_world_asks_the_poller_that_it_is_given_and_closes_it(
    pair: Pair, seed: int | None
) -> None:
    near, _far = pair
    poller = PollPoller()
    recorder = Recorder(poller)
    with World(recorder, seed=seed) as world:
        world.reactor.on_readable(near, nothing)
        world.reactor.on_writable(near, nothing)
        world.reactor.turn()
        world.reactor.forget(near)
        kinds = {call[0] for call in recorder.calls}

    assert kinds == {"add", "change", "drop"}
    with pytest.raises(RuntimeError, match="is closed"):
        poller.get_map()


def test_a_world_debugs_when_it_is_asked_to(
    monkeypatch: pytest.MonkeyPatch, seed: int | None
) -> None:
    monkeypatch.setenv("REACTOR_DEBUG", "1")  # which a world does not listen to

    with World(debug=True, seed=seed) as world, World(seed=seed) as other:
        assert world.reactor.call_soon(nothing).origin is not None
        assert other.reactor.call_soon(nothing).origin is None


def test_a_world_closes_its_reactor_once_or_twice(seed: int | None) -> None:
    near, far = socket.socketpair()
    with near, far:
        with World(seed=seed) as world:
            world.reactor.on_readable(near, nothing)
        world.close()

        with pytest.raises(ClosedError):
            world.reactor.run()
