"""Channel.finish: the end in good order, in bounded time."""

from __future__ import annotations

import socket
from collections.abc import Callable
from math import nan

import pytest

from reactor import ClosedError, Reactor
from reactor.testing import World
from tests.net.peers import (
    DEADLINE,
    InThread,
    Pair,
    read_to_end,
    reset,
    tcp_pair,
    wait_until_readable,
)
from tests.net.recorder import Recorder

MUCH = bytes(range(256)) * 800


def test_finish_half_closes_and_closes_when_the_peer_has_closed_too(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.send(b"bye")
    channel.finish()
    assert read_to_end(far) == b"bye"
    assert channel.is_open

    far.close()
    world.run_until(0.1)

    assert channel.ended_with == [None]


def test_finish_waits_for_the_peer_as_long_as_was_said(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    channel.finish(3)

    world.run_until(2.99)
    assert channel.is_open
    world.run_until(3)

    assert channel.ended_with == [None]


def test_unless_told_otherwise_it_waits_for_a_quarter_of_a_second(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    channel.finish()

    world.run_until(0.24)
    assert channel.is_open
    world.run_until(0.25)

    assert not channel.is_open


def test_finish_throws_away_what_still_comes(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    far.send(b"unread")
    channel.finish()
    far.send(b"and more")
    far.shutdown(socket.SHUT_WR)

    world.run_until(0.1)

    assert channel.data == []
    assert channel.ends == 0
    assert channel.ended_with == [None]
    assert read_to_end(far) == b"", "not a reset"


def test_a_peer_that_goes_on_sending_gets_no_longer(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.finish(3)

    def chatter() -> None:
        far.send(b"and another thing")
        world.reactor.call_later(0.01, chatter)

    chatter()
    world.run_until(2.99)
    assert channel.is_open
    with pytest.raises(BrokenPipeError):
        world.run_until(4)

    assert channel.ended_with == [None]
    assert world.clock.now < 3.1


def test_finish_first_sends_what_waits_to_be_sent(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    channel.finish(3)
    world.run_until(100)
    assert channel.is_open, "the time begins with the half-close"
    got = bytearray()
    while channel.unsent:
        got += far.recv(1_000_000)
        world.run_until(world.clock.now + 1)
    half_closed = world.clock.now

    assert bytes(got) + read_to_end(far) == MUCH
    world.run_until(half_closed + 3)
    assert channel.ended_with == [None]


def test_a_peer_whose_last_bytes_were_not_read_still_reads_the_whole_reply(
    real: Reactor,
) -> None:
    near, far = tcp_pair(receive_buffer=4096)  # so most of the reply is still with us at the end
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, len(MUCH))

    def ask_for_more_than_is_read(sock: socket.socket) -> bytes:
        sock.sendall(bytes(5000))
        return read_to_end(sock)

    def reply_and_finish(channel: Recorder, data: bytes) -> None:
        channel.send(MUCH)
        channel.finish(DEADLINE)

    channel = Recorder(
        real, near, on_data=reply_and_finish, on_ended=lambda channel: real.stop(), limit=512
    )
    with InThread(ask_for_more_than_is_read, far) as peer:
        real.run()

    assert peer.result() == MUCH
    assert channel.data == [bytes(512)]
    assert channel.ended_with == [None]


def test_finishing_again_changes_nothing(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    channel.finish(3)
    channel.finish(1)
    world.run_until(2.99)
    assert channel.is_open
    world.run_until(3)
    channel.finish()

    assert channel.ended_with == [None]


def test_finishing_again_while_bytes_wait_to_be_sent_changes_nothing(
    world: World, small: Pair
) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    channel.finish(3)
    channel.finish(1000)
    while channel.unsent:
        far.recv(1_000_000)
        world.run_until(world.clock.now + 1)

    world.run_until(world.clock.now + 3)

    assert channel.ended_with == [None]


@pytest.mark.parametrize("message", [b"short", MUCH], ids=["sent", "stalled"])
def test_nothing_can_be_sent_on_a_channel_that_is_being_finished(
    world: World, small: Pair, message: bytes
) -> None:
    near, _ = small
    channel = Recorder(world.reactor, near)
    channel.send(message)
    channel.finish()
    with pytest.raises(ClosedError, match="is being finished; send all before finish"):
        channel.send(b"and another thing")
    channel.close()


def test_a_peer_that_was_gone_before_is_seen_off(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    channel = Recorder(real, near)
    reset(far)
    wait_until_readable(channel.fileno())

    channel.finish(DEADLINE)

    assert channel.ended_with == [None]


def test_a_peer_that_resets_the_connection_after_the_half_close_is_seen_off(
    real: Reactor, tcp: Pair
) -> None:
    near, far = tcp
    channel = Recorder(real, near, on_ended=lambda channel: real.stop())
    channel.finish(DEADLINE)
    reset(far)

    real.run()

    assert channel.ended_with == [None]


@pytest.mark.parametrize("afterwards", [Recorder.finish, Recorder.close])
def test_a_reply_that_could_not_be_sent_is_told_whatever_follows(
    real: Reactor, tcp: Pair, afterwards: Callable[[Recorder], None]
) -> None:
    near, far = tcp
    channel = Recorder(real, near)
    reset(far)
    wait_until_readable(channel.fileno())

    channel.send(b"reply")
    afterwards(channel)

    (error,) = channel.ended_with
    assert isinstance(error, ConnectionError)


@pytest.mark.parametrize("unsent", [b"", MUCH], ids=["all sent", "unsent"])
def test_a_time_that_is_no_number_is_refused_and_nothing_ends(
    world: World, small: Pair, unsent: bytes
) -> None:
    near, _ = small
    channel = Recorder(world.reactor, near)
    channel.send(unsent)
    with pytest.raises(ValueError, match="cannot be finished in NaN seconds"):
        channel.finish(nan)
    channel.send(b"more")
    channel.close()


def test_it_can_finish_inside_received(world: World, pair: Pair) -> None:
    near, far = pair

    def reply_and_finish(channel: Recorder, data: bytes) -> None:
        channel.send(b"OK")
        channel.finish()

    channel = Recorder(world.reactor, near, on_data=reply_and_finish, limit=4)
    far.send(b"more than is read")
    far.shutdown(socket.SHUT_WR)
    world.run_until(0.1)

    assert read_to_end(far) == b"OK"
    assert channel.data == [b"more"]
    assert channel.ended_with == [None]


def test_it_can_finish_inside_received_with_bytes_unsent(world: World, small: Pair) -> None:
    near, far = small

    def reply_and_finish(channel: Recorder, data: bytes) -> None:
        channel.send(MUCH)
        channel.finish()

    channel = Recorder(world.reactor, near, on_data=reply_and_finish)
    far.send(b"x")
    world.run_until(1)
    got = bytearray()
    while channel.unsent:
        got += far.recv(1_000_000)
        world.run_until(world.clock.now + 0.01)

    assert bytes(got) + read_to_end(far) == MUCH
    channel.close()


# -- between the half-close and the end


@pytest.mark.parametrize("limit", [None, 4], ids=["anything", "a piece at a time"])
def test_what_the_peer_still_says_is_thrown_away(
    world: World, pair: Pair, limit: int | None
) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, limit=limit)
    channel.finish(3)
    for second in range(1, 3):
        far.send(b"and another thing")
        world.run_until(second)
    assert channel.is_open

    far.close()
    world.run_until(2.5)

    assert channel.data == []
    assert channel.ended_with == [None]


def test_what_came_in_the_turn_of_the_finish_is_thrown_away_too(world: World, pair: Pair) -> None:
    near, far = pair
    other, trigger = socket.socketpair()
    with other, trigger:
        channel = Recorder(world.reactor, near)
        had_come: list[bytes] = []

        def finish() -> None:
            other.recv(100)
            channel.finish(3)
            had_come.extend(channel.data)

        world.reactor.on_readable(other, finish)
        trigger.send(b"finish")
        far.send(b"too late")
        world.run_until(1)

        assert channel.data == had_come
        assert channel.is_open
        world.reactor.forget(other)
    world.run_until(3)

    assert channel.ended_with == [None]


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_a_wake_for_nothing_ends_nothing(world: World, pair: Pair) -> None:
    near, far = pair
    thief = near.dup()
    channel = Recorder(world.reactor, near)
    channel.finish(3)
    far.send(b"stolen")
    with thief:
        world.reactor.call_soon(thief.recv, 100)
        world.run_until(2)

    assert channel.is_open
    world.run_until(3)
    assert channel.ended_with == [None]


def test_what_the_peer_still_says_keeps_the_idle_limit_away(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, idle_seconds=2)
    channel.finish(10)
    for second in range(1, 7):
        far.send(b"and another thing")
        world.run_until(second)
    assert channel.is_open

    world.run_until(9)

    assert channel.ended_with == [None]


def test_one_whose_descriptor_is_forgotten_meanwhile_ends(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    number = channel.fileno()
    channel.finish(3)
    far.send(b"too late")
    world.reactor.forget(number)
    socket.close(number)
    world.run_until(5)

    assert channel.data == []
    (error,) = channel.ended_with
    assert isinstance(error, ClosedError)
