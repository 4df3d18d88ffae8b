"""Connection.send_all and send_end: what is sent, and what is refused."""

from __future__ import annotations

import os
import socket
from array import array

import pytest

from reactor import (
    ClosedError,
    Reactor,
    Scope,
    Steps,
    TaskGroup,
    checkpoint,
    coroutine,
)
from reactor.net import Connection
from reactor.tasks import run_in
from reactor.testing import World
from tests.net.peers import SMALL, InThread, Pair, fill, read_to_end, reset

STREAM = bytes(range(256)) * 400


def test_the_whole_stream_reaches_a_peer_over_tcp(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)

    @coroutine
    def main() -> Steps[None]:
        with Connection(real, near) as connection:
            for _ in range(10):
                yield from connection.send_all(STREAM)

    with InThread(read_to_end, far) as peer:
        run_in(real, main)

    assert peer.result() == STREAM * 10


def test_what_the_kernel_takes_at_once_is_no_checkpoint(world: World, pair: Pair) -> None:
    near, far = pair
    order: list[str] = []

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            world.reactor.call_soon(order.append, "other")
            await connection.send_all(b"short")
            order.append("sender")
            await checkpoint()

    world.run(main)

    assert order == ["sender", "other"]
    assert far.recv(100) == b"short"


def test_what_the_kernel_takes_at_once_is_sent_inside_a_cancelled_scope_too(
    world: World, pair: Pair
) -> None:
    near, far = pair

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            with Scope() as scope:
                scope.cancel()
                await connection.send_all(b"a last word")

    world.run(main)

    assert far.recv(100) == b"a last word"


def test_sending_nothing_does_nothing(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            await connection.send_all(b"")
            await connection.send_all(bytearray())
            await connection.send_all(memoryview(b""))
            await connection.send_all(b".")

    world.run(main)

    assert far.recv(100) == b"."


def test_sending_nothing_does_not_wait_for_a_peer_that_does_not_read(
    world: World, small: Pair
) -> None:
    near, _ = small

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            fill(near_again)
            await connection.send_all(b"")

    with socket.socket(fileno=os.dup(near.fileno())) as near_again:
        world.run(main)


def test_a_buffer_that_is_sent_at_once_arrives_byte_for_byte(world: World, pair: Pair) -> None:
    near, far = pair
    numbers = array("i", [1, 2, 3])

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            await connection.send_all(memoryview(numbers))

    world.run(main)

    assert far.recv(100) == numbers.tobytes()


def test_a_peer_that_has_closed_is_an_error(world: World, pair: Pair) -> None:
    near, far = pair
    far.close()

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            with pytest.raises(BrokenPipeError):
                await connection.send_all(b"for nobody")

    world.run(main)


def test_a_reset_by_the_peer_is_what_the_next_send_tells(real: Reactor, tcp: Pair) -> None:
    near, far = tcp

    async def main() -> None:
        with Connection(real, near) as connection:
            reset(far)
            with pytest.raises(ConnectionResetError):  # only the first call after it says so
                await connection.send_all(b"for nobody")

    run_in(real, main)


def test_a_connection_closed_here_tells_the_receiver_and_the_sender(
    world: World, small: Pair
) -> None:
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
        connection = Connection(world.reactor, near)
        async with TaskGroup() as group:
            group.spawn(receive, connection)
            group.spawn(send, connection)
            world.reactor.call_at(1, connection.close)

    world.run(main)

    assert sorted(told) == ["receiver", "sender"]


def test_nothing_can_be_sent_on_a_closed_connection(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        connection = Connection(world.reactor, near)
        connection.close()
        with pytest.raises(ClosedError, match="is closed on this side; open a new one"):
            await connection.send_all(b"late")
        with pytest.raises(ClosedError, match="is closed on this side; open a new one"):
            await connection.send_end()

    world.run(main)


def test_the_end_of_what_we_send_is_not_the_end_of_what_we_receive(
    world: World, pair: Pair
) -> None:
    near, far = pair

    async def main() -> bytes:
        with Connection(world.reactor, near) as connection:
            await connection.send_all(b"question")
            await connection.send_end()
            assert read_to_end(far) == b"question"
            far.send(b"answer")
            return await connection.receive()

    assert world.run(main) == b"answer"


def test_a_peer_that_has_half_closed_is_answered(real: Reactor, tcp: Pair) -> None:
    near, far = tcp

    async def main() -> tuple[bytes, bytes]:
        with Connection(real, near) as connection:
            far.sendall(b"question")
            far.shutdown(socket.SHUT_WR)
            heard = await connection.receive(), await connection.receive()
            await connection.send_all(b"answer")
            return heard

    assert run_in(real, main) == (b"question", b"")
    assert read_to_end(far) == b"answer"


def test_nothing_can_be_sent_after_the_end(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            await connection.send_end()
            with pytest.raises(BrokenPipeError):
                await connection.send_all(b"and another thing")

    world.run(main)


@pytest.mark.parametrize("data", ["text", 5, None])
def test_what_is_no_buffer_is_refused_and_nothing_is_sent(
    world: World, pair: Pair, data: bytes
) -> None:
    near, far = pair

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            with pytest.raises(TypeError, match="a bytes-like object is required"):
                await connection.send_all(data)

    world.run(main)

    assert read_to_end(far) == b""
