"""Server: a task for each client, and an end in good order."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
from functools import partial
from math import nan

import pytest

from reactor import (
    BusyError,
    Cancelled,
    IdleError,
    LimitError,
    Operation,
    Scope,
    Steps,
    TaskGroup,
    checkpoint,
    coroutine,
    current_task,
    move_on_after,
    sleep,
)
from reactor.net import Connection, listen
from reactor.serving import Server
from reactor.tasks import run
from reactor.testing import World
from tests.serving.conftest import Knock
from tests.tasks.parts import Form, each_form, for_ever, messages


async def echo(connection: Connection) -> None:
    while data := await connection.receive():
        await connection.send_all(data)


@coroutine
def echo_in_a_generator(connection: Connection) -> Steps[None]:
    while data := (yield from connection.receive()):
        yield from connection.send_all(data)


async def ask(client: Connection, what: bytes) -> bytes:
    await client.send_all(what)
    return await client.receive()


@pytest.mark.parametrize("handler", [echo, echo_in_a_generator])
def test_each_client_is_served_as_long_as_it_likes(
    world: World, door: socket.socket, knock: Knock, handler: object
) -> None:
    server = Server(echo if handler is echo else echo_in_a_generator, door)

    async def main() -> list[bytes]:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as one, knock() as other:
                told = [await ask(one, b"1"), await ask(other, b"2"), await ask(one, b"3")]
                assert (server.clients, server.accepted) == (2, 2)
            group.cancel()
        return told

    assert world.run(main) == [b"1", b"2", b"3"]
    assert server.clients == 0


def test_it_knows_its_addresses(door: socket.socket) -> None:
    with listen("127.0.0.1", 0) as other:
        server = Server(echo, door, other)

        assert server.addresses == [door.getsockname(), other.getsockname()]
        server.close()


@each_form
def test_it_runs_in_either_form_until_it_is_drained(
    world: World, door: socket.socket, knock: Knock, form: Form
) -> None:
    server = Server(echo, door)

    async def main() -> int:
        async with TaskGroup() as group:
            running = group.spawn(form, server.run)
            with knock() as client:
                await ask(client, b"hello")
                await client.send_end()
                cut = await form(lambda: server.drain(5))
            await running.join()
        return cut

    assert world.run(main) == 0
    assert world.clock.now < 5


def test_a_connection_is_finished_in_good_order_when_its_handler_returns(
    world: World, door: socket.socket, knock: Knock
) -> None:
    async def one_reply(connection: Connection) -> None:
        await connection.send_all(await connection.receive(1))

    server = Server(one_reply, door)

    async def main() -> bytes:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as client:
                await client.send_all(b"more than it reads")
                reply = await client.receive()
                assert await client.receive() == b""
                assert server.clients == 1  # it throws away what still may come
                await client.send_end()
                while server.clients:
                    await checkpoint()
            group.cancel()
        return reply

    assert world.run(main) == b"m"
    assert world.clock.now == 0


def test_a_handler_may_close_by_itself(world: World, door: socket.socket, knock: Knock) -> None:
    async def rude(connection: Connection) -> None:
        connection.close()

    server = Server(rude, door)

    async def main() -> bytes:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as client:
                end = await client.receive()
            group.cancel()
        return end

    assert world.run(main) == b""


# -- what goes wrong


async def fails(connection: Connection) -> None:
    raise ValueError((await connection.receive()).decode())


def test_what_one_client_fails_with_is_told_and_nobody_else_notices(
    world: World, door: socket.socket, knock: Knock
) -> None:
    told: list[tuple[int, str]] = []

    async def picky(connection: Connection) -> None:
        await (fails if server.accepted == 2 else echo)(connection)

    server = Server(
        picky, door, failed=lambda client, error: told.append((client.fileno(), str(error)))
    )

    async def main() -> bytes:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as good:
                await ask(good, b"hello")
                with knock() as bad:
                    assert await ask(bad, b"oops") == b""
                reply = await ask(good, b"still there?")
            group.cancel()
        return reply

    assert world.run(main) == b"still there?"
    assert told == [(-1, "oops")]  # and its connection was closed by then


@pytest.mark.parametrize(
    ("error", "level", "traced"),
    [
        (ConnectionResetError(104, "reset"), logging.WARNING, False),
        (IdleError("nothing moved"), logging.WARNING, False),
        (LimitError("an endless line"), logging.WARNING, False),
        (ValueError("a mistake"), logging.ERROR, True),
    ],
)
def test_unless_told_otherwise_it_logs_what_a_client_fails_with(
    world: World,
    door: socket.socket,
    knock: Knock,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    level: int,
    traced: bool,
) -> None:
    async def fails(connection: Connection) -> None:
        raise error

    async def main() -> None:
        async with TaskGroup() as group:
            server = Server(fails, door)
            group.spawn(server.run)
            with knock() as client:
                await client.receive()
            assert (server.accepted, server.failures) == (1, 1)
            group.cancel()

    world.run(main)

    (record,) = caplog.records
    assert (record.name, record.levelno, bool(record.exc_info)) == ("reactor", level, traced)
    assert record.getMessage().startswith("<Connection fd=-1 peer=")
    assert record.getMessage().endswith(f": {error}")


def test_what_the_ear_for_failures_raises_ends_the_server(
    world: World, door: socket.socket, knock: Knock
) -> None:
    def deaf(connection: Connection, error: Exception) -> None:
        raise RuntimeError("deaf")

    async def main() -> None:
        with knock() as client:
            async with TaskGroup() as group:
                group.spawn(Server(fails, door, failed=deaf).run)
                await client.send_all(b"oops")

    with pytest.raises(ExceptionGroup) as caught:
        world.run(main)
    assert messages(caught.value) == ["deaf"]


def test_a_socket_that_goes_wrong_ends_the_server_and_cuts_its_clients(
    world: World, door: socket.socket, knock: Knock
) -> None:
    async def main() -> list[bytes]:
        with socket.socket(fileno=os.dup(door.fileno())) as again, knock() as client:
            world.reactor.call_later(1, again.shutdown, socket.SHUT_RDWR)
            await client.send_all(b"hello")
            with pytest.raises(ExceptionGroup) as caught:
                await Server(echo, door).run()
            (wrong,) = caught.value.exceptions
            assert isinstance(wrong, OSError)
            assert wrong.errno == errno.EINVAL
            return [await client.receive(), await client.receive()]

    assert world.run(main) == [b"hello", b""]
    assert world.clock.now == 1


def test_a_client_on_whose_connection_nothing_moves_is_lost(
    world: World, door: socket.socket, knock: Knock
) -> None:
    told: list[str] = []
    server = Server(
        echo, door, idle_seconds=60, failed=lambda client, error: told.append(type(error).__name__)
    )

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as client:
                assert await client.receive() == b""
            group.cancel()

    world.run(main)

    assert told == ["IdleError"]
    assert world.clock.now == 60


# -- limits


def test_no_more_than_so_many_are_in_at_a_time(
    world: World, door: socket.socket, knock: Knock
) -> None:
    server = Server(echo, door, most=2)

    async def main() -> list[bytes]:
        async with TaskGroup() as group:
            group.spawn(server.run)
            clients = [knock() for _ in range(3)]
            for client in clients:
                await client.send_all(b"hello")
            with move_on_after(1) as scope:
                await clients[2].receive()
            assert scope.cancelled_caught
            assert (server.clients, server.accepted) == (2, 2)
            clients[0].close()
            told = [await clients[2].receive(), await clients[1].receive()]
            assert (server.clients, server.accepted) == (2, 3)
            for client in clients:
                client.close()
            group.cancel()
        return told

    assert world.run(main) == [b"hello", b"hello"]


@pytest.mark.parametrize("most", [0, -1, nan])
def test_a_server_for_nobody_is_refused(door: socket.socket, most: float) -> None:
    with pytest.raises(ValueError, match=f"^a server for {most} clients serves nobody; give 1"):
        Server(echo, door, most=most)


def test_a_server_without_a_socket_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a server without a socket hears nobody; give one that"):
        Server(echo)


def test_it_runs_once(world: World, door: socket.socket) -> None:
    server = Server(echo, door)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(server.run)
            await sleep(1)
            with pytest.raises(BusyError, match=r"^<Server at .*, running, 0 in> runs, or has run"):
                await server.run()
            group.cancel()

    world.run(main)


# -- draining


async def by_request(connection: Connection) -> None:
    """Take a second for each request."""
    async for _ in connection.lines():
        await sleep(1)
        await connection.send_all(b"done\n")


def test_draining_waits_for_who_is_in_and_takes_in_nobody(
    world: World, door: socket.socket, knock: Knock
) -> None:
    server = Server(by_request, door)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as client:
                await client.send_all(b"1\n2\n")
                await client.send_end()
                while not server.accepted:
                    await checkpoint()
                draining = group.spawn(server.drain, 9)
                while not server.draining:
                    await checkpoint()
                assert repr(server).endswith(", draining, 1 in>")
                with pytest.raises(ConnectionRefusedError):
                    knock()
                assert await client.receive_exactly(10) == b"done\ndone\n"
                assert await draining.join() == 0

    world.run(main)

    assert world.clock.now == 2


def test_who_is_still_in_when_time_is_up_is_cut_and_counted(
    world: World, door: socket.socket, knock: Knock
) -> None:
    log: list[str] = []

    async def stubborn(connection: Connection) -> None:
        try:
            await for_ever()
        except Cancelled:
            with move_on_after(1, shield=True):
                await for_ever()
            log.append("cleaned up")
            raise

    server = Server(stubborn, door)

    async def main() -> tuple[int, bytes]:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as one, knock():
                await sleep(1)
                cut = await server.drain(5)
                assert server.clients == 0
                end = await one.receive()
        return cut, end

    assert world.run(main) == (2, b"")
    assert log == ["cleaned up", "cleaned up"]
    assert world.clock.now == 7


def test_who_is_at_rest_is_let_go_at_once(world: World, door: socket.socket, knock: Knock) -> None:
    log: list[str] = []

    async def patient(connection: Connection) -> None:
        while True:
            with server.at_rest() as rest:
                line = await connection.receive_line()
            if rest.cancelled_caught or line is None:
                log.append(f"leaves, {rest.cancelled_caught}")
                return
            await sleep(1)
            await connection.send_all(b"done\n")

    server = Server(patient, door)

    async def main() -> tuple[int, bytes]:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as resting, knock() as busy:
                await busy.send_all(b"work\nmore work\n")
                for _ in range(4):
                    await checkpoint()
                draining = group.spawn(server.drain, 60)
                assert await resting.receive() == b""
                await resting.send_end()
                assert world.clock.now == 0
                done = await busy.receive()
                assert await busy.receive() == b""
                await busy.send_end()
                cut = await draining.join()
        return cut, done

    assert world.run(main) == (0, b"done\n")
    assert log == ["leaves, True", "leaves, True"]
    assert world.clock.now == 1


def test_what_happens_at_rest_comes_out_as_it_is(
    world: World, door: socket.socket, knock: Knock
) -> None:
    log: list[object] = []

    async def handler(connection: Connection) -> None:
        with server.at_rest():
            log.append(await connection.receive())
        with pytest.raises(ValueError, match="mine"), server.at_rest():
            raise ValueError("mine")

    server = Server(handler, door)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as client:
                await client.send_all(b"hello")
                await client.receive()
            await server.drain(1)

    world.run(main)

    assert log == [b"hello"]


def test_draining_that_is_cancelled_leaves_who_is_in(
    world: World, door: socket.socket, knock: Knock
) -> None:
    server = Server(echo, door)

    async def main() -> bytes:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as client:
                await ask(client, b"hello")
                with move_on_after(1):
                    await server.drain(60)
                reply = await ask(client, b"still there?")
                with pytest.raises(ConnectionRefusedError):
                    knock()
        return reply

    assert world.run(main) == b"still there?"


def test_draining_for_no_number_changes_nothing(world: World, door: socket.socket) -> None:
    server = Server(echo, door)

    async def main() -> None:
        with pytest.raises(ValueError, match="NaN"):
            await server.drain(nan)

    world.run(main)
    assert not server.draining
    server.close()


def test_one_that_is_drained_while_it_is_full_takes_in_nobody(
    world: World, door: socket.socket, knock: Knock
) -> None:
    server = Server(echo, door, most=1)

    async def main() -> int:
        async with TaskGroup() as group:
            group.spawn(server.run)
            with knock() as one, knock() as other:
                await ask(one, b"hello")
                draining = group.spawn(server.drain, 9)
                await sleep(1)
                with pytest.raises(ConnectionResetError):
                    await other.receive()  # it was in the backlog
                one.close()
                assert await draining.join() == 0
        return server.accepted

    assert world.run(main) == 1


def test_one_that_was_drained_before_it_runs_serves_nobody(
    world: World, door: socket.socket
) -> None:
    server = Server(echo, door)

    async def main() -> int:
        cut = await server.drain(1)
        await server.run()
        return cut

    assert world.run(main) == 0
    assert world.clock.now == 0


def test_a_cancelled_server_cuts_its_clients_and_closes_its_sockets(
    world: World, door: socket.socket, knock: Knock
) -> None:
    server = Server(echo, door)

    async def main() -> None:
        with knock() as client:
            with Scope() as scope:
                world.reactor.call_later(1, scope.cancel)
                await server.run()
            assert await client.receive() == b""
            with pytest.raises(ConnectionRefusedError):
                knock()

    world.run(main)
    assert server.clients == 0


def test_over_tcp_on_several_sockets() -> None:
    first, second = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    server = Server(echo, first, second)
    addresses = [sock.getsockname() for sock in (first, second)]

    async def main() -> list[bytes]:
        told = []
        async with TaskGroup() as group:
            group.spawn(server.run)
            for address in addresses:
                reactor = current_task().reactor
                with Connection(reactor, socket.create_connection(address)) as client:
                    told.append(await ask(client, b"hello"))
            await server.drain(5)
        return told

    assert run(main) == [b"hello", b"hello"]


# -- until a signal


@each_form
def test_it_serves_until_a_signal_comes_and_then_drains(
    world: World, door: socket.socket, knock: Knock, form: Form
) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    server = Server(echo, door)
    heard: list[str] = []

    def until_a_signal() -> Operation[None]:
        return server.run_until(
            *(signal.SIGUSR2, signal.SIGUSR1), seconds=5, ready=lambda: heard.append("ready")
        )

    async def main() -> bytes:
        async with TaskGroup() as group:
            group.spawn(form, until_a_signal)
            with knock() as client:
                reply = await ask(client, b"hello")
                signal.raise_signal(signal.SIGUSR1)
                while not server.draining:
                    await checkpoint()
                assert signal.getsignal(signal.SIGUSR1) == before
                assert await ask(client, b"still in") == b"still in"
                assert await client.receive() == b""  # when time was up
        return reply

    assert world.run(main) == b"hello"
    assert (heard, world.clock.now) == (["ready"], 5.0)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_who_drains_it_otherwise_ends_the_wait_for_a_signal(
    world: World, door: socket.socket, when: str
) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    server = Server(echo, door)

    async def main() -> None:
        async with TaskGroup() as group:
            if when == "before":
                await server.drain(5)
            running = group.spawn(partial(server.run_until, signal.SIGUSR1, seconds=5))
            if when == "meanwhile":
                await sleep(1)
                await server.drain(5)
            await running.join()

    world.run(main)
    assert signal.getsignal(signal.SIGUSR1) == before


def test_until_no_signal_or_for_no_number_is_refused(world: World, door: socket.socket) -> None:
    server = Server(echo, door)

    async def main() -> None:
        with pytest.raises(ValueError, match="no signal is given"):
            await server.run_until(seconds=5)
        with pytest.raises(ValueError, match=r"^<Server at .* cannot be drained in NaN seconds"):
            await server.run_until(signal.SIGUSR1, seconds=nan)

    world.run(main)
    server.close()


def test_a_server_that_is_cancelled_waits_for_no_signal_any_more(
    world: World, door: socket.socket, knock: Knock
) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    server = Server(echo, door)

    async def main() -> None:
        with move_on_after(1):
            await server.run_until(signal.SIGUSR1, seconds=5)

    with knock() as client:
        world.run(main)
        assert (server.clients, server.draining) == (0, False)
        assert signal.getsignal(signal.SIGUSR1) == before
        client.close()


def test_what_ready_raises_ends_the_server(world: World, door: socket.socket) -> None:
    def ready() -> None:
        raise OSError(errno.EPIPE, "nobody to tell")

    server = Server(echo, door)

    async def main() -> None:
        await server.run_until(signal.SIGUSR1, seconds=5, ready=ready)

    with pytest.raises(ExceptionGroup) as caught:
        world.run(main)
    assert [type(error) for error in caught.value.exceptions] == [BrokenPipeError]
