"""Connecting, over whatever there is, and making sockets for datagrams."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from math import inf

from reactor import move_on_after, sleep
from reactor.net import (
    Place,
    bind_udp,
    connect,
    connect_socket,
    connect_to,
    connect_udp,
    connect_unix,
    listen,
)
from tests.cancellation.case import case
from tests.cancellation.of_serving import unix_door
from tests.cancellation.trial import Trial

SILENT, REFUSING, OPEN = (
    Place(socket.AF_INET, (f"192.0.2.{number}", 80)) for number in range(1, 4)
)


async def look_up(host: str, port: int) -> Sequence[Place]:
    """Take a second to find three places."""
    await sleep(1)
    return [SILENT, REFUSING, OPEN]


@case("connect", parks=8)
async def addresses_are_tried(trial: Trial) -> None:
    fars: list[socket.socket] = []

    async def attempt(place: Place) -> socket.socket:
        near, far = socket.socketpair()
        fars.append(far)
        try:
            await sleep(inf if place is SILENT else 0.5)
            if place is REFUSING:
                raise ConnectionRefusedError("refused")
        except BaseException:
            near.close()
            raise
        return near

    trial.attempt(lambda: connect("host", 80, resolver=look_up, attempt=attempt))
    if not await trial.was_cancelled():
        trial.task.result.close()
    for far in fars:
        with far:
            far.setblocking(False)
            assert far.recv(1) == b"", "every other end is closed"


@case("connect", "connect_to", "connect_socket", real_time=True)
async def a_port_is_connected_to(trial: Trial) -> None:
    with listen("127.0.0.1", 0) as door:
        trial.attempt(lambda: connect(*door.getsockname()))
        if not await trial.was_cancelled():
            trial.task.result.close()


@case("connect_to", real_time=True)
async def a_place_is_connected_to(trial: Trial) -> None:
    with listen("127.0.0.1", 0) as door:
        trial.attempt(lambda: connect_to(Place(socket.AF_INET, door.getsockname())))
        if not await trial.was_cancelled():
            trial.task.result.close()


@case("connect_to", "connect_socket")
async def a_place_does_not_answer(trial: Trial) -> None:
    async def connects() -> None:
        with move_on_after(5):
            await connect_to(Place(socket.AF_INET, door.getsockname()))

    with ExitStack() as stack:
        door = stack.enter_context(listen("127.0.0.1", 0, backlog=0))
        for _ in range(4):  # whom its backlog has no room for is never answered
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(door.getsockname())
        trial.attempt(connects)
        await trial.was_cancelled()


@contextmanager
def _full_door() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A Unix socket that listens, and the one client for whom there was room."""
    with unix_door(backlog=0) as door, socket.socket(socket.AF_UNIX) as client:
        client.connect(door.getsockname())
        yield door, client


@case("connect_unix", parks=2)
async def a_full_backlog_is_waited_for(trial: Trial) -> None:
    with _full_door() as (door, _):
        trial.attempt(lambda: connect_unix(door.getsockname()))
        await sleep(0.015)
        door.accept()[0].close()
        if not await trial.was_cancelled():
            trial.task.result.close()


@case("connect_socket", parks=2)
async def a_socket_of_ones_own_is_connected(trial: Trial) -> None:
    with _full_door() as (door, _), socket.socket(socket.AF_UNIX) as sock:
        trial.attempt(lambda: connect_socket(sock, door.getsockname()))
        await sleep(0.015)
        door.accept()[0].close()
        if not await trial.was_cancelled():
            door.accept()[0].close()
        else:
            assert sock.fileno() >= 0, "it is still its owner's"


@case("connect_socket", real_time=True)
async def a_socket_of_ones_own_is_connected_over_tcp(trial: Trial) -> None:
    with listen("127.0.0.1", 0) as door, socket.socket() as sock:
        trial.attempt(lambda: connect_socket(sock, door.getsockname()))
        await trial.was_cancelled()
        assert sock.fileno() >= 0, "it is still its owner's"


@case("Network.connect", parks=3)
async def a_listener_in_memory_is_reached(trial: Trial) -> None:
    with trial.network.listen("door", backlog=1) as listener:
        (await trial.network.connect("door")).close()
        trial.attempt(lambda: trial.network.connect("door"))
        await sleep(1)
        (await listener.accept()).close()
        if not (cancelled := await trial.was_cancelled()):
            trial.task.result.close()
        with move_on_after(1) as nobody:
            inside = await listener.accept()
        if not nobody.cancelled_caught:
            with inside, suppress(ConnectionResetError):
                assert await inside.receive() == b""
                assert not cancelled
    await sleep(1)  # until all that is on its way has arrived


@case("bind_udp")
async def a_name_to_bind_is_looked_up(trial: Trial) -> None:
    async def here(host: str, port: int) -> Sequence[Place]:
        await sleep(1)
        return [Place(socket.AF_INET, ("127.0.0.1", port))]

    trial.attempt(lambda: bind_udp("host", 0, resolver=here))
    if not await trial.was_cancelled():
        trial.task.result.close()


@case("connect_udp")
async def a_name_to_send_to_is_looked_up(trial: Trial) -> None:
    async def here(host: str, port: int) -> Sequence[Place]:
        await sleep(1)
        return [Place(socket.AF_INET, ("127.0.0.1", port))]

    trial.attempt(lambda: connect_udp("host", 9, resolver=here))
    if not await trial.was_cancelled():
        trial.task.result.close()
