"""Channel: receiving and sending, in callbacks."""

from __future__ import annotations

import gc
import os
import socket
import weakref
from array import array

import pytest

from reactor import ClosedError, Reactor, Runnable
from reactor.net import Channel
from reactor.testing import World
from tests.net.peers import SMALL, InThread, Pair, read_to_end, reset
from tests.net.recorder import Recorder, echo

MUCH = bytes(range(256)) * 800


def test_what_comes_is_received_in_pieces_of_the_limit(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, limit=2)
    far.send(b"hello")

    world.run_until(1)

    assert channel.data == [b"he", b"ll", b"o"]
    channel.close()


def test_a_channel_knows_its_reactor_its_peer_and_its_limit(world: World, pair: Pair) -> None:
    near, _ = pair
    number = near.fileno()
    channel = Channel(world.reactor, near, "somebody", limit=512)

    assert (channel.reactor, channel.peer, channel.limit) == (world.reactor, "somebody", 512)
    assert repr(channel) == f"<Channel fd={number} peer='somebody'>"
    channel.close()
    assert repr(channel) == "<Channel fd=-1 peer='somebody'>"


def test_a_channel_without_a_received_of_its_own_says_so_and_closes(
    lenient: World, pair: Pair, errors: list[Exception]
) -> None:
    near, far = pair
    channel = Channel(lenient.reactor, near)
    far.send(b"x")

    lenient.run_until(1)

    (error,) = errors
    assert isinstance(error, NotImplementedError)
    assert str(error).endswith("has no received(data); write one")
    assert channel.fileno() == -1


def test_what_has_no_hooks_of_its_own_closes_with_its_peer(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Channel(world.reactor, near)
    far.close()

    world.run_until(1)

    assert channel.fileno() == -1


def test_a_reply_is_sent_from_inside_received(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, on_data=echo)
    far.send(b"hello")

    world.run_until(1)

    assert far.recv(100) == b"hello"
    channel.close()


def test_it_sends_from_outside_too(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.send(b"hello")
    channel.send(b"")

    assert not channel.unsent
    assert far.recv(100) == b"hello"
    channel.close()


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_data_that_another_holder_of_the_socket_took_is_waited_for_again(
    world: World, pair: Pair
) -> None:
    near, far = pair
    shared = os.dup(near.fileno())
    channel = Recorder(world.reactor, near)
    far.send(b"for the other")
    world.reactor.call_soon(os.read, shared, 100)  # runs before the channel, which is queued

    world.run_until(1)
    assert channel.data == []
    far.send(b"for us")
    world.run_until(2)

    assert channel.data == [b"for us"]
    channel.close()
    os.close(shared)


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_a_wake_for_nothing_after_the_half_close_changes_nothing(world: World, pair: Pair) -> None:
    near, far = pair
    shared = os.dup(near.fileno())
    channel = Recorder(world.reactor, near)
    channel.finish(10)

    def send_and_take() -> None:
        far.send(b"for the other")
        world.reactor.call_soon(os.read, shared, 100)  # runs before the channel, which is queued

    world.reactor.call_at(5, send_and_take)
    world.run_until(9.99)
    assert channel.is_open
    world.run_until(10)

    assert channel.ended_with == [None]
    os.close(shared)


def test_a_channel_closed_in_the_turn_in_which_its_data_came_receives_nothing(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    had_come: list[bytes] = []

    def close() -> None:  # without a seed it runs before the channel, which is queued
        channel.close()
        had_come.extend(channel.data)

    far.send(b"too late")
    world.reactor.call_soon(close)
    world.run_until(1)

    assert channel.data == had_come
    assert channel.ended_with == [None]


def test_a_reset_ends_it_with_the_error(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    channel = Recorder(real, near, on_ended=lambda channel: real.stop())
    reset(far)

    real.run()

    assert [type(error) for error in channel.ended_with] == [ConnectionResetError]


def test_a_send_to_one_who_is_gone_ends_it_in_a_later_turn(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    far.close()
    channel.send(b"for nobody")
    channel.send(b"nor this")
    assert channel.ended_with == []

    world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [BrokenPipeError]
    assert channel.data == []


def test_nothing_can_be_sent_on_a_closed_channel(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    channel.close()

    with pytest.raises(
        ClosedError, match=r"<Recorder fd=-1 .*> is closed; look at its closed before"
    ):
        channel.send(b"late")


def test_a_whole_conversation_over_tcp(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    channel = Recorder(real, near, on_data=echo, limit=512, on_ended=lambda channel: real.stop())

    def talk(sock: socket.socket) -> bytes:
        for start in range(0, len(MUCH), 5000):
            sock.sendall(MUCH[start : start + 5000])
        sock.shutdown(socket.SHUT_WR)
        return read_to_end(sock)

    with InThread(talk, far) as peer:
        real.run()

    assert peer.result() == MUCH
    assert channel.ends == 1
    assert channel.ended_with == [None]


def test_the_loop_can_ask_it_to_run_without_a_reason(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    as_runnable: Runnable = channel
    world.reactor.ready.append(as_runnable)

    world.run_until(1)

    assert channel.is_open
    channel.close()
    as_runnable.run()
    as_runnable.lose(None, ClosedError("too late to matter"))
    assert channel.ended_with == [None]


def test_sizes_are_in_bytes_whatever_a_view_counts(real: Reactor, small: Pair) -> None:
    near, far = small
    numbers = array("I", range(50_000))
    channel = Recorder(real, near)
    with InThread(read_to_end, far) as peer:
        channel.send(memoryview(numbers))
        channel.send(memoryview(numbers))
        channel.finish()
        while channel.unsent:
            real.turn()

    assert peer.result() == 2 * numbers.tobytes()
    channel.close()


@pytest.mark.parametrize("finished", [False, True])
def test_a_channel_that_has_ended_is_let_go_without_the_garbage_collector(
    world: World, pair: Pair, finished: bool
) -> None:
    near, far = pair
    channels = [Recorder(world.reactor, near, idle_seconds=60)]
    gone = weakref.ref(channels[0])
    if finished:
        channels[0].finish(60)
    far.close()
    gc.collect()
    gc.disable()
    try:
        world.run_until(1)
        assert channels.pop().ended_with == [None]
        assert gone() is None
    finally:
        gc.enable()
