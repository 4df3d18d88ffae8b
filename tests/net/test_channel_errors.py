"""What goes wrong in a channel: in its hooks, with its descriptor, with its poller."""

from __future__ import annotations

import socket

import pytest

from reactor import ClosedError, Tracer
from reactor.errors import ReactorError
from reactor.loop import Runnable
from reactor.poller import PollPoller
from reactor.testing import World
from tests.net.peers import (
    Pair,
    read_to_end,
)
from tests.net.recorder import Recorder

MUCH = bytes(range(256)) * 800


def fail(*_: object) -> None:
    raise ZeroDivisionError("of the override")


def test_an_error_in_received_is_reported_and_closes_it(
    lenient: World, pair: Pair, errors: list[Exception]
) -> None:
    near, far = pair
    channel = Recorder(lenient.reactor, near, on_data=fail)
    far.send(b"x")

    lenient.run_until(1)

    assert [str(error) for error in errors] == ["of the override"]
    assert channel.ended_with == errors


def test_an_error_in_received_end_is_reported_and_closes_it(
    lenient: World, pair: Pair, errors: list[Exception]
) -> None:
    near, far = pair
    channel = Recorder(lenient.reactor, near, on_end=fail)
    far.close()

    lenient.run_until(1)

    assert [str(error) for error in errors] == ["of the override"]
    assert channel.ended_with == errors


def test_an_error_in_sent_is_reported_and_closes_it(
    lenient: World, small: Pair, errors: list[Exception]
) -> None:
    near, far = small
    channel = Recorder(lenient.reactor, near, on_sent=fail)
    channel.send(MUCH)

    def read() -> None:
        if not far.recv(1_000_000):
            watch.cancel()

    watch = lenient.reactor.on_readable(far, read)
    lenient.run_until(1)

    assert [str(error) for error in errors] == ["of the override"]
    assert channel.ended_with == errors


def test_an_error_in_ended_is_reported(lenient: World, pair: Pair, errors: list[Exception]) -> None:
    near, far = pair
    channel = Recorder(lenient.reactor, near, on_ended=fail)
    far.close()

    lenient.run_until(1)

    assert [str(error) for error in errors] == ["of the override"]
    assert channel.ended_with == [None]
    assert not channel.is_open


def test_what_is_no_exception_leaves_run_and_closes_it_too(world: World, pair: Pair) -> None:
    near, far = pair

    def exit_program(channel: Recorder, data: bytes) -> None:
        raise SystemExit(3)

    channel = Recorder(world.reactor, near, on_data=exit_program)
    far.send(b"x")
    with pytest.raises(SystemExit):
        world.run_until(1)

    assert channel.ended_with == [None]


def test_a_descriptor_that_somebody_else_forgot_is_theirs(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    with socket.socket(fileno=channel.fileno()) as theirs:
        world.reactor.forget(theirs)
        world.run_until(1)
        channel.close()
        far.send(b"to them")

        assert theirs.recv(100) == b"to them"
    assert channel.data == []
    assert [type(error) for error in channel.ended_with] == [ClosedError]


def test_one_that_waited_for_room_hears_once_that_its_descriptor_was_forgotten(
    world: World, small: Pair
) -> None:
    near, _ = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    with socket.socket(fileno=channel.fileno()) as theirs:
        world.reactor.forget(theirs)
        world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [ClosedError]


def test_one_that_was_queued_hears_once_that_its_descriptor_was_forgotten(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    had_come: list[bytes] = []

    def forget() -> None:  # without a seed it runs before the channel, which is queued
        world.reactor.forget(theirs)
        had_come.extend(channel.data)

    far.send(b"queues it")
    with socket.socket(fileno=channel.fileno()) as theirs:
        world.reactor.call_soon(forget)
        world.run_until(1)

    assert channel.data == had_come
    assert [type(error) for error in channel.ended_with] == [ClosedError]


class FourthStep(Tracer):
    """Knows whether the turn has come to its fourth step."""

    def __init__(self) -> None:
        self.running = False

    def turn(self, patience: float | None) -> None:
        self.running = False

    def run(self, what: Runnable) -> None:
        self.running = True


def test_a_descriptor_closed_behind_its_back_ends_it_in_the_fourth_step(
    pair: Pair, seed: int | None
) -> None:
    near, _ = pair
    step, errors, where = FourthStep(), list[Exception](), list[bool]()
    with World(
        PollPoller(), tracer=step, on_error=lambda _, error: errors.append(error), seed=seed
    ) as world:
        channel = Recorder(world.reactor, near, on_ended=lambda channel: where.append(step.running))
        socket.close(channel.fileno())
        world.run_until(1)

    assert where == [True]
    assert [type(error) for error in errors] == [ReactorError]


class Crowded(PollPoller):
    """A poller that has no room for one more, as epoll in a shortage of memory."""

    full = False

    def add(self, fd: int, events: int) -> None:
        self._refuse()
        super().add(fd, events)

    def change(self, fd: int, old: int, new: int) -> None:
        self._refuse()
        super().change(fd, old, new)

    def _refuse(self) -> None:
        if self.full:
            raise MemoryError("no room for one more")


def test_a_poller_without_room_for_it_ends_it_in_a_later_turn(pair: Pair, seed: int | None) -> None:
    near, far = pair
    poller = Crowded()
    with World(poller, seed=seed) as world:
        poller.full = True
        channel = Recorder(world.reactor, near)
        assert channel.is_open
        poller.full = False
        world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [MemoryError]
    assert read_to_end(far) == b""


def test_a_poller_without_room_for_a_stalled_send_ends_it(small: Pair, seed: int | None) -> None:
    near, _ = small
    poller = Crowded()
    with World(poller, seed=seed) as world:
        channel = Recorder(world.reactor, near)
        poller.full = True
        channel.send(MUCH)
        world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [MemoryError]
