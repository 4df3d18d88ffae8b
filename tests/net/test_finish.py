"""Connection.finish: the end in good order, in bounded time."""

from __future__ import annotations

import socket
from math import nan

import pytest

from reactor import (
    BusyError,
    ClosedError,
    Reactor,
    Scope,
    Steps,
    TaskGroup,
    checkpoint,
    coroutine,
    sleep,
)
from reactor.errors import Cancelled
from reactor.net import Connection
from reactor.tasks import run_in
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import (
    DEADLINE,
    InThread,
    Pair,
    read_to_end,
    reset,
    tcp_pair,
    wait_until_readable,
)

REPLY = bytes(150_000)


def test_the_peer_hears_the_end_and_when_it_has_closed_too_all_is_closed(
    world: World, pair: Pair
) -> None:
    near, far = pair

    def finish_as_well() -> None:
        assert read_to_end(far) == b"reply"
        far.close()

    async def main() -> None:
        connection = Connection(world.reactor, near)
        await connection.send_all(b"reply")
        world.reactor.call_at(0.1, finish_as_well)
        await connection.finish()
        assert connection.fileno() == -1

    world.run(main)

    assert world.clock.now == 0.1


def test_it_works_in_generators_too(world: World, pair: Pair) -> None:
    near, far = pair
    far.send(b"thrown away")
    far.shutdown(socket.SHUT_WR)

    @coroutine
    def main() -> Steps[None]:
        yield from Connection(world.reactor, near).finish()

    world.run(main)

    assert read_to_end(far) == b""


def test_a_peer_whose_last_bytes_were_not_read_still_reads_the_whole_reply(
    real: Reactor,
) -> None:
    near, far = tcp_pair(receive_buffer=4096)  # so most of the reply is still with us at the end
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, len(REPLY))

    def ask_for_more_than_is_read(sock: socket.socket) -> bytes:
        sock.sendall(bytes(5000))
        return read_to_end(sock)

    async def main() -> None:
        with Connection(real, near) as connection:
            assert len(await connection.receive(512)) == 512
            await connection.send_all(REPLY)
            await connection.finish(DEADLINE)

    with InThread(ask_for_more_than_is_read, far) as peer:
        run_in(real, main)

    assert peer.result() == REPLY


def test_a_peer_that_has_ended_is_not_waited_for(world: World, pair: Pair, turns: Turns) -> None:
    near, far = pair
    far.shutdown(socket.SHUT_WR)

    async def main() -> None:
        connection = Connection(world.reactor, near)
        assert await connection.receive() == b""
        await connection.send_all(b"reply")
        before = turns.count
        await connection.finish()
        assert turns.count == before
        assert connection.fileno() == -1

    world.run(main)

    assert read_to_end(far) == b"reply"


def test_a_peer_that_was_heard_and_stays_is_waited_for(world: World, pair: Pair) -> None:
    near, far = pair
    far.send(b"question")

    async def main() -> None:
        connection = Connection(world.reactor, near)
        assert await connection.receive() == b"question"
        world.reactor.call_at(0.1, far.close)
        await connection.finish()

    world.run(main)

    assert world.clock.now == 0.1


def test_a_peer_that_was_heard_and_has_reset_the_connection_is_not_waited_for(
    world: World, pair: Pair
) -> None:
    near, far = pair
    far.send(b"question")

    async def main() -> None:
        connection = Connection(world.reactor, near)
        assert await connection.receive() == b"question"
        reset(far)
        await connection.finish()
        assert connection.fileno() == -1

    world.run(main)

    assert world.clock.now == 0


def test_what_is_thrown_away_is_counted(world: World, pair: Pair) -> None:
    near, far = pair
    far.send(b"question")

    async def main() -> None:
        connection = Connection(world.reactor, near)
        meter = connection.meter()
        assert await connection.receive() == b"question"
        far.send(b" thrown")
        world.reactor.call_at(0.1, far.send, b" away")
        await connection.finish()
        assert meter.received == len(b"question thrown away")

    world.run(main)


def test_a_peer_that_stays_is_waited_for_as_long_as_was_said(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        await Connection(world.reactor, near).finish(3)

    world.run(main)

    assert world.clock.now == 3


def test_unless_told_otherwise_it_is_waited_for_a_quarter_of_a_second(
    world: World, pair: Pair
) -> None:
    near, _ = pair

    async def main() -> None:
        await Connection(world.reactor, near).finish()

    world.run(main)

    assert world.clock.now == 0.25


def test_a_peer_that_goes_on_sending_gets_no_longer(world: World, pair: Pair) -> None:
    near, far = pair

    async def chatter() -> None:
        while True:
            far.send(b"and another thing")
            await sleep(0.01)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(chatter)
            await Connection(world.reactor, near).finish(3)
            assert world.clock.now == 3
            group.cancel()

    world.run(main)

    with pytest.raises(BrokenPipeError):
        far.send(b"to nobody")


def test_inside_a_cancelled_scope_nothing_is_waited_for_but_the_end_is_said(
    world: World, pair: Pair
) -> None:
    near, far = pair

    async def main() -> None:
        with Connection(world.reactor, near) as connection, Scope() as scope:
            scope.cancel()
            with pytest.raises(Cancelled):
                await connection.finish()
            assert connection.fileno() == -1

    world.run(main)

    assert read_to_end(far) == b""
    assert world.clock.now == 0


def test_a_cancellation_while_it_waits_closes_at_once(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        connection = Connection(world.reactor, near)
        with Scope(1):
            await connection.finish(100)
        assert connection.fileno() == -1

    world.run(main)

    assert world.clock.now == 1


def test_a_peer_that_was_gone_before_is_seen_off(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    reset(far)
    wait_until_readable(near.fileno())

    async def main() -> None:
        await Connection(real, near).finish(DEADLINE)

    run_in(real, main)


def test_a_peer_that_resets_the_connection_meanwhile_is_seen_off(real: Reactor, tcp: Pair) -> None:
    near, far = tcp

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(Connection(real, near).finish, DEADLINE)
            await checkpoint()
            reset(far)

    run_in(real, main)


def test_a_connection_that_both_have_ended_already_is_closed(real: Reactor, tcp: Pair) -> None:
    near, far = tcp

    async def main() -> None:
        connection = Connection(real, near)
        await connection.send_end()
        assert far.recv(1) == b""
        far.close()
        assert await connection.receive() == b""
        await connection.finish(DEADLINE)
        assert connection.fileno() == -1

    run_in(real, main)


def test_a_peer_that_stays_longer_than_the_idle_limit_allows_is_seen_off(
    world: World, pair: Pair
) -> None:
    near, _ = pair

    async def main() -> None:
        await Connection(world.reactor, near, idle_seconds=2).finish(10)

    world.run(main)

    assert world.clock.now == 2


def test_a_closed_connection_cannot_be_finished(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        connection = Connection(world.reactor, near)
        await connection.finish()
        with pytest.raises(ClosedError, match="is closed on this side"):
            await connection.finish()

    world.run(main)


def test_a_connection_closed_here_while_it_finishes_says_so(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> None:
        connection = Connection(world.reactor, near)
        world.reactor.call_soon(connection.close)
        with pytest.raises(ClosedError):
            await connection.finish()

    world.run(main)


def test_while_another_task_receives_it_is_refused_and_all_is_closed(
    world: World, pair: Pair
) -> None:
    near, _ = pair

    async def receive(connection: Connection) -> None:
        with pytest.raises(ClosedError):
            await connection.receive()

    async def main() -> None:
        connection = Connection(world.reactor, near)
        async with TaskGroup() as group:
            group.spawn(receive, connection)
            await sleep(1)
            with pytest.raises(BusyError):
                await connection.finish()
            assert connection.fileno() == -1

    world.run(main)


def test_the_end_is_not_taken_from_another_who_receives(world: World, pair: Pair) -> None:
    near, far = pair

    async def receive(connection: Connection) -> None:
        with pytest.raises(ClosedError):
            await connection.receive()

    async def main() -> None:
        connection = Connection(world.reactor, near)
        async with TaskGroup() as group:
            group.spawn(receive, connection)
            await sleep(1)
            far.shutdown(socket.SHUT_WR)
            with pytest.raises(BusyError):
                await connection.finish()

    world.run(main)


@pytest.mark.parametrize("ended", [False, True])
def test_what_has_come_for_a_task_that_is_queued_is_not_thrown_away(
    world: World, pair: Pair, ended: bool
) -> None:
    near, far = pair
    connection = Connection(world.reactor, near)

    async def receive() -> None:
        assert await connection.receive() == b"for whoever receives"

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(receive)
            await checkpoint()
            far.send(b"for whoever receives")
            if ended:
                far.shutdown(socket.SHUT_WR)
            await checkpoint()
            await connection.finish()  # runs before the task, which is queued

    world.run(main)


@pytest.mark.parametrize("ended", [False, True], ids=["peer is there", "peer has ended"])
def test_a_time_that_is_no_number_is_refused_and_all_is_closed(
    world: World, pair: Pair, ended: bool
) -> None:
    near, far = pair
    if ended:
        far.shutdown(socket.SHUT_WR)

    async def main() -> None:
        connection = Connection(world.reactor, near)
        with pytest.raises(ValueError, match="NaN"):
            await connection.finish(nan)
        assert connection.fileno() == -1

    world.run(main)
