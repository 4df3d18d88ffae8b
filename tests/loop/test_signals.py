"""Signals: real ones, as callbacks of the reactor, and everything as it was before afterwards."""

from __future__ import annotations

import contextvars
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import permutations
from types import FrameType

import pytest

from reactor import Reactor, WrongThreadError
from reactor.loop import SignalWatch
from reactor.poller import Mechanism
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Recorder, fail_with, nothing, room_of_a_socket
from tests.pollers import MakePoller, each_poller

ONE, OTHER = signal.SIGUSR1, signal.SIGUSR2


@pytest.fixture(autouse=True)
def all_as_before() -> Iterator[None]:
    """Whatever a test does, nobody watches for signals afterwards."""
    before = [signal.getsignal(each) for each in (ONE, OTHER)]
    yield
    assert [signal.getsignal(each) for each in (ONE, OTHER)] == before
    assert wakeup_fd() == -1


def wakeup_fd() -> int:
    """Return the descriptor that is set now."""
    fd = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(fd)
    return fd


def kill(signum: int) -> None:
    os.kill(os.getpid(), signum)


# -- coming


def test_a_signal_calls_back_with_its_arguments(reactor: Reactor) -> None:
    calls: list[tuple[str, int]] = []

    def note(word: str, number: int) -> None:
        calls.append((word, number))
        reactor.stop()

    reactor.on_signal(ONE, note, "one", 1)
    kill(ONE)
    reactor.run()

    assert calls == [("one", 1)]


def test_a_watch_of_a_signal_is_called_each_time_it_comes(world: World) -> None:
    calls: list[str] = []
    world.reactor.on_signal(ONE, calls.append, "one")
    for _ in range(3):
        signal.raise_signal(ONE)
        world.reactor.turn()  # hears of it
        world.reactor.turn()  # calls

    assert calls == ["one"] * 3


def test_signals_call_back_in_the_order_in_which_they_came(world: World) -> None:
    calls: list[str] = []
    world.reactor.on_signal(ONE, calls.append, "one")
    world.reactor.on_signal(OTHER, calls.append, "other")
    for each in (OTHER, ONE, OTHER):
        signal.raise_signal(each)

    world.run_until(1.0)

    assert calls == ["other", "one", "other"]


@each_poller
def test_a_signal_ends_the_pollers_sleep(make_poller: MakePoller) -> None:
    with Reactor(make_poller(), debug=False) as reactor:
        reactor.on_signal(ONE, reactor.stop)
        # No timer is set and nothing is ready, so the poller sleeps until the signal comes.
        thread = threading.Thread(target=kill, args=(ONE,))
        thread.start()
        reactor.run()
        thread.join()


@each_poller
def test_a_signal_that_comes_just_before_the_poller_sleeps_ends_the_sleep(
    make_poller: MakePoller,
) -> None:
    class Late(Recorder):
        """The signal comes when it has been decided how long to sleep."""

        def __init__(self, poller: Mechanism) -> None:
            super().__init__(poller)
            self.before_sleep: Callable[[], object] = nothing

        def wait(self, timeout: float | None) -> list[tuple[int, int]]:
            before, self.before_sleep = self.before_sleep, nothing
            before()
            return super().wait(timeout)

    late = Late(make_poller())
    with Reactor(late, debug=False) as reactor:
        reactor.on_signal(ONE, reactor.stop)
        late.before_sleep = lambda: kill(ONE)
        reactor.run()


def test_a_signal_that_comes_while_it_begins_to_be_watched_ends_the_next_sleep(
    world: World,
) -> None:
    calls: list[str] = []

    def profile(frame: FrameType, event: str, arg: object) -> None:
        if event == "c_call" and arg is signal.set_wakeup_fd:
            sys.setprofile(None)
            signal.raise_signal(ONE)  # the handler is ours already, the descriptor not yet

    sys.setprofile(profile)
    try:
        world.reactor.on_signal(ONE, calls.append, "one")
    finally:
        sys.setprofile(None)
    world.reactor.turn()
    world.reactor.turn()

    assert calls == ["one"]


def test_a_flood_of_one_signal_loses_no_other(world: World) -> None:
    calls: list[int] = []
    world.reactor.on_signal(ONE, calls.append, ONE)
    world.reactor.on_signal(OTHER, calls.append, OTHER)
    for _ in range(room_of_a_socket() + 10):
        signal.raise_signal(ONE)
    signal.raise_signal(OTHER)

    world.run_until(1.0)

    assert set(calls) == {ONE, OTHER}
    assert calls[-1] == OTHER


def test_a_callback_of_a_signal_runs_in_the_context_that_it_is_given(world: World) -> None:
    colour = contextvars.ContextVar[str]("colour")
    context = contextvars.copy_context()
    world.reactor.on_signal(ONE, colour.set, "red", context=context)
    signal.raise_signal(ONE)

    world.run_until(1.0)

    assert context[colour] == "red"


def test_a_callback_of_a_signal_that_fails_goes_on_being_called(world: World) -> None:
    world.reactor.on_signal(ONE, fail_with, ValueError("cannot"))
    for _ in range(2):
        signal.raise_signal(ONE)
        with pytest.raises(ValueError, match="cannot"):
            world.run_until(1.0)


# -- several watches on one signal


def test_the_newest_watch_of_a_signal_is_called(world: World) -> None:
    calls: list[str] = []
    world.reactor.on_signal(ONE, calls.append, "first")
    world.reactor.on_signal(ONE, calls.append, "second")
    signal.raise_signal(ONE)

    world.run_until(1.0)

    assert calls == ["second"]


def test_when_the_newest_watch_ends_the_one_before_it_is_called(world: World) -> None:
    calls: list[str] = []
    world.reactor.on_signal(ONE, calls.append, "first")
    second = world.reactor.on_signal(ONE, calls.append, "second")

    assert second.cancel() is True
    signal.raise_signal(ONE)
    world.run_until(1.0)
    assert calls == ["first"]


def test_a_watch_may_end_before_a_newer_one(world: World) -> None:
    calls: list[str] = []
    first = world.reactor.on_signal(ONE, calls.append, "first")
    second = world.reactor.on_signal(ONE, calls.append, "second")
    first.cancel()
    signal.raise_signal(ONE)
    world.run_until(1.0)
    assert calls == ["second"]

    second.cancel()
    assert signal.getsignal(ONE) == signal.SIG_DFL


# -- ending


def test_a_watch_ends_once(world: World) -> None:
    watch = world.reactor.on_signal(ONE, nothing)

    assert watch.cancel() is True
    assert watch.cancel() is False


def test_a_signal_whose_watch_ended_before_it_was_heard_calls_nobody(world: World) -> None:
    world.reactor.on_signal(OTHER, nothing)  # so that the wake-up descriptor stays
    watch = world.reactor.on_signal(ONE, pytest.fail, "it was called")
    signal.raise_signal(ONE)
    watch.cancel()

    world.run_until(1.0)


def test_a_signal_whose_watch_ended_before_its_turn_calls_nobody(world: World) -> None:
    watch = world.reactor.on_signal(ONE, pytest.fail, "it was called")
    signal.raise_signal(ONE)
    world.reactor.turn()  # queues the watch
    watch.cancel()

    world.run_until(1.0)


@pytest.fixture
def handler() -> Iterator[list[int]]:
    """A handler that was there before, and what it has heard."""
    heard: list[int] = []
    former = signal.signal(ONE, lambda signum, frame: heard.append(signum))
    yield heard
    signal.signal(ONE, former)


def test_the_handler_of_before_is_put_back_when_the_last_watch_ends(
    world: World, handler: list[int]
) -> None:
    first = world.reactor.on_signal(ONE, pytest.fail, "it was called")
    second = world.reactor.on_signal(ONE, pytest.fail, "it was called")
    second.cancel()
    signal.raise_signal(ONE)
    assert handler == []
    first.cancel()

    signal.raise_signal(ONE)
    assert handler == [ONE]


def test_the_handler_of_before_is_put_back_by_the_close(
    handler: list[int], seed: int | None
) -> None:
    with World(seed=seed) as world:
        world.reactor.on_signal(ONE, pytest.fail, "it was called")
        world.reactor.on_signal(ONE, pytest.fail, "it was called")
        world.reactor.on_signal(OTHER, pytest.fail, "it was called")

    signal.raise_signal(ONE)
    assert handler == [ONE]
    assert signal.getsignal(OTHER) == signal.SIG_DFL


@pytest.mark.parametrize("former", [signal.SIG_IGN, signal.SIG_DFL])
def test_a_disposition_of_before_is_put_back(world: World, former: signal.Handlers) -> None:
    original = signal.signal(ONE, former)
    try:
        world.reactor.on_signal(ONE, nothing).cancel()
        assert signal.getsignal(ONE) == former
    finally:
        signal.signal(ONE, original)


def test_a_handler_that_python_does_not_know_becomes_the_systems_own() -> None:
    program = """
import signal
from reactor import Reactor
assert signal.getsignal(signal.SIGABRT) is None
with Reactor() as reactor:
    reactor.on_signal(signal.SIGABRT, print).cancel()
assert signal.getsignal(signal.SIGABRT) == signal.SIG_DFL
"""
    # faulthandler sets its handlers before Python looks at what there is.
    subprocess.run([sys.executable, "-X", "faulthandler", "-c", program], check=True, timeout=60)


def test_a_handler_that_was_set_since_stays(world: World, handler: list[int]) -> None:
    newer: list[int] = []
    watch = world.reactor.on_signal(ONE, pytest.fail, "it was called")
    signal.signal(ONE, lambda signum, frame: newer.append(signum))

    watch.cancel()
    signal.raise_signal(ONE)

    assert (handler, newer) == ([], [ONE])


def test_the_wake_up_descriptor_of_before_is_put_back(world: World, pair: Pair) -> None:
    _near, far = pair
    signal.set_wakeup_fd(far.fileno())
    try:
        first = world.reactor.on_signal(ONE, nothing)
        second = world.reactor.on_signal(OTHER, nothing)
        first.cancel()
        assert wakeup_fd() != far.fileno()
        second.cancel()
        assert wakeup_fd() == far.fileno()
    finally:
        signal.set_wakeup_fd(-1)


def test_a_wake_up_descriptor_that_was_set_since_stays(world: World, pair: Pair) -> None:
    _near, far = pair
    watch = world.reactor.on_signal(ONE, nothing)
    signal.set_wakeup_fd(far.fileno())
    try:
        watch.cancel()
        assert wakeup_fd() == far.fileno()
    finally:
        signal.set_wakeup_fd(-1)


def test_a_wake_up_descriptor_of_before_that_was_closed_since_is_left_alone(world: World) -> None:
    near, far = socket.socketpair()
    far.setblocking(False)
    with near:
        with far:
            signal.set_wakeup_fd(far.fileno())
            watch = world.reactor.on_signal(ONE, nothing)
        watch.cancel()

    assert wakeup_fd() == -1


def test_two_reactors_may_end_their_watches_in_any_order(seed: int | None) -> None:
    calls: list[str] = []
    with World(seed=seed) as inner:
        with World(seed=seed) as outer:
            outer.reactor.on_signal(ONE, calls.append, "outer")
            inner.reactor.on_signal(OTHER, calls.append, "inner")
        signal.raise_signal(OTHER)
        inner.run_until(1.0)

    assert calls == ["inner"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_reactors_that_watch_one_signal_end_in_any_order_and_the_handler_is_put_back(
    handler: list[int], order: tuple[int, ...], seed: int | None
) -> None:
    calls: list[int] = []
    worlds = [World(seed=seed) for _ in order]
    for number, world in enumerate(worlds):
        world.reactor.on_signal(ONE, calls.append, number)
    alive = list(range(3))
    for number in order:
        signal.raise_signal(ONE)
        newest = max(alive)
        worlds[newest].run_until(worlds[newest].clock.now + 1)
        assert calls.pop() == newest
        worlds[number].close()
        alive.remove(number)

    signal.raise_signal(ONE)
    assert handler == [ONE]
    assert calls == []


def test_a_reactor_that_watches_again_is_the_newest(handler: list[int], seed: int | None) -> None:
    calls: list[str] = []
    with World(seed=seed) as first, World(seed=seed) as second:
        watch = first.reactor.on_signal(ONE, calls.append, "first")
        second.reactor.on_signal(ONE, calls.append, "second")
        watch.cancel()
        first.reactor.on_signal(ONE, calls.append, "again")
        signal.raise_signal(ONE)
        first.run_until(1)
        assert calls == ["again"]

    signal.raise_signal(ONE)
    assert handler == [ONE]


def test_where_a_handler_of_another_stands_above_it_is_left_alone(
    handler: list[int], seed: int | None
) -> None:
    with World(seed=seed) as first:
        first.reactor.on_signal(ONE, nothing)
        ours = signal.signal(ONE, lambda signum, frame: handler.append(-signum))
        with World(seed=seed) as second:
            second.reactor.on_signal(ONE, nothing)
            first.close()
        signal.raise_signal(ONE)
        signal.signal(ONE, ours)  # of a reactor that is closed by now
        signal.raise_signal(ONE)

    assert handler == [-ONE]


def test_a_watch_knows_whether_it_is_the_one_that_is_called(world: World) -> None:
    first = world.reactor.on_signal(ONE, nothing)
    assert first.is_called()
    second = world.reactor.on_signal(ONE, nothing)
    assert [first.is_called(), second.is_called()] == [False, True]
    second.cancel()
    assert [first.is_called(), second.is_called()] == [True, False]


# -- refusing


def test_a_signal_cannot_be_watched_off_the_main_thread() -> None:
    refused: list[str] = []

    def watch() -> None:
        with Reactor(debug=False) as reactor:
            for each in (signal.SIGTERM, 99):
                try:
                    reactor.on_signal(each, nothing)
                except WrongThreadError as error:
                    refused.append(str(error))

    thread = threading.Thread(target=watch)
    thread.start()
    thread.join()

    assert refused == [
        "on_signal(SIGTERM) works in the main thread only; call it there",
        "on_signal(signal 99) works in the main thread only; call it there",
    ]


@pytest.mark.parametrize("signum", [0, 9999, signal.SIGKILL])
def test_what_cannot_be_watched_is_refused_as_the_system_does(world: World, signum: int) -> None:
    with pytest.raises((OSError, ValueError)):
        world.reactor.on_signal(signum, nothing)

    assert wakeup_fd() == -1


def test_a_refused_signal_does_no_harm_to_the_watched_ones(world: World) -> None:
    calls: list[str] = []
    world.reactor.on_signal(ONE, calls.append, "one")
    with pytest.raises(OSError, match="Invalid argument"):
        world.reactor.on_signal(signal.SIGKILL, nothing)
    signal.raise_signal(ONE)

    world.run_until(1.0)

    assert calls == ["one"]


def test_a_watch_is_shown_as_what_it_calls(world: World) -> None:
    watch = world.reactor.on_signal(ONE, nothing)

    assert isinstance(watch, SignalWatch)
    assert repr(watch).startswith("<SignalWatch nothing (")
