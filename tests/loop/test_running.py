"""run, turn, stop and close: who may, when, and what is left afterwards."""

from __future__ import annotations

import errno
import gc
import os
import selectors
import socket
import threading
import weakref
from typing import Any

import pytest

from reactor import BusyError, ClosedError, Reactor, running
from reactor.poller import PollPoller
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Script, Waiter, fail_with, nothing
from tests.loop.uses import CHEAP, CHECKED, THREADSAFE

# -- run and stop


def test_run_turns_until_it_is_stopped(world: World) -> None:
    calls: list[float] = []
    for when in (1.0, 2.0, 3.0):
        world.reactor.call_at(when, calls.append, when)
    world.reactor.call_at(2.5, world.reactor.stop)

    world.reactor.run()

    assert calls == [1.0, 2.0]


def test_stop_finishes_the_batch(world: World) -> None:
    calls: list[str] = []
    world.reactor.call_soon(world.reactor.stop)
    world.reactor.call_soon(calls.append, "same batch")
    world.reactor.call_soon(world.reactor.call_soon, calls.append, "next batch")

    world.reactor.run()

    assert calls == ["same batch"]


def test_run_again_goes_on_where_it_stopped(world: World) -> None:
    calls: list[str] = []
    world.reactor.call_soon(world.reactor.stop)
    world.reactor.call_soon(world.reactor.call_soon, calls.append, "next batch")
    world.reactor.run()

    world.reactor.call_at(1.0, world.reactor.stop)
    world.reactor.run()

    assert calls == ["next batch"]


def test_stop_before_run_lets_it_return_at_once(world: World) -> None:
    calls: list[str] = []
    world.reactor.call_soon(calls.append, "ready")
    world.reactor.stop()

    world.reactor.run()

    assert calls == []


def test_a_stop_holds_for_one_run(world: World) -> None:
    calls: list[str] = []
    world.reactor.stop()
    world.reactor.run()

    world.reactor.call_soon(calls.append, "ready")
    world.reactor.call_soon(world.reactor.stop)
    world.reactor.run()

    assert calls == ["ready"]


def test_a_stop_holds_also_for_a_run_that_fails(world: World) -> None:
    world.reactor.call_soon(world.reactor.stop)
    world.reactor.call_soon(fail_with, ValueError("cannot"))
    with pytest.raises(ValueError, match="cannot"):
        world.reactor.run()

    world.run_until(1.0)

    assert world.clock.now == 1.0


def test_turn_takes_one_turn_and_no_more(world: World) -> None:
    calls: list[int] = []

    def again(count: int) -> None:
        calls.append(count)
        world.reactor.call_soon(again, count + 1)

    world.reactor.call_soon(again, 1)
    world.reactor.turn()

    assert calls == [1]


# -- which reactor runs


def test_running_is_the_reactor_that_runs_here(world: World) -> None:
    seen: list[Reactor | None] = []
    world.reactor.call_soon(lambda: seen.append(running()))

    assert running() is None
    world.reactor.turn()

    assert seen == [world.reactor]
    assert running() is None


def test_after_a_run_that_failed_none_runs(world: World) -> None:
    world.reactor.call_soon(fail_with, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        world.reactor.run()

    assert running() is None


def test_running_is_another_in_each_thread(reactor: Reactor) -> None:
    seen: list[Reactor | None] = []

    def elsewhere() -> None:
        seen.append(running())
        with Reactor(debug=False) as mine:
            mine.call_soon(lambda: seen.append(running()))
            mine.turn()
            seen.append(mine)

    def start_and_join() -> None:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        seen.append(running())

    reactor.call_soon(start_and_join)
    reactor.turn()

    assert seen == [None, seen[2], seen[2], reactor]
    assert seen[2] is not reactor


def test_two_reactors_in_two_threads_talk_to_each_other(reactor: Reactor, pair: Pair) -> None:
    near, far = pair
    answers: list[bytes] = []

    def serve() -> None:
        with Reactor(debug=False) as other:

            def echo() -> None:
                if data := far.recv(9):
                    far.send(data.upper())
                else:
                    other.stop()

            other.on_readable(far, echo)
            other.run()

    def hear() -> None:
        answers.append(near.recv(9))
        if len(answers) == 3:
            near.shutdown(socket.SHUT_WR)
            reactor.stop()
        else:
            near.send(b"again")

    thread = threading.Thread(target=serve)
    thread.start()
    reactor.on_readable(near, hear)
    near.send(b"hello")
    reactor.run()
    thread.join(30)

    assert not thread.is_alive()
    assert answers == [b"HELLO", b"AGAIN", b"AGAIN"]


@pytest.mark.parametrize("name", ["run", "turn"])
def test_a_reactor_does_not_run_inside_itself(world: World, name: str) -> None:
    world.reactor.call_soon(getattr(world.reactor, name))

    with pytest.raises(
        BusyError,
        match=r"^<Reactor over VirtualPoller, running> runs in this thread already; let it stop",
    ):
        world.reactor.turn()


@pytest.mark.parametrize("name", ["run", "turn"])
def test_another_reactor_does_not_run_inside_one_that_runs(world: World, name: str) -> None:
    with Reactor(Script(), debug=False) as other:
        world.reactor.call_soon(getattr(other, name))

        with pytest.raises(BusyError, match=r"^<Reactor over VirtualPoller, running> runs in"):
            world.reactor.turn()


def test_the_one_that_was_refused_runs_afterwards(world: World, seed: int | None) -> None:
    with World(seed=seed) as other:
        world.reactor.call_soon(other.reactor.run)
        with pytest.raises(BusyError):
            world.reactor.turn()

        other.run_until(1.0)

    world.run_until(1.0)


# -- close


def test_a_reactor_that_runs_cannot_be_closed(world: World) -> None:
    world.reactor.call_soon(world.reactor.close)

    with pytest.raises(
        BusyError,
        match=r"^<Reactor over VirtualPoller, running> cannot be closed while it runs; call stop",
    ):
        world.reactor.turn()

    world.run_until(1.0)


def test_close_may_be_called_twice_and_closes_once() -> None:
    script = Script()
    reactor = Reactor(script, debug=False)

    reactor.close()
    reactor.close()

    assert script.closes == 1


def test_a_with_statement_closes() -> None:
    with Reactor(Script(), debug=False) as reactor:
        reactor.turn()

    with pytest.raises(ClosedError):
        reactor.turn()


def test_what_fails_in_a_with_statement_comes_out_of_it() -> None:
    with pytest.raises(ValueError, match="cannot"), Reactor(Script(), debug=False) as reactor:
        fail_with(ValueError("cannot"))

    with pytest.raises(ClosedError):
        reactor.turn()


def test_closing_gives_back_every_descriptor_but_those_that_are_watched(pair: Pair) -> None:
    near, _far = pair
    gc.collect()  # or what an earlier test has left may be let go meanwhile
    before = set(os.listdir("/dev/fd"))
    with Reactor(debug=False) as reactor:
        reactor.on_readable(near, nothing)
        assert len(os.listdir("/dev/fd")) > len(before)

    assert set(os.listdir("/dev/fd")) == before


def test_what_has_not_run_when_it_is_closed_never_will(pair: Pair, seed: int | None) -> None:
    near, far = pair
    world = World(seed=seed)
    waiter = Waiter()
    world.reactor.call_soon(pytest.fail, "it ran")
    world.reactor.call_at(0.0, pytest.fail, "it ran")
    world.reactor.call_threadsafe(pytest.fail, "it ran")
    world.reactor.on_readable(near, pytest.fail, "it ran")
    world.reactor.reading(far).park(waiter)
    near.send(b"x")

    world.close()

    assert world.reactor.ready == []
    assert (waiter.runs, waiter.lost) == (0, [])


def test_closing_lets_go_of_what_has_not_run(seed: int | None) -> None:
    class Load:
        pass

    loads = [Load() for _ in range(3)]
    alive = [weakref.ref(load) for load in loads]
    with World(seed=seed) as world:
        world.reactor.call_soon(id, loads.pop())
        world.reactor.call_at(1.0, id, loads.pop())
        world.reactor.call_threadsafe(id, loads.pop())

    assert [ref() for ref in alive] == [None] * 3


def test_what_was_made_before_the_close_can_be_called_off_after_it(
    pair: Pair, seed: int | None
) -> None:
    near, _far = pair
    world = World(seed=seed)
    handle = world.reactor.call_soon(nothing)
    timers = [world.reactor.call_at(1.0, nothing) for _ in range(100)]
    watch = world.reactor.on_readable(near, nothing)
    world.reactor.turn()
    world.close()

    assert handle.cancel() is False
    for timer in timers:
        timer.cancel()
    watch.cancel()


def test_forget_is_allowed_after_the_close(pair: Pair, seed: int | None) -> None:
    near, _far = pair
    script = Script()
    with World(script, seed=seed) as world:
        side = world.reactor.reading(near)
        side.park(Waiter())

    world.reactor.forget(near)

    assert side.fd == -1
    assert script.dropped == []


def test_a_side_of_a_closed_reactor_refuses_to_be_waited_on(pair: Pair, seed: int | None) -> None:
    near, _far = pair
    with World(seed=seed) as world:
        side = world.reactor.reading(near)

    with pytest.raises(ClosedError, match="reactor closed"):
        side.park(Waiter())


REFUSED = CHECKED | CHEAP | THREADSAFE


@pytest.mark.parametrize("name", REFUSED)
def test_a_closed_reactor_refuses(pair: Pair, name: str) -> None:
    near, _far = pair
    with Reactor(Script(), debug=False) as reactor:
        pass

    with pytest.raises(ClosedError) as refusal:
        REFUSED[name](reactor, near)

    assert str(refusal.value) == "<Reactor over Script, closed> is closed; make a new one"


def test_it_shows_its_poller_and_whether_it_runs() -> None:
    shown: list[str] = []
    with Reactor(Script(), debug=False) as reactor:
        reactor.call_soon(lambda: shown.append(repr(reactor)))
        shown.append(repr(reactor))
        reactor.turn()
        shown.append(repr(reactor))
    shown.append(repr(reactor))

    states = ("at rest", "running", "at rest", "closed")
    assert shown == [f"<Reactor over Script, {state}>" for state in states]


def test_what_is_no_poller_is_refused_with_what_to_give() -> None:
    wrong: list[Any] = [PollPoller, selectors.DefaultSelector()]
    for poller in wrong:
        with pytest.raises(TypeError, match=r"is no poller; give an EpollPoller\(\), or Selector"):
            Reactor(poller)
    wrong[1].close()


def test_a_reactor_that_cannot_be_made_closes_its_poller() -> None:
    closed: list[bool] = []

    class Crowded(PollPoller):
        def add(self, fd: int, events: int) -> None:
            raise OSError(errno.ENOSPC, "no room")

        def close(self) -> None:
            closed.append(True)
            super().close()

    with pytest.raises(OSError, match="no room"):
        Reactor(Crowded())

    assert closed == [True]
