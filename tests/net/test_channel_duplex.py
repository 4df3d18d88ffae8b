"""Duplex channels: both ways go on by themselves. And what they are for, a proxy in callbacks."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from reactor import BusyError, Reactor
from reactor.net import Channel
from reactor.testing import World
from tests.net.peers import Pair, fill, make_small, read_to_end, reset
from tests.net.recorder import Recorder

MUCH = bytes(range(256)) * 800


def test_a_duplex_channel_receives_while_bytes_wait_to_be_sent(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near, duplex=True)
    channel.send(MUCH)
    far.send(b"one")
    world.run_until(1)
    far.send(b"two")
    world.run_until(2)

    assert channel.unsent
    assert channel.data == [b"one", b"two"]
    channel.close()


def test_one_that_is_not_duplex_does_not(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    far.send(b"one")
    world.run_until(1)

    assert channel.data == []
    channel.close()


def test_it_sends_on_and_receives_in_the_same_turn(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near, duplex=True)
    channel.send(MUCH)
    got = bytearray()
    for number in range(1_000):
        got += far.recv(1_000_000)
        far.send(bytes([number % 256]))
        world.run_until(world.clock.now + 1)
        if not channel.unsent:
            break
    got += far.recv(1_000_000)

    assert bytes(got) == MUCH
    assert b"".join(channel.data) == bytes(i % 256 for i in range(number + 1))
    channel.close()


def test_paused_it_still_sends_on(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near, duplex=True)
    channel.pause()
    channel.send(MUCH)
    far.send(b"later")
    got = bytearray()
    while channel.unsent:
        got += far.recv(1_000_000)
        world.run_until(world.clock.now + 1)
    got += far.recv(1_000_000)

    assert bytes(got) == MUCH
    assert channel.data == []
    channel.close()


def test_finishing_it_throws_away_what_comes_while_bytes_wait(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near, duplex=True)
    channel.send(MUCH)
    channel.finish(5)
    far.send(b"too late")
    world.run_until(1)
    far.close()
    world.run_until(2)

    assert channel.data == []
    assert not channel.is_open


def test_the_end_of_its_peer_is_heard_while_bytes_wait(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near, duplex=True)
    channel.send(MUCH)
    far.shutdown(socket.SHUT_WR)
    world.run_until(1)
    assert (channel.ends, channel.is_open) == (1, True)
    got = bytearray()
    while channel.is_open:
        got += far.recv(1_000_000)
        world.run_until(world.clock.now + 1)

    assert bytes(got) + read_to_end(far) == MUCH
    assert (channel.ends, channel.ended_with) == (1, [None])


def test_closing_it_while_it_waits_for_both_leaves_nothing(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near, duplex=True)
    had_come: list[bytes] = []

    def close() -> None:  # without a seed it runs before the channel, which is queued
        channel.close()
        had_come.extend(channel.data)

    channel.send(MUCH)
    far.send(b"hello")
    world.reactor.call_soon(close)
    world.run_until(1)

    assert (channel.data, channel.ended_with) == (had_come, [None])


# -- a proxy


class Half(Channel):
    """One side of a proxy: what comes goes to the other, at the pace of the other."""

    other: Half
    most_unsent = 0
    error: Exception | None = None

    def received(self, data: bytes) -> None:
        self.other.send(data)
        if self.other.unsent:
            self.most_unsent = max(self.most_unsent, self.other.unsent)
            self.pause()

    def sent(self) -> None:
        self.other.resume()

    def received_end(self) -> bool:
        self.other.send_end()
        return True

    def ended(self, error: Exception | None) -> None:
        self.error = error
        if error is None:
            self.other.finish()
        else:
            self.other.abort()


LIMIT = 512


class Proxy:
    """Two connections, and what joins them."""

    def __init__(self, reactor: Reactor) -> None:
        self.client, left = socket.socketpair()
        right, self.server = socket.socketpair()
        for sock in (self.client, left, right, self.server):
            make_small(sock)
            sock.setblocking(False)
        self.left = Half(reactor, left, limit=LIMIT, duplex=True)
        self.right = Half(reactor, right, limit=LIMIT, duplex=True)
        self.left.other, self.right.other = self.right, self.left


@pytest.fixture
def proxy(world: World) -> Iterator[Proxy]:
    made = Proxy(world.reactor)
    with made.client, made.server:
        yield made
    made.left.close()
    made.right.close()


def push(world: World, sock: socket.socket) -> int:
    """Send until nothing goes any more however long one waits, and return how much went."""
    pushed = 0
    while size := fill(sock):
        pushed += size
        world.run_until(world.clock.now + 1)
    return pushed


def pull(world: World, sock: socket.socket) -> int:
    """Receive until nothing comes any more however long one waits, and return how much came."""
    pulled = 0
    with suppress(BlockingIOError):
        while data := sock.recv(1_000_000):
            pulled += len(data)
            world.run_until(world.clock.now + 1)
    return pulled


def test_a_proxy_in_callbacks_passes_both_ways_and_both_ends(world: World, proxy: Proxy) -> None:
    proxy.client.send(b"question")
    proxy.client.shutdown(socket.SHUT_WR)
    world.run_until(1)
    assert read_to_end(proxy.server) == b"question"
    proxy.server.send(b"answer")
    proxy.server.close()
    world.run_until(2)

    assert read_to_end(proxy.client) == b"answer"
    assert (proxy.left.closed, proxy.right.closed) == (True, True)


def test_whoever_does_not_read_holds_his_sender_back_and_nothing_grows(
    world: World, proxy: Proxy
) -> None:
    pushed = push(world, proxy.client)
    assert proxy.left.most_unsent <= LIMIT

    assert pull(world, proxy.server) == pushed


def test_a_way_that_is_held_back_does_not_hold_the_other(world: World, proxy: Proxy) -> None:
    pushed = push(world, proxy.client)
    push(world, proxy.server)

    assert pull(world, proxy.server) == pushed, "although the client itself reads nothing"


def test_a_reset_of_one_is_a_reset_for_the_other(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    other, peer = socket.socketpair()
    left, right = Half(real, near), Half(real, other)
    left.other, right.other = right, left
    reset(far)
    with peer:
        while not left.closed:
            real.turn()

        assert isinstance(left.error, ConnectionResetError)
        assert right.closed


def test_what_a_duplex_channel_keeps_has_a_limit_too(world: World, small: Pair) -> None:
    near, _ = small
    channel = Channel(world.reactor, near, duplex=True, unsent_limit=10)
    channel.send(MUCH)
    with pytest.raises(BusyError):
        channel.send(b"more")
    channel.close()
