"""Idle limits of channels, and the timer that keeps every limit."""

from __future__ import annotations

import os
import socket

import pytest

from reactor import DeadlockError, IdleError, Reactor
from reactor.net.idle import IdleTimer
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import Pair, fill
from tests.net.recorder import Recorder

MUCH = bytes(200_000)


def drain(sock: socket.socket) -> None:
    """Read what is there, as a peer who begins to read again."""
    assert sock.recv(1_000_000)


def test_a_channel_on_which_nothing_moves_ends(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near, idle_seconds=10)

    world.run_until(9.99)
    assert channel.is_open
    world.run_until(10)

    (error,) = channel.ended_with
    assert isinstance(error, IdleError)
    assert str(error).startswith("nothing moved on <Recorder fd=")


def test_a_channel_that_waits_for_room_ends_too(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near, idle_seconds=10)
    channel.send(MUCH)
    world.reactor.call_at(4, drain, far)

    world.run_until(13.99)
    assert channel.is_open
    world.run_until(14)

    assert [type(error) for error in channel.ended_with] == [IdleError]


def test_what_a_channel_receives_keeps_it(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, idle_seconds=10)
    world.reactor.call_at(4, far.send, b"x")

    world.run_until(13.99)
    assert channel.is_open
    world.run_until(14)

    assert not channel.is_open


def test_what_a_channel_sends_keeps_it(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near, idle_seconds=10)
    for when in (5, 10, 15, 20):
        world.reactor.call_at(when, channel.send, b"tick")

    world.run_until(29.99)
    assert channel.is_open
    world.run_until(30)

    assert not channel.is_open


def test_a_send_of_which_no_byte_goes_out_does_not_keep_a_channel(
    world: World, small: Pair
) -> None:
    near, _ = small
    shared = near.dup()
    channel = Recorder(world.reactor, near, idle_seconds=10)
    fill(shared)
    world.reactor.call_at(5, channel.send, b"stays here")

    world.run_until(10)

    assert not channel.is_open
    shared.close()


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_a_wake_for_nothing_does_not_keep_a_channel(world: World, pair: Pair) -> None:
    near, far = pair
    shared = os.dup(near.fileno())
    channel = Recorder(world.reactor, near, idle_seconds=10)

    def send_and_take() -> None:
        far.send(b"for the other")
        world.reactor.call_soon(os.read, shared, 100)  # runs before the channel, which is queued

    world.reactor.call_at(5, send_and_take)
    world.run_until(10)

    assert [type(error) for error in channel.ended_with] == [IdleError]
    assert channel.data == []
    os.close(shared)


def test_a_channel_that_was_closed_has_no_limit(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near, idle_seconds=10)
    channel.close()

    with pytest.raises(DeadlockError):  # no timer is left
        world.reactor.turn()
    assert channel.ended_with == [None]


def test_a_channel_may_have_been_finished_when_its_limit_comes(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near, idle_seconds=10)
    channel.finish(100)

    world.run_until(10)

    assert channel.ended_with == [None]


class Owner:
    """Someone with an idle limit, who hears of it."""

    def __init__(self, reactor: Reactor) -> None:
        self.rings: list[float] = []
        self._reactor = reactor

    def expired(self) -> None:
        self.rings.append(self._reactor.now())


def test_the_timer_rings_again_and_again_until_it_is_called_off(world: World) -> None:
    owner = Owner(world.reactor)
    timer = IdleTimer(world.reactor, 10, owner.expired)

    world.run_until(35)
    timer.cancel()
    world.run_until(100)

    assert owner.rings == [10, 20, 30]


def test_the_timer_of_one_who_is_gone_rings_no_more(world: World, turns: Turns) -> None:
    IdleTimer(world.reactor, 10, Owner(world.reactor).expired)

    world.run_until(10)
    before = turns.count
    world.run_until(1000)

    assert turns.count - before <= 2
