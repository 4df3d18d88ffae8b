"""A receive that something comes between: a close, a cancellation, another who reads."""

from __future__ import annotations

import os

import pytest

from reactor import (
    BusyError,
    ClosedError,
    TaskGroup,
    checkpoint,
    sleep,
)
from reactor.net import Connection
from reactor.testing import World
from tests.net.peers import Pair


def test_a_connection_closed_here_while_a_task_waits_tells_it(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        connection = Connection(world.reactor, near)
        world.reactor.call_later(1, connection.close)
        with pytest.raises(ClosedError, match=r"fd \d+ was closed on this side"):
            await connection.receive()

    world.run(main)

    assert world.clock.now == 1


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_a_connection_closed_here_while_its_data_is_on_the_way_to_a_task_tells_it(
    world: World, pair: Pair
) -> None:
    near, far = pair

    async def main() -> None:
        connection = Connection(world.reactor, near)
        far.send(b"queues the task, behind the close")
        world.reactor.call_soon(connection.close)
        with pytest.raises(ClosedError, match=r"fd \d+ was closed on this side"):
            await connection.receive()

    world.run(main)


def test_nothing_can_be_received_on_a_closed_connection(world: World, pair: Pair) -> None:
    near, far = pair
    far.send(b"too late")

    async def main() -> None:
        connection = Connection(world.reactor, near)
        connection.close()
        with pytest.raises(ClosedError, match="was forgotten, or its reactor closed"):
            await connection.receive()

    world.run(main)


def test_one_task_at_a_time_may_receive_and_the_second_is_told(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> bytes:
        with Connection(world.reactor, near) as connection:
            async with TaskGroup() as group:
                first = group.spawn(connection.receive)
                await sleep(1)
                with pytest.raises(BusyError, match="already has a waiter"):
                    await connection.receive()
                far.send(b"for the first")
            return first.result

    assert world.run(main) == b"for the first"


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_a_task_whose_place_another_took_before_its_turn_hears_of_the_close_too(
    world: World, pair: Pair
) -> None:
    near, far = pair
    told: list[str] = []

    async def receive(connection: Connection, name: str) -> None:
        with pytest.raises(ClosedError):
            await connection.receive()
        told.append(name)

    async def main() -> None:
        connection = Connection(world.reactor, near)
        async with TaskGroup() as group:
            group.spawn(receive, connection, "first")
            await checkpoint()
            far.send(b"wakes the first, in a turn in which others run before it")
            group.spawn(receive, connection, "second")
            world.reactor.call_soon(connection.close)

    world.run(main)

    assert sorted(told) == ["first", "second"]


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_data_that_another_holder_of_the_socket_took_is_waited_for_again(
    world: World, pair: Pair
) -> None:
    near, far = pair
    shared = os.dup(near.fileno())

    async def main() -> bytes:
        with Connection(world.reactor, near) as connection:
            far.send(b"for the other")
            world.reactor.call_soon(os.read, shared, 100)  # runs before the task, which is queued
            world.reactor.call_later(1, far.send, b"for us")
            return await connection.receive()

    try:
        assert world.run(main) == b"for us"
    finally:
        os.close(shared)
