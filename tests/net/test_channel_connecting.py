"""Connecting in callbacks: a channel, or an error, is told later."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from reactor import Reactor, sleep
from reactor.net import (
    Address,
    Channel,
    Place,
    connect_channel,
    connect_unix_channel,
    listen,
)
from reactor.tasks import WaitQueue
from reactor.testing import World
from tests.net.played_attempts import REFUSED, A, Attempts, B, Plays
from tests.net.recorder import Recorder


class Caller:
    """Makes channels, or hears why not."""

    def __init__(self, world: World) -> None:
        self.channels: list[Recorder] = []
        self.addresses: list[Address] = []
        self.errors: list[Exception] = []
        self.when: list[float] = []
        self._world = world

    def make(self, reactor: Reactor, fd: int, address: Address) -> Recorder:
        self.addresses.append(address)
        self.channels.append(Recorder(reactor, fd))
        self.when.append(self._world.clock.now)
        return self.channels[-1]

    def failed(self, error: Exception) -> None:
        self.errors.append(error)
        self.when.append(self._world.clock.now)


@pytest.fixture
def caller(world: World) -> Caller:
    return Caller(world)


def play(world: World, caller: Caller, plays: Plays, seconds: float | None = None) -> Attempts:
    """Begin to connect where attempts go like that."""
    attempts = Attempts(world, plays)
    connect_channel(
        world.reactor,
        *("host", 80, caller.make, caller.failed),
        seconds=seconds,
        resolver=attempts.look_up,
        attempt=attempts,
    )
    return attempts


def end(attempts: Attempts, caller: Caller) -> None:
    for sock in attempts.far.values():
        sock.close()
    for channel in caller.channels:
        channel.close()


def test_a_channel_is_made_by_the_first_address_that_answers(world: World, caller: Caller) -> None:
    attempts = play(world, caller, {A: (9, None), B: (1, None)})
    world.run_until(5)

    assert caller.addresses == [B.address]
    assert (caller.when, caller.errors) == ([1.25], [])
    assert attempts.cancelled == [A.address[0]]
    caller.channels[0].send(b"hello")
    assert attempts.far[B.address[0]].recv(100) == b"hello"
    end(attempts, caller)


def test_nothing_is_told_before_a_later_turn(world: World, caller: Caller) -> None:
    attempts = play(world, caller, {A: (0, None)})
    assert (caller.channels, caller.errors) == ([], [])
    world.run_until(1)
    assert len(caller.channels) == 1
    end(attempts, caller)


def test_an_error_is_told(world: World, caller: Caller) -> None:
    play(world, caller, {A: (1, REFUSED)})
    world.run_until(5)

    (error,) = caller.errors
    assert isinstance(error, ConnectionRefusedError)
    assert "no connection to 'host' port 80" in str(error)
    assert (caller.channels, caller.when) == ([], [1.0])


def test_time_that_is_up_is_told(world: World, caller: Caller) -> None:
    attempts = play(world, caller, {A: (9, None)}, seconds=2)
    world.run_until(5)

    assert [type(error) for error in caller.errors] == [TimeoutError]
    assert attempts.cancelled == [A.address[0]]


@pytest.mark.parametrize("when", [0.5, 1.0])
def test_calling_it_off_tells_nobody_and_leaves_nothing(
    world: World, caller: Caller, when: float
) -> None:
    attempts = Attempts(world, {A: (1, None)})
    scope = connect_channel(
        world.reactor,
        *("host", 80, caller.make, caller.failed),
        resolver=attempts.look_up,
        attempt=attempts,
    )
    world.reactor.call_at(when, scope.cancel)
    world.run_until(5)

    assert (caller.channels, caller.errors) == ([], [])
    end(attempts, caller)


@pytest.mark.in_order("somebody comes between an answer and the turn of whom it woke")
def test_calling_it_off_while_its_socket_is_on_the_way_tells_nobody_and_closes_that(
    world: World, caller: Caller
) -> None:
    near, far = socket.socketpair()

    async def look_up(host: str, port: int) -> list[Place]:
        return [A]

    async def attempt(place: Place) -> socket.socket:
        await sleep(1)
        world.reactor.call_soon(scope.cancel)  # before the turn of the task that is told of it
        return near

    scope = connect_channel(
        world.reactor, "host", 80, caller.make, caller.failed, resolver=look_up, attempt=attempt
    )
    world.run_until(5)

    assert (caller.channels, caller.errors) == ([], [])
    with far:
        assert far.recv(1) == b""


def test_calling_it_off_while_its_error_is_on_the_way_tells_nobody(
    world: World, caller: Caller
) -> None:
    answer: WaitQueue[None] = WaitQueue()

    async def look_up(host: str, port: int) -> list[Place]:
        await answer
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    scope = connect_channel(world.reactor, "host", 80, caller.make, caller.failed, resolver=look_up)

    def answer_and_call_off() -> None:
        answer.wake_all(None)
        scope.cancel()

    world.reactor.call_at(1, answer_and_call_off)
    world.run_until(5)

    assert (caller.channels, caller.errors) == ([], [])


def test_calling_it_off_when_it_is_done_changes_nothing(world: World, caller: Caller) -> None:
    attempts = Attempts(world, {A: (1, None)})
    scope = connect_channel(
        world.reactor,
        *("host", 80, caller.make, caller.failed),
        resolver=attempts.look_up,
        attempt=attempts,
    )
    world.reactor.call_at(2, scope.cancel)
    world.run_until(5)

    assert caller.channels[0].is_open
    end(attempts, caller)


def test_a_port_that_cannot_be_is_refused_at_once(world: World, caller: Caller) -> None:
    with pytest.raises(ValueError, match="there is no port 99999"):
        connect_channel(world.reactor, "host", 99_999, caller.make, caller.failed)


@pytest.mark.parametrize("error", [None, REFUSED], ids=["make", "failed"])
def test_what_a_callback_raises_is_reported_and_goes_to_no_other(
    lenient: World, errors: list[Exception], error: OSError | None
) -> None:
    told: list[str] = []

    def make(reactor: Reactor, fd: int, address: Address) -> Recorder:
        os.close(fd)
        told.append("make")
        raise ValueError("mine")

    def failed(error: Exception) -> None:
        told.append("failed")
        raise ValueError("mine")

    attempts = Attempts(lenient, {A: (0, error)})
    connect_channel(
        lenient.reactor, "host", 80, make, failed, resolver=attempts.look_up, attempt=attempts
    )
    lenient.run_until(1)

    assert [str(error) for error in errors] == ["mine"]
    assert told == ["make" if error is None else "failed"]
    for sock in attempts.far.values():
        sock.close()


def test_a_reactor_that_is_closed_meanwhile_leaves_nothing(seed: int | None) -> None:
    with World(seed=seed) as world:
        caller = Caller(world)
        attempts = play(world, caller, {A: (9, None)})
        world.run_until(1)

    assert (caller.channels, caller.errors) == ([], [])
    assert attempts.far == {}


def test_who_fails_may_try_again_from_the_callback(world: World, caller: Caller) -> None:
    attempts = Attempts(world, {A: (1, None)})

    def again(error: Exception) -> None:
        connect_channel(
            world.reactor,
            *("host", 80, caller.make, caller.failed),
            resolver=attempts.look_up,
            attempt=attempts,
        )

    refusing = Attempts(world, {A: (1, REFUSED)})
    connect_channel(
        world.reactor,
        *("host", 80, caller.make, again),
        resolver=refusing.look_up,
        attempt=refusing,
    )
    world.run_until(5)

    assert caller.when == [2.0]
    end(attempts, caller)


def test_over_tcp(real: Reactor) -> None:
    channels: list[Recorder] = []

    def make(reactor: Reactor, fd: int, address: Address) -> Recorder:
        channels.append(Recorder(reactor, fd, on_data=lambda channel, data: reactor.stop()))
        return channels[-1]

    with listen("127.0.0.1", 0) as door:
        connect_channel(real, "127.0.0.1", door.getsockname()[1], make, _raise)
        real.on_readable(door, lambda: greeted(door))
        real.run()
        real.forget(door)

    assert channels[0].data == [b"welcome"]
    channels[0].close()


def greeted(door: socket.socket) -> None:
    client, _ = door.accept()
    with client:
        client.send(b"welcome")


def _raise(error: Exception) -> None:
    raise error


def test_to_a_unix_socket(world: World, caller: Caller, door: socket.socket) -> None:
    connect_unix_channel(world.reactor, door.getsockname(), caller.make, caller.failed)
    world.run_until(1)

    (channel,) = caller.channels
    assert caller.addresses == [door.getsockname()]
    client, _ = door.accept()
    with client:
        channel.send(b"hello")
        assert client.recv(100) == b"hello"
    channel.close()


def test_a_path_where_nobody_listens_is_told(world: World, caller: Caller, tmp_path: Path) -> None:
    connect_unix_channel(world.reactor, tmp_path / "nobody", caller.make, caller.failed)
    world.run_until(1)

    (error,) = caller.errors
    assert isinstance(error, FileNotFoundError)
    assert error.filename == str(tmp_path / "nobody")


def test_a_path_that_cannot_be_is_refused_at_once(world: World, caller: Caller) -> None:
    with pytest.raises(ValueError, match="is no path for a socket"):
        connect_unix_channel(world.reactor, "", caller.make, caller.failed)


def test_a_class_derived_from_channel_makes_one(world: World, caller: Caller) -> None:
    peers: list[Address] = []

    class Greeter(Channel):
        def ended(self, error: Exception | None) -> None:
            peers.append(self.peer)

    attempts = Attempts(world, {A: (0, None)})
    connect_channel(
        world.reactor,
        *("host", 80, Greeter, caller.failed),
        resolver=attempts.look_up,
        attempt=attempts,
    )
    world.run_until(1)
    attempts.far[A.address[0]].close()
    world.run_until(2)

    assert peers == [A.address]
