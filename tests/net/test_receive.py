"""Connection.receive: until the task's own turn comes, no byte has left the kernel."""

from __future__ import annotations

import os
import socket

import pytest

from reactor import (
    BusyError,
    ClosedError,
    Reactor,
    Scope,
    Steps,
    Task,
    TaskGroup,
    checkpoint,
    coroutine,
)
from reactor.net import Connection
from reactor.tasks import run_in
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import Pair, reset


def test_it_brings_what_the_peer_sent_in_pieces_of_the_limit(world: World, pair: Pair) -> None:
    near, far = pair
    far.send(b"hello")

    async def main() -> list[bytes]:
        with Connection(world.reactor, near) as connection:
            return [await connection.receive(2) for _ in range(3)]

    assert world.run(main) == [b"he", b"ll", b"o"]


def test_it_works_in_generators_too(world: World, pair: Pair) -> None:
    near, far = pair
    far.send(b"hello")

    @coroutine
    def main() -> Steps[list[bytes]]:
        with Connection(world.reactor, near) as connection:
            first = yield from connection.receive(4)
            return [first, (yield from connection.receive())]

    assert world.run(main) == [b"hell", b"o"]


def test_nothing_comes_once_the_peer_has_finished_however_often_it_is_asked(
    world: World, pair: Pair
) -> None:
    near, far = pair
    far.send(b"last")
    far.shutdown(socket.SHUT_WR)

    async def main() -> list[bytes]:
        with Connection(world.reactor, near) as connection:
            return [await connection.receive() for _ in range(3)]

    assert world.run(main) == [b"last", b"", b""]


def test_others_have_their_turn_also_when_there_is_data_already(world: World, pair: Pair) -> None:
    near, far = pair
    far.send(b"here already")
    order: list[str] = []

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            world.reactor.call_soon(order.append, "other")
            await connection.receive()
            order.append("receiver")

    world.run(main)

    assert order == ["other", "receiver"]


def test_a_reset_by_the_peer_is_an_error(real: Reactor, tcp: Pair) -> None:
    near, far = tcp

    async def main() -> None:
        with Connection(real, near) as connection:
            reset(far)
            with pytest.raises(ConnectionResetError):
                await connection.receive()

    run_in(real, main)


def test_what_came_before_the_end_can_be_read_after_it(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    far.sendall(b"last words")
    far.close()

    async def main() -> bytes:
        with Connection(real, near) as connection:
            return await connection.receive() + await connection.receive()

    assert run_in(real, main) == b"last words"


def test_urgent_data_neither_ends_a_connection_nor_makes_the_loop_spin(
    real: Reactor, tcp: Pair, turns: Turns
) -> None:
    near, far = tcp
    far.send(b"!", socket.MSG_OOB)  # TCP keeps it out of the stream, and there is nothing to read
    real.call_later(0.05, far.sendall, b"in the stream")

    async def main() -> bytes:
        with Connection(real, near) as connection:
            return await connection.receive()

    assert run_in(real, main) == b"in the stream"
    assert turns.count < 10


def test_a_connection_closed_here_while_a_task_waits_tells_it(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        connection = Connection(world.reactor, near)
        world.reactor.call_later(1, connection.close)
        with pytest.raises(ClosedError, match=r"fd \d+ was closed on this side"):
            await connection.receive()

    world.run(main)

    assert world.clock.now == 1


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
                await checkpoint()
                with pytest.raises(BusyError, match="already has a waiter"):
                    await connection.receive()
                far.send(b"for the first")
            return first.result

    assert world.run(main) == b"for the first"


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


def test_a_cancelled_receive_loses_no_byte(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> bytes:
        with Connection(world.reactor, near) as connection:
            with Scope(5) as scope:
                await connection.receive()
            assert scope.cancelled_caught
            far.send(b"all of it")
            return await connection.receive()

    assert world.run(main) == b"all of it"


def test_data_that_comes_in_the_turn_of_a_cancellation_is_delivered(
    world: World, pair: Pair
) -> None:
    near, far = pair
    got: list[bytes] = []

    async def receive_twice(connection: Connection, scope: Scope) -> None:
        with scope:
            got.append(await connection.receive())
            await connection.receive()

    async def main() -> None:
        scope = Scope()
        with Connection(world.reactor, near) as connection:
            async with TaskGroup() as group:
                group.spawn(receive_twice, connection, scope)
                await checkpoint()
                far.send(b"data")
                world.reactor.call_soon(scope.cancel)  # runs before the task, which is queued

    world.run(main)

    assert got == [b"data"]


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


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_could_only_look_like_the_end_is_refused(
    world: World, pair: Pair, limit: int
) -> None:
    near, far = pair
    far.send(b"data")

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            text = rf"receive\({limit}\) on <Connection fd=\d+ .*> cannot bring a byte; give 1"
            with pytest.raises(ValueError, match=text):
                await connection.receive(limit)

    world.run(main)


def test_a_silent_peer_costs_no_turn(world: World, pair: Pair, turns: Turns) -> None:
    near, far = pair
    world.reactor.call_at(86_400 * 30, far.send, b"after a month")

    async def main() -> bytes:
        with Connection(world.reactor, near) as connection:
            return await connection.receive()

    assert world.run(main) == b"after a month"
    assert turns.count < 40  # a poller sleeps for a day at most


def test_a_task_that_waits_says_where(world: World, pair: Pair) -> None:
    near, _ = pair
    seen: list[str] = []

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            async with TaskGroup() as group:
                task: Task[bytes] = group.spawn(connection.receive)
                await checkpoint()
                seen.append(repr(task))
                group.cancel()

    number = near.fileno()
    world.run(main)

    assert seen == [f"<Task Connection.receive, waits on <Side fd={number} reading>>"]
