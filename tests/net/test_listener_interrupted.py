"""An accept that something comes between: a close, a cancellation, another task."""

from __future__ import annotations

import os
import socket

import pytest

from reactor import (
    BusyError,
    ClosedError,
    IdleError,
    TaskGroup,
    checkpoint,
    sleep,
)
from reactor.net import Connection, Listener
from reactor.testing import World
from tests.net.peers import close_all, is_over, knock


async def who(connection: Connection) -> int:
    with connection:
        return int(await connection.receive())


def test_closing_it_tells_who_waits(world: World, door: socket.socket) -> None:
    listener = Listener(world.reactor, door)
    world.reactor.call_at(1, listener.close)

    async def main() -> None:
        with pytest.raises(ClosedError, match=r"fd \d+ was closed on this side"):
            await listener.accept()

    world.run(main)

    assert listener.fileno() == -1
    assert door.fileno() == -1
    listener.close()


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_closing_it_while_a_client_is_on_the_way_to_a_task_tells_that_task(
    world: World, door: socket.socket
) -> None:
    listener = Listener(world.reactor, door)
    clients: list[socket.socket] = []

    def knock_and_close() -> None:
        clients.extend(knock(door))
        world.reactor.call_soon(listener.close)  # runs before the task, which is queued

    async def main() -> None:
        world.reactor.call_at(1, knock_and_close)
        with pytest.raises(ClosedError):
            await listener.accept()

    world.run(main)
    close_all(clients)


def test_nobody_can_be_accepted_once_it_is_closed(world: World, door: socket.socket) -> None:
    listener = Listener(world.reactor, door)
    listener.close()

    async def main() -> None:
        for _ in range(2):
            with pytest.raises(ClosedError):
                await listener.accept()

    world.run(main)


def test_nobody_can_be_accepted_once_somebody_else_forgot_its_descriptor(
    world: World, door: socket.socket
) -> None:
    clients = knock(door)

    async def main() -> None:
        with Listener(world.reactor, door) as listener:
            world.reactor.forget(listener.fileno())
            with pytest.raises(ClosedError, match="is closed; nobody can be accepted"):
                await listener.accept()
            assert listener.accepted == 0

    fd = door.fileno()
    world.run(main)
    os.close(fd)  # it is theirs
    close_all(clients)


def test_closed_in_the_middle_of_a_burst_it_accepts_nobody_any_more(
    world: World, door: socket.socket
) -> None:
    clients = knock(door, 3)

    async def main() -> None:
        with Listener(world.reactor, door) as listener:
            for _ in range(2):  # a burst of one, and the first of a burst of two
                (await listener.accept()).close()
            listener.close()
            with pytest.raises(ClosedError, match="is closed; nobody can be accepted"):
                await listener.accept()

    world.run(main)
    close_all(clients)


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_a_task_whose_place_another_took_before_its_turn_hears_of_the_close_too(
    world: World, door: socket.socket
) -> None:
    clients: list[socket.socket] = []
    shortages: list[OSError | None] = []
    told: list[str] = []

    async def accept(listener: Listener, name: str) -> None:
        with pytest.raises(ClosedError):
            await listener.accept()
        told.append(name)

    async def main() -> None:
        listener = Listener(world.reactor, door, shortage=shortages.append)
        async with TaskGroup() as group:
            group.spawn(accept, listener, "first")
            await checkpoint()
            clients.extend(knock(door))  # wakes the first, in a turn in which others run before it
            group.spawn(accept, listener, "second")
            world.reactor.call_soon(listener.close)

    world.run(main)
    close_all(clients)

    assert sorted(told) == ["first", "second"]
    assert shortages == []


def test_one_task_at_a_time_may_accept_and_the_second_is_told(
    world: World, door: socket.socket
) -> None:
    async def main() -> None:
        with Listener(world.reactor, door) as listener:
            async with TaskGroup() as group:
                group.spawn(listener.accept)
                await sleep(1)
                with pytest.raises(BusyError, match="already has a waiter"):
                    await listener.accept()
                group.cancel()

    world.run(main)


def test_the_idle_limit_is_the_connections(world: World, door: socket.socket) -> None:
    clients = knock(door)

    async def main() -> None:
        with Listener(world.reactor, door) as listener:
            with await listener.accept(idle_seconds=10) as connection:
                await connection.receive()
                with pytest.raises(IdleError):
                    await connection.receive()

    world.run(main)
    close_all(clients)

    assert world.clock.now == 10


def test_a_limit_that_cannot_be_kept_is_refused_and_the_client_is_not_left_hanging(
    world: World, door: socket.socket
) -> None:
    (client,) = knock(door)

    async def main() -> None:
        with Listener(world.reactor, door) as listener:
            with pytest.raises(ValueError, match="an idle limit of 0 seconds cannot be kept"):
                await listener.accept(idle_seconds=0)

    world.run(main)

    assert is_over(client)
    client.close()
