"""Being connected to, datagrams, relaying, and serving."""

from __future__ import annotations

import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from reactor import TaskGroup, sleep
from reactor.net import Connection, DatagramSocket, Listener, relay
from reactor.serving import Server
from tests.cancellation.case import case
from tests.cancellation.trial import Trial
from tests.net.datagram_peers import BIG, datagram_pair, stuff, take_all


@contextmanager
def unix_door(backlog: int = 8) -> Iterator[socket.socket]:
    """A Unix socket that listens."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as sock:
        sock.bind(f"{folder}/door")
        sock.listen(backlog)
        sock.setblocking(False)
        yield sock


# -- being connected to


@case("Listener.accept")
async def a_client_comes(trial: Trial) -> None:
    with unix_door() as door, socket.socket(socket.AF_UNIX) as client:
        address = door.getsockname()
        with Listener(trial.reactor, door) as listener:
            trial.attempt(listener.accept)
            await sleep(1)
            client.connect(address)
            client.send(b"it is me")
            cancelled = await trial.was_cancelled()
            with await listener.accept() if cancelled else trial.task.result as connection:
                assert await connection.receive() == b"it is me"


@case("MemoryListener.accept")
async def a_client_comes_in_memory(trial: Trial) -> None:
    with trial.network.listen("door") as listener:
        trial.attempt(listener.accept)
        await sleep(1)
        with await trial.network.connect("door") as client:
            await client.send_all(b"it is me")
            cancelled = await trial.was_cancelled()
            with await listener.accept() if cancelled else trial.task.result as connection:
                assert await connection.receive_exactly(8) == b"it is me"
    await sleep(1)  # until all that is on its way has arrived


# -- datagrams


@case("DatagramSocket.receive")
async def a_datagram_comes(trial: Trial) -> None:
    with datagram_pair() as (ours, far), DatagramSocket(trial.reactor, ours) as near:
        trial.attempt(near.receive)
        await sleep(1)
        far.send(b"here")
        answer = await near.receive() if await trial.was_cancelled() else trial.task.result
        assert answer[0] == b"here"


@case("DatagramSocket.send")
async def a_datagram_finds_room(trial: Trial) -> None:
    with datagram_pair() as (ours, far):
        stuff(ours)
        with DatagramSocket(trial.reactor, ours) as near:
            async with TaskGroup() as group:
                trial.attempt(lambda: near.send(b"mine"))
                await sleep(1)
                group.spawn(near.send, b"next")  # it stands behind the first, who waits for room
                await sleep(1)
                taken = take_all(far)
                cancelled = await trial.was_cancelled()
            taken += take_all(far)
    assert sorted(taken) == ([b"next"] if cancelled else [b"mine", b"next"])


@case("DatagramSocket.send_to", parks=2)
async def a_datagram_is_tried_again(trial: Trial) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as far,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours,
    ):
        far.bind(f"{folder}/far")
        far.setblocking(False)
        ours.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                ours.sendto(BIG, far.getsockname())
        with DatagramSocket(trial.reactor, ours) as near:
            trial.attempt(lambda: near.send_to(b"mine", far.getsockname()))
            await sleep(0.015)
            taken = take_all(far)
            cancelled = await trial.was_cancelled()
            await near.send_to(b"next", far.getsockname())
            taken += take_all(far)
    assert taken == ([b"next"] if cancelled else [b"mine", b"next"])


# -- relaying


@case("relay", parks=4)
async def both_ways_are_carried(trial: Trial) -> None:
    (client, one), (other, server) = trial.network.stream_pair(), trial.network.stream_pair()
    with client, one, other, server:
        trial.attempt(lambda: relay(one, other))
        await sleep(1)
        await client.send_all(b"there")
        await sleep(1)
        await server.send_all(b"and back")
        await server.send_end()
        await sleep(1)
        await client.send_end()
        if not await trial.was_cancelled():
            assert await server.receive_exactly(5) == b"there"
            assert await client.receive_exactly(8) == b"and back"
            assert await server.receive() == await client.receive() == b""
    await sleep(1)  # until all that is on its way has arrived


# -- serving


async def _echo(connection: Connection) -> None:
    while data := await connection.receive():
        await connection.send_all(data)


@case("Server.run", parks=4)
async def clients_are_served(trial: Trial) -> None:
    with unix_door() as door, socket.socket(socket.AF_UNIX) as client:
        address = door.getsockname()
        server = Server(_echo, door)
        client.setblocking(False)
        trial.attempt(server.run)
        await sleep(1)
        if door.fileno() >= 0:
            client.connect(address)
            client.send(b"hello")
        await sleep(1)
        if not trial.cancelled:
            assert client.recv(9) == b"hello"
            async with TaskGroup() as group:
                group.spawn(server.drain, 1)
                await sleep(0.5)
                client.close()
        await trial.was_cancelled()
        assert server.clients == 0
        assert door.fileno() < 0


@case("Server.run_until", parks=4)
async def a_signal_ends_the_service(trial: Trial) -> None:
    with unix_door() as door, socket.socket(socket.AF_UNIX) as client:
        address = door.getsockname()
        server = Server(_echo, door)
        client.setblocking(False)
        trial.attempt(lambda: server.run_until(signal.SIGWINCH, seconds=1))
        await sleep(1)
        if door.fileno() >= 0:
            client.connect(address)
            client.send(b"hello")
        await sleep(1)
        if not trial.cancelled:
            assert client.recv(9) == b"hello"
            signal.raise_signal(signal.SIGWINCH)
            await sleep(0.5)
            client.close()
        await trial.was_cancelled()
        assert server.clients == 0
        assert door.fileno() < 0
        assert signal.getsignal(signal.SIGWINCH) is signal.SIG_DFL


@case("Server.drain", parks=2)
async def a_server_is_drained(trial: Trial) -> None:
    with unix_door() as door, socket.socket(socket.AF_UNIX) as client:
        address = door.getsockname()
        server = Server(_echo, door)
        client.setblocking(False)
        async with TaskGroup() as group:
            group.spawn(server.run)
            await sleep(1)
            client.connect(address)
            await sleep(1)
            trial.attempt(lambda: server.drain(5))
            cancelled = await trial.was_cancelled()
            with pytest.raises(ConnectionRefusedError), socket.socket(socket.AF_UNIX) as late:
                late.connect(address)
            if trial.reactor.now() < 7:  # else its time was up, and it has cut who was in
                client.send(b"still in")
                await sleep(1)
                assert client.recv(9) == b"still in"
            assert cancelled or trial.task.result == 1
            client.close()
