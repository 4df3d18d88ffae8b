"""What strict mypy refuses of connecting, Unix sockets and datagrams."""

from __future__ import annotations

import socket

from reactor import Reactor, Steps, coroutine
from reactor.net import (
    Connection,
    DatagramSocket,
    Place,
    bind_udp,
    connect,
    connect_socket,
    connect_to,
    connect_udp,
    connect_unix,
    listen_unix,
    resolve,
    stream_pair,
)


@coroutine
def in_a_generator() -> Steps[None]:
    text: str = yield from connect("host", 80)  # E: assignment
    connect("host", 80)  # E: unused-awaitable
    yield from connect("host", "80")  # E: arg-type
    yield from connect(None, 80)  # E: arg-type
    yield from connect("host", 80, 5)  # E: call-arg
    yield from connect("host", 80, local="127.0.0.1")  # E: arg-type
    yield from connect_to(("127.0.0.1", 80))  # E: arg-type
    names: list[str] = yield from resolve("host", 80)  # E: assignment
    print(text, names)


async def in_async_def(reactor: Reactor, sock: DatagramSocket) -> None:
    connection: socket.socket = await connect("host", 80)  # E: assignment
    await connect_unix(5)  # E: arg-type
    await connect_socket(7, ("127.0.0.1", 80))  # E: arg-type
    connect_socket(connection, ("127.0.0.1", 80))  # E: unused-awaitable
    listen_unix("/run/door", 0o600)  # E: call-arg
    near: Connection = stream_pair()  # E: assignment
    await stream_pair()  # E: misc
    data: bytes = await sock.receive()  # E: assignment
    await sock.send("text")  # E: arg-type
    await sock.send_to(b"data")  # E: call-arg
    sock.send(b"forgotten")  # E: unused-awaitable
    await sock.close()  # E: func-returns-value  # E: misc
    sock.join(b"239.0.0.1")  # E: arg-type
    bind_udp(None, 53)  # E: unused-awaitable
    await connect_udp(None, 53)  # E: arg-type
    DatagramSocket(reactor, 5)  # E: arg-type
    print(near, data)


async def wrong_look_up(host: str) -> list[Place]:
    return []


async def wrong_attempt(place: Place) -> None: ...


async def with_ones_own() -> None:
    await connect("host", 80, resolver=wrong_look_up)  # E: arg-type
    await connect("host", 80, attempt=wrong_attempt)  # E: arg-type
