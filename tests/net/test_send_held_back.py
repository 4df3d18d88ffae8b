"""A sender whose peer does not read: it waits, and goes on when there is room."""

from __future__ import annotations

import os
import socket
from array import array

import pytest

from reactor import (
    BusyError,
    ClosedError,
    Reactor,
    Scope,
    TaskGroup,
    checkpoint,
    sleep,
)
from reactor.errors import Cancelled
from reactor.net import Connection
from reactor.tasks import run_in
from reactor.testing import World
from tests.net.peers import Pair, fill, make_small, read_to_end, reset

STREAM = bytes(range(256)) * 400


async def read_slowly(world: World, far: socket.socket) -> bytes:
    """Read as a peer who takes a thousand bytes a second, until the end."""
    data = bytearray()
    while True:
        try:
            chunk = far.recv(1000)
        except BlockingIOError:
            chunk = None
        if chunk == b"":
            return bytes(data)
        data += chunk or b""
        await sleep(1)


def test_the_whole_stream_reaches_a_slow_reader_through_small_buffers(
    world: World, small: Pair
) -> None:
    near, far = small

    async def main() -> bytes:
        async with TaskGroup() as group:
            reader = group.spawn(read_slowly, world, far)
            with Connection(world.reactor, near) as connection:
                await connection.send_all(STREAM)
                assert world.clock.now > 60, "the reader has held the sender back"
        return reader.result

    assert world.run(main) == STREAM


@pytest.mark.parametrize(
    "data",
    [
        bytearray(STREAM),
        memoryview(STREAM),
        memoryview(array("i", range(20_000))),
        memoryview(STREAM).cast("B", [400, 256]),
    ],
    ids=["bytearray", "bytes", "ints", "two dimensions"],
)
def test_buffers_of_any_kind_arrive_byte_for_byte(
    world: World, small: Pair, data: bytearray | memoryview
) -> None:
    near, far = small

    async def main() -> bytes:
        async with TaskGroup() as group:
            reader = group.spawn(read_slowly, world, far)
            with Connection(world.reactor, near) as connection:
                await connection.send_all(data)
        return reader.result

    assert world.run(main) == bytes(data)


def test_a_peer_that_resets_a_connection_wakes_a_sender_that_it_held_back(
    real: Reactor, tcp: Pair
) -> None:
    near, far = tcp
    make_small(near, far)

    async def main() -> None:
        with Connection(real, near) as connection:
            async with TaskGroup() as group:
                group.spawn(send_for_ever, connection)
                await checkpoint()
                reset(far)

    run_in(real, main)


async def send_for_ever(connection: Connection) -> None:
    with pytest.raises(ConnectionError):  # noqa: PT012 - which of the sends it is, none can say
        while True:
            await connection.send_all(STREAM)


def test_a_peer_that_closes_wakes_a_sender_that_it_held_back(world: World, small: Pair) -> None:
    near, far = small

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            world.reactor.call_at(3, far.close)
            with pytest.raises(ConnectionError):
                await connection.send_all(STREAM)

    world.run(main)

    assert world.clock.now == 3


def test_a_connection_closed_here_while_a_sender_is_held_back_tells_it(
    world: World, small: Pair
) -> None:
    near, _ = small

    async def main() -> None:
        connection = Connection(world.reactor, near)
        world.reactor.call_at(1, connection.close)
        with pytest.raises(ClosedError, match=r"fd \d+ was closed on this side"):
            await connection.send_all(STREAM)

    world.run(main)


def test_of_two_senders_that_are_held_back_the_second_is_told(world: World, small: Pair) -> None:
    near, far = small

    async def main() -> bytes:
        with Connection(world.reactor, near) as connection:
            async with TaskGroup() as group:
                group.spawn(connection.send_all, STREAM)
                await sleep(1)
                for _ in range(2):
                    with pytest.raises(BusyError, match="has a sender that waits for room"):
                        await connection.send_all(b"out of turn")
                    far.recv(1000)  # also if there is room, the first is not through
                reader = group.spawn(read_slowly, world, far)
                await sleep(1000)
                connection.close()
            return reader.result

    assert world.run(main) == STREAM[2000:]


def test_the_next_may_send_when_the_first_is_through(world: World, small: Pair) -> None:
    near, far = small

    async def main() -> bytes:
        async with TaskGroup() as group:
            reader = group.spawn(read_slowly, world, far)
            with Connection(world.reactor, near) as connection:
                await connection.send_all(STREAM)
                await connection.send_all(b"and then")
        return reader.result

    assert world.run(main) == STREAM + b"and then"


def test_a_second_sender_hears_that_the_connection_was_closed(world: World, small: Pair) -> None:
    near, _ = small

    async def first(connection: Connection) -> None:
        with pytest.raises(ClosedError):
            await connection.send_all(STREAM)

    async def main() -> None:
        connection = Connection(world.reactor, near)
        async with TaskGroup() as group:
            group.spawn(first, connection)
            await checkpoint()
            connection.close()
            with pytest.raises(ClosedError, match="is closed on this side"):
                await connection.send_all(b"too late")

    world.run(main)


def test_a_cancelled_sender_is_held_back_no_longer(world: World, small: Pair) -> None:
    near, far = small

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            with Scope(2):
                with pytest.raises(Cancelled):
                    await connection.send_all(STREAM)
                raise Cancelled
        assert world.clock.now == 2

    world.run(main)

    sent = read_to_end(far)
    assert STREAM.startswith(sent)
    assert 0 < len(sent) < len(STREAM)


def test_a_sender_that_is_held_back_does_not_keep_its_connection_from_receiving(
    world: World, small: Pair
) -> None:
    near, far = small

    async def main() -> list[bytes]:
        got = []
        with Connection(world.reactor, near) as connection:
            async with TaskGroup() as group:
                sender = group.spawn(connection.send_all, STREAM)
                await checkpoint()
                for message in (b"one", b"two"):
                    far.send(message)
                    got.append(await connection.receive())
                assert not sender.done
                group.cancel()
        return got

    assert world.run(main) == [b"one", b"two"]


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_room_that_another_holder_of_the_socket_took_is_waited_for_again(
    world: World, small: Pair
) -> None:
    near, far = small
    shared = socket.socket(fileno=os.dup(near.fileno()))
    filled = fill(shared)

    def make_room_and_take_it() -> None:
        assert len(far.recv(1_000_000)) == filled
        world.reactor.call_soon(fill, shared)  # runs before the sender, which is queued then

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            world.reactor.call_at(1, make_room_and_take_it)
            world.reactor.call_at(2, far.recv, 1_000_000)
            await connection.send_all(b"at last")
            assert world.clock.now == 2

    with shared:
        world.run(main)
    assert read_to_end(far) == b"at last"
