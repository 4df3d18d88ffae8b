"""Watches: callbacks that wait again each time before they are called."""

from __future__ import annotations

import errno
import socket

import pytest

from reactor import BusyError
from reactor.loop import Watch
from reactor.poller import READ
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Heard, Recorder, Waiter, fail_with, nothing
from tests.pollers import MakePoller, each_poller


@each_poller
def test_a_watch_is_called_in_each_turn_that_finds_its_descriptor_readable(
    make_poller: MakePoller, pair: Pair, seed: int | None
) -> None:
    near, far = pair
    calls: list[bytes] = []
    with World(make_poller(), seed=seed) as world:
        world.reactor.on_readable(near, lambda: calls.append(near.recv(1)))
        far.send(b"abc")
        for _ in range(3):
            world.reactor.turn()
        assert calls == [b"a", b"b", b"c"]

        world.reactor.call_soon(nothing)
        world.reactor.turn()
        assert len(calls) == 3


@each_poller
def test_a_watch_is_called_in_each_turn_that_finds_its_descriptor_writable(
    make_poller: MakePoller, pair: Pair, seed: int | None
) -> None:
    near, far = pair
    with World(make_poller(), seed=seed) as world:
        world.reactor.on_writable(near, near.send, b"x")
        for _ in range(3):
            world.reactor.turn()

    assert far.recv(9) == b"xxx"


@each_poller
def test_both_sides_of_a_descriptor_can_be_watched(
    make_poller: MakePoller, pair: Pair, seed: int | None
) -> None:
    near, far = pair
    calls: list[str] = []
    with World(make_poller(), seed=seed) as world:
        world.reactor.on_readable(near, calls.append, "readable")
        world.reactor.on_writable(near, calls.append, "writable")
        far.send(b"x")
        world.reactor.turn()
        assert sorted(calls) == ["readable", "writable"]

        world.reactor.turn()
        assert sorted(calls[2:]) == ["readable", "writable"]


def test_a_watch_to_read_makes_one_system_call_however_often_it_is_called(
    pair: Pair, seed: int | None
) -> None:
    near, far = pair
    recorder = Recorder()
    with World(recorder, seed=seed) as world:
        recorder.news()
        world.reactor.on_readable(near, near.recv, 1)
        far.send(b"abc")
        for _ in range(3):
            world.reactor.turn()

        assert recorder.news() == [("add", near.fileno(), READ)]


# -- ending one


def test_a_watch_can_be_ended_before_it_is_called(world: World, pair: Pair) -> None:
    near, far = pair
    watch = world.reactor.on_readable(near, pytest.fail, "it was called")
    far.send(b"x")

    assert watch.cancel() is True
    world.reactor.call_soon(nothing)
    world.reactor.turn()
    assert watch.cancel() is False


def test_a_watch_can_end_itself(world: World, pair: Pair) -> None:
    near, far = pair
    ended: list[bool] = []
    watches: list[Watch] = []
    watches.append(world.reactor.on_readable(near, lambda: ended.append(watches[0].cancel())))
    far.send(b"x")

    for _ in range(3):
        world.reactor.call_soon(nothing)
        world.reactor.turn()

    assert ended == [True]


def test_a_watch_that_is_queued_can_be_ended_by_what_runs_before_it(
    world: World, pair: Pair
) -> None:
    near, far = pair
    calls: list[str] = []
    watch = world.reactor.on_readable(near, calls.append, "watch")

    def end() -> None:
        watch.cancel()
        calls.append("end")

    far.send(b"x")
    world.reactor.call_soon(end)
    world.reactor.turn()

    assert calls[-1] == "end"


def test_after_one_watch_has_ended_another_may_begin(world: World, pair: Pair) -> None:
    near, far = pair
    calls: list[str] = []
    world.reactor.on_readable(near, calls.append, "first").cancel()
    world.reactor.on_readable(near, calls.append, "second")
    far.send(b"x")

    world.reactor.turn()

    assert calls == ["second"]


def test_a_watch_can_be_replaced_by_its_own_callback(world: World, pair: Pair) -> None:
    near, far = pair
    calls: list[str] = []

    def replace() -> None:
        calls.append("first")
        first.cancel()
        world.reactor.on_readable(near, calls.append, "second")

    first = world.reactor.on_readable(near, replace)
    far.send(b"x")
    for _ in range(3):
        world.reactor.turn()

    assert calls == ["first", "second", "second"]


def test_a_watch_that_was_replaced_and_then_fails_leaves_its_successor_in_place(
    pair: Pair,
    seed: int | None,
) -> None:
    near, far = pair
    heard = Heard()
    calls: list[str] = []
    with World(on_error=heard, seed=seed) as world:

        def replace() -> None:
            first.cancel()
            world.reactor.on_readable(near, calls.append, "second")
            raise ValueError("after all")

        first = world.reactor.on_readable(near, replace)
        far.send(b"x")
        for _ in range(2):
            world.reactor.turn()

        assert first.cancel() is False

    assert calls == ["second"]
    assert [str(error) for error in heard.errors] == ["after all"]


# -- forgetting its descriptor


def test_a_watch_can_forget_its_own_descriptor_and_close_it(world: World) -> None:
    near, far = socket.socketpair()
    calls: list[str] = []

    def end() -> None:
        calls.append("ended")
        world.reactor.forget(near)
        near.close()

    world.reactor.on_readable(near, end)
    with far:
        far.send(b"x")
        for _ in range(3):
            world.reactor.call_soon(nothing)
            world.reactor.turn()

    assert calls == ["ended"]


def test_forgetting_ends_the_watches_of_both_sides(world: World, pair: Pair) -> None:
    near, far = pair
    reading = world.reactor.on_readable(near, pytest.fail, "it was called")
    writing = world.reactor.on_writable(near, pytest.fail, "it was called")
    far.send(b"x")

    world.reactor.forget(near)
    world.reactor.call_soon(nothing)
    world.reactor.turn()

    assert (reading.cancel(), writing.cancel()) == (False, False)


def test_forgetting_calls_off_a_watch_that_is_queued_and_has_not_run(
    world: World, pair: Pair
) -> None:
    near, far = pair
    calls: list[str] = []

    def forget() -> None:
        world.reactor.forget(near)
        calls.append("forget")

    world.reactor.on_readable(near, calls.append, "watch")
    far.send(b"x")
    world.reactor.call_soon(forget)
    world.reactor.turn()

    assert calls[-1] == "forget"


def test_a_watch_can_forget_another_descriptor_that_is_ready_in_the_same_turn(
    world: World,
) -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    nears = [near for near, _ in pairs]
    calls: list[int] = []

    def close_the_other(mine: int) -> None:
        calls.append(mine)
        other = nears[1 - mine]
        world.reactor.forget(other)
        other.close()

    for index, (near, far) in enumerate(pairs):
        world.reactor.on_readable(near, close_the_other, index)
        far.send(b"x")
    world.reactor.turn()

    assert len(calls) == 1
    world.reactor.forget(nears[calls[0]])
    for near, far in pairs:
        near.close()
        far.close()


# -- one at a time


def test_a_second_watch_on_a_side_is_refused(world: World, pair: Pair) -> None:
    near, _far = pair
    world.reactor.on_readable(near, nothing)

    with pytest.raises(BusyError, match=r"already has a waiter, <Watch nothing .*>; one at a time"):
        world.reactor.on_readable(near, nothing)


def test_a_second_watch_is_refused_also_while_the_first_is_queued(
    pair: Pair, seed: int | None
) -> None:
    near, far = pair
    calls: list[str] = []
    heard = Heard()
    with World(on_error=heard, seed=seed) as world:
        world.reactor.on_readable(near, calls.append, "first")
        world.reactor.call_soon(world.reactor.on_readable, near, calls.append, "second")
        far.send(b"x")
        for _ in range(2):
            world.reactor.turn()

    assert [type(error) for error in heard.errors] == [BusyError]
    assert calls == ["first", "first"]


def test_nobody_else_may_wait_on_a_side_while_its_watch_is_queued(
    pair: Pair, seed: int | None
) -> None:
    near, far = pair
    heard, waiter = Heard(), Waiter()
    with World(on_error=heard, seed=seed) as world:
        world.reactor.on_readable(near, near.recv, 9)
        world.reactor.call_soon(world.reactor.reading(near).park, waiter)
        far.send(b"x")
        world.reactor.turn()

    assert [type(error) for error in heard.errors] == [BusyError]
    assert waiter.runs == 0


# -- one that fails


def test_a_watch_whose_callback_fails_is_reported_and_goes_on(pair: Pair, seed: int | None) -> None:
    near, far = pair
    heard = Heard()
    with World(on_error=heard, seed=seed) as world:
        world.reactor.on_readable(near, fail_with, ValueError("cannot"))
        far.send(b"x")
        for _ in range(2):
            world.reactor.turn()

    assert [str(error) for error in heard.errors] == ["cannot", "cannot"]
    assert heard.names[0].startswith("<Watch fail_with (")


def test_a_watch_that_forgets_its_descriptor_and_then_fails_is_reported_once(
    pair: Pair, seed: int | None
) -> None:
    near, far = pair
    heard = Heard()
    with World(on_error=heard, seed=seed) as world:

        def end() -> None:
            world.reactor.forget(near)
            raise ValueError("after all")

        world.reactor.on_readable(near, end)
        far.send(b"x")
        for _ in range(3):
            world.reactor.call_soon(nothing)
            world.reactor.turn()

    assert [str(error) for error in heard.errors] == ["after all"]


def test_a_watch_that_cannot_wait_again_is_reported_and_over(pair: Pair, seed: int | None) -> None:
    near, far = pair
    heard, recorder = Heard(), Recorder()
    with World(recorder, on_error=heard, seed=seed) as world:
        watch = world.reactor.on_writable(near, near.send, b"x")
        recorder.refusal = OSError(errno.ENOSPC, "too many watches")
        world.reactor.turn()
        assert [str(error).partition("; ")[0] for error in heard.errors] == [
            f"[Errno 28] too many watches: <Side fd={near.fileno()} writing> cannot be watched"
        ]
        assert heard.names[0].startswith("<Watch socket.send")

        recorder.refusal = None
        assert watch.cancel() is False
        world.reactor.on_writable(near, near.send, b"y")
        world.reactor.turn()

    assert far.recv(9) == b"y"
