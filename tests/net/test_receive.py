"""Connection.receive: until the task's own turn comes, no byte has left the kernel."""

from __future__ import annotations

import socket

import pytest

from reactor import (
    Reactor,
    Steps,
    Task,
    TaskGroup,
    coroutine,
    sleep,
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


def test_others_have_their_turn_also_when_there_is_data_already(
    world: World, pair: Pair, turns: Turns
) -> None:
    near, far = pair
    far.send(b"here already")

    async def main() -> int:
        with Connection(world.reactor, near) as connection:
            began = turns.count
            await connection.receive()
            return turns.count - began

    assert world.run(main) == 1


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
                await sleep(1)
                seen.append(repr(task))
                group.cancel()

    number = near.fileno()
    world.run(main)

    assert seen == [f"<Task Connection.receive, waits on <Side fd={number} reading>>"]
