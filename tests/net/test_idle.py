"""Idle limits: a wait in which nothing moves in either direction ends, exactly then."""

from __future__ import annotations

import os
import socket
from math import inf

import pytest

from reactor import IdleError, Steps, TaskGroup, checkpoint, coroutine, sleep
from reactor.errors import DeadlockError, WrongThreadError
from reactor.net import Connection
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import InThread, Pair

MUCH = bytes(200_000)


def drain(sock: socket.socket) -> None:
    """Read what is there, as a peer who begins to read again."""
    assert sock.recv(1_000_000)


def test_a_receive_ends_when_nothing_moved_for_so_long(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        with Connection(world.reactor, near, ("10.0.0.1", 80), idle_seconds=10) as connection:
            text = rf"nothing moved on <Connection fd={connection.fileno()} .*> for 10 seconds"
            with pytest.raises(IdleError, match=text):
                await connection.receive()

    world.run(main)

    assert world.clock.now == 10


def test_it_works_in_generators_too(world: World, pair: Pair) -> None:
    near, _ = pair

    @coroutine
    def main() -> Steps[None]:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            with pytest.raises(TimeoutError):
                yield from connection.receive()

    world.run(main)

    assert world.clock.now == 10


def test_a_sender_that_is_held_back_ends_too(world: World, small: Pair) -> None:
    near, _ = small

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            with pytest.raises(IdleError):
                await connection.send_all(MUCH)

    world.run(main)

    assert world.clock.now == 10


def test_the_limit_counts_from_the_last_byte_received(world: World, pair: Pair) -> None:
    near, far = pair
    for when in (4, 9, 13.5):
        world.reactor.call_at(when, far.send, b"x")

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            for _ in range(3):
                await connection.receive()
            with pytest.raises(IdleError):
                await connection.receive()

    world.run(main)

    assert world.clock.now == 23.5


def test_the_limit_counts_from_the_last_byte_sent(world: World, small: Pair) -> None:
    near, far = small
    for when in (4, 9, 13.5):
        world.reactor.call_at(when, drain, far)

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            with pytest.raises(IdleError):
                await connection.send_all(MUCH)

    world.run(main)

    assert world.clock.now == 23.5


def test_what_is_sent_keeps_a_receiver_waiting(world: World, pair: Pair) -> None:
    near, _ = pair

    async def send_for_a_while(connection: Connection) -> None:
        for _ in range(30):
            await sleep(1)
            await connection.send_all(b"tick")

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            async with TaskGroup() as group:
                group.spawn(send_for_a_while, connection)
                with pytest.raises(IdleError):
                    await connection.receive()

    world.run(main)

    assert world.clock.now == 40


def test_what_is_received_keeps_a_sender_waiting(world: World, small: Pair) -> None:
    near, far = small
    world.reactor.call_at(9, far.send, b"only once")

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            async with TaskGroup() as group:
                group.spawn(connection.receive)
                with pytest.raises(IdleError):
                    await connection.send_all(MUCH)

    world.run(main)

    assert world.clock.now == 19


def test_both_who_wait_are_told(world: World, small: Pair) -> None:
    near, _ = small
    told: list[str] = []

    async def receive(connection: Connection) -> None:
        with pytest.raises(IdleError):
            await connection.receive()
        told.append("receiver")

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            async with TaskGroup() as group:
                group.spawn(receive, connection)
                with pytest.raises(IdleError):
                    await connection.send_all(MUCH)
                told.append("sender")

    world.run(main)

    assert sorted(told) == ["receiver", "sender"]
    assert world.clock.now == 10


def test_time_in_which_nobody_waits_does_not_count(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            await sleep(95)
            with pytest.raises(IdleError):
                await connection.receive()

    world.run(main)

    assert world.clock.now == 105


def test_time_before_a_sender_is_held_back_does_not_count(world: World, small: Pair) -> None:
    near, _ = small

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            await sleep(95)
            with pytest.raises(IdleError):
                await connection.send_all(MUCH)

    world.run(main)

    assert world.clock.now == 105


def test_after_one_limit_comes_the_next(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> bytes:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            for _ in range(3):
                with pytest.raises(IdleError):
                    await connection.receive()
            far.send(b"in the end")
            return await connection.receive()

    assert world.run(main) == b"in the end"
    assert world.clock.now == 30


def test_data_that_comes_at_the_last_moment_wins(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> bytes:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            async with TaskGroup() as group:
                receiver = group.spawn(connection.receive)
                await checkpoint()
                far.send(b"data")
                world.clock.now = 10  # the data is found in the turn in which the limit is due
            return receiver.result

    assert world.run(main) == b"data"


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_a_wake_for_nothing_does_not_count_as_a_move(world: World, pair: Pair) -> None:
    near, far = pair
    shared = os.dup(near.fileno())

    def send_and_take() -> None:
        far.send(b"for the other")
        world.reactor.call_soon(os.read, shared, 100)  # runs before the receiver, which is queued

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            world.reactor.call_at(5, send_and_take)
            with pytest.raises(IdleError):
                await connection.receive()

    world.run(main)
    os.close(shared)

    assert world.clock.now == 10


def test_traffic_does_not_touch_the_timer(world: World, pair: Pair, turns: Turns) -> None:
    near, far = pair

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=1000) as connection:
            before = turns.count
            for _ in range(100):
                far.send(b"x")
                await connection.receive()
            assert turns.count - before == 100
            assert world.clock.now == 0

    world.run(main)


def test_a_closed_connection_has_no_limit(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        Connection(world.reactor, near, idle_seconds=10).close()

    world.run(main)
    with pytest.raises(DeadlockError):  # no timer is left
        world.reactor.turn()


def test_a_connection_that_another_thread_tried_to_close_keeps_its_limit(
    world: World, pair: Pair
) -> None:
    near, far = pair

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=10) as connection:
            with InThread(lambda sock: connection.close(), far.dup()) as peer:
                with pytest.raises(WrongThreadError):
                    peer.result()
            with pytest.raises(IdleError):
                await connection.receive()

    world.run(main)


def test_a_limit_that_is_never_reached_is_no_limit(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        with Connection(world.reactor, near, idle_seconds=inf) as connection:
            await connection.receive()

    with pytest.raises(DeadlockError):
        world.run(main)
