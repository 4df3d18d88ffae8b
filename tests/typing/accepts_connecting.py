"""What strict mypy accepts of connecting, Unix sockets and datagrams, and what it infers."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import assert_type

from reactor import Operation, Reactor, Steps, TaskGroup, coroutine
from reactor.net import (
    CONNECTION_ATTEMPT_DELAY,
    Address,
    Attempt,
    Connection,
    DatagramSocket,
    InternetAddress,
    Listener,
    Place,
    Resolver,
    UnixPath,
    bind_udp,
    connect,
    connect_socket,
    connect_to,
    connect_udp,
    connect_unix,
    listen,
    listen_unix,
    resolve,
    stream_pair,
)


@coroutine
def in_a_generator() -> Steps[bytes]:
    connection = yield from connect("host", 80, seconds=5, idle_seconds=60)
    assert_type(connection, Connection)
    with connection, (yield from connect_unix("/run/door")) as other:
        assert_type(other, Connection)
    places = yield from resolve("host", 80)
    assert_type(places, list[Place])
    sock = yield from connect_to(places[0])
    assert_type(sock, socket.socket)
    assert_type(places[0].address, InternetAddress)
    yield from connect_socket(sock, places[0].address)
    with (yield from bind_udp(None, 53)) as server:
        assert_type((yield from server.receive()), tuple[bytes, Address])
        data, sender = yield from server.receive(512)
        yield from server.send_to(data, sender)
        server.join("239.0.0.1", "eth0")
        server.leave("239.0.0.1")
    return data


async def in_async_def(reactor: Reactor, path: Path) -> None:
    async with TaskGroup() as group:
        task = group.spawn(connect, "host", 80)
        assert_type(await task.join(), Connection)
    with await connect_udp("host", 53) as client:
        assert_type(client, DatagramSocket)
        await client.send(bytearray(b"data"))
        await client.send_to(memoryview(b"data"), ("192.0.2.1", 53))
        assert_type(client.peer, Address)
        assert_type(client.port, int)
    near, far = stream_pair()
    assert_type(near, Connection)
    far.close()
    Listener(reactor, listen_unix(path, mode=0o600)).close()
    Listener(reactor, listen_unix(b"\0abstract", backlog=5)).close()
    Listener(reactor, listen(None, 80)).close()
    DatagramSocket(reactor, socket.socket(type=socket.SOCK_DGRAM)).close()
    with socket.socket(socket.AF_UNIX) as sock:
        await connect_socket(sock, "/run/door")


def paths(path: Path) -> list[UnixPath]:
    return ["/run/door", b"\0abstract", path]


async def hurry(seconds: float = 4 * CONNECTION_ATTEMPT_DELAY) -> Connection:
    return await connect("host", 80, seconds=seconds)


async def look_up(host: str, port: int) -> Sequence[Place]:
    return [Place(socket.AF_INET, (host, port))]


@coroutine
def look_up_too(host: str, port: int) -> Steps[list[Place]]:
    return (yield from resolve(host, port))


@coroutine
def attempt(place: Place) -> Steps[socket.socket]:
    return (yield from connect_to(place, local=place))


async def with_ones_own() -> None:
    resolver: Resolver = look_up
    tries: Attempt = attempt
    (await connect("host", 80, resolver=resolver, attempt=tries)).close()
    (await connect("host", 80, resolver=look_up_too, local=("127.0.0.1", 0))).close()
    (await bind_udp("host", 80, resolver=look_up)).close()
    operation: Operation[Connection] = connect("host", 80, attempt=connect_to)
    (await operation).close()
