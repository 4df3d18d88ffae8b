"""What connections and channels owe holds over every poller."""

from __future__ import annotations

import socket

import pytest

from reactor import ClosedError, IdleError, Reactor, TaskGroup, checkpoint, sleep
from reactor.net import Connection
from reactor.tasks import run_in
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import (
    DEADLINE,
    InThread,
    Pair,
    make_small,
    read_to_end,
    reset,
)
from tests.net.recorder import Recorder, echo
from tests.pollers import each_poller

STREAM = bytes(range(256)) * 800


@each_poller
def test_a_connection_sends_back_what_it_receives(everywhere: World, small: Pair) -> None:
    near, far = small
    got = bytearray()
    rest = memoryview(STREAM)

    def push() -> None:
        nonlocal rest
        rest = rest[far.send(rest[:5000]) :]
        if not rest:
            pushing.cancel()
            far.shutdown(socket.SHUT_WR)

    def pull() -> None:
        if chunk := far.recv(3000):
            got.extend(chunk)
        else:
            everywhere.reactor.forget(far)

    async def main() -> None:
        with Connection(everywhere.reactor, near) as connection:
            while data := await connection.receive():
                await connection.send_all(data)
            await connection.send_end()
            while len(got) < len(STREAM):
                await checkpoint()

    pushing = everywhere.reactor.on_writable(far, push)
    everywhere.reactor.on_readable(far, pull)
    everywhere.run(main)

    assert got == STREAM


@each_poller
def test_a_channel_sends_back_what_it_receives(real_everywhere: Reactor, small: Pair) -> None:
    near, far = small
    channel = Recorder(
        real_everywhere,
        near,
        on_data=echo,
        on_ended=lambda channel: real_everywhere.stop(),
    )

    def talk(sock: socket.socket) -> bytes:
        sock.settimeout(DEADLINE)
        with InThread(read_to_end, sock.dup()) as reading:
            sock.sendall(STREAM)
            sock.shutdown(socket.SHUT_WR)
        return reading.result()

    with InThread(talk, far) as peer:
        real_everywhere.run()

    assert peer.result() == STREAM
    assert channel.ended_with == [None]


@each_poller
def test_a_close_tells_who_receives_and_who_sends(everywhere: World, small: Pair) -> None:
    near, _ = small
    told: list[str] = []

    async def receive(connection: Connection) -> None:
        with pytest.raises(ClosedError):
            await connection.receive()
        told.append("receiver")

    async def send(connection: Connection) -> None:
        with pytest.raises(ClosedError):
            await connection.send_all(STREAM)
        told.append("sender")

    async def main() -> None:
        connection = Connection(everywhere.reactor, near)
        async with TaskGroup() as group:
            group.spawn(receive, connection)
            group.spawn(send, connection)
            everywhere.reactor.call_at(1, connection.close)

    everywhere.run(main)

    assert sorted(told) == ["receiver", "sender"]


@each_poller
def test_a_reset_wakes_who_receives(real_everywhere: Reactor, tcp: Pair) -> None:
    near, far = tcp

    async def main() -> None:
        with Connection(real_everywhere, near) as connection:
            real_everywhere.call_soon(reset, far)
            with pytest.raises(ConnectionResetError):
                await connection.receive()

    run_in(real_everywhere, main)


@each_poller
def test_a_reset_wakes_who_is_held_back(real_everywhere: Reactor, tcp: Pair) -> None:
    near, far = tcp
    make_small(near, far)
    channel = Recorder(real_everywhere, near, on_ended=lambda channel: real_everywhere.stop())
    while not channel.unsent:
        channel.send(STREAM)
    real_everywhere.call_soon(reset, far)

    real_everywhere.run()

    (error,) = channel.ended_with
    assert isinstance(error, ConnectionError)


@each_poller
def test_the_end_in_good_order_waits_for_the_peer(everywhere: World, pair: Pair) -> None:
    near, far = pair
    far.send(b"unread")

    async def main() -> None:
        everywhere.reactor.call_at(0.1, far.shutdown, socket.SHUT_WR)
        await Connection(everywhere.reactor, near).finish()

    everywhere.run(main)

    assert everywhere.clock.now == 0.1
    assert read_to_end(far) == b""


@each_poller
def test_a_channel_that_is_finished_waits_for_the_peer(everywhere: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(everywhere.reactor, near)
    far.send(b"unread")
    channel.finish()
    everywhere.reactor.call_at(0.1, far.shutdown, socket.SHUT_WR)

    everywhere.run_until(0.11)

    assert channel.ended_with == [None]
    assert read_to_end(far) == b""


@each_poller
def test_an_idle_limit_ends_both_waits(everywhere: World, small: Pair) -> None:
    near, _ = small

    async def receive(connection: Connection) -> None:
        with pytest.raises(IdleError):
            await connection.receive()

    async def main() -> None:
        with Connection(everywhere.reactor, near, idle_seconds=10) as connection:
            async with TaskGroup() as group:
                group.spawn(receive, connection)
                with pytest.raises(IdleError):
                    await connection.send_all(STREAM)

    everywhere.run(main)

    assert everywhere.clock.now == 10


@each_poller
def test_a_peer_that_hangs_up_while_nobody_waits_costs_no_turn(
    everywhere: World, pair: Pair, turns: Turns
) -> None:
    near, far = pair

    async def main() -> bytes:
        with Connection(everywhere.reactor, near) as connection:
            far.send(b"x")
            await connection.receive()
            far.close()
            before = turns.count
            await sleep(1000)
            assert turns.count - before <= 3
            return await connection.receive()

    assert everywhere.run(main) == b""


@each_poller
def test_a_channel_is_paused_and_half_closed(everywhere: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(everywhere.reactor, near)
    channel.pause()
    far.send(b"hello")
    everywhere.run_until(1)
    assert channel.data == []
    channel.send_end()
    channel.resume()
    everywhere.run_until(2)
    assert (channel.data, read_to_end(far)) == ([b"hello"], b"")
    far.close()
    everywhere.run_until(3)

    assert channel.ended_with == [None]


@each_poller
def test_a_duplex_channel_waits_for_both_ways(everywhere: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(everywhere.reactor, near, duplex=True)
    channel.send(STREAM)
    got = bytearray()
    while channel.unsent:
        far.send(b"!")
        got += far.recv(1_000_000)
        everywhere.run_until(everywhere.clock.now + 1)
    got += far.recv(1_000_000)

    assert got == STREAM
    assert set(b"".join(channel.data)) == set(b"!")
    channel.close()
