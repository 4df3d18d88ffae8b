"""What strict mypy accepts of sockets, and what it infers."""

from __future__ import annotations

import socket
from functools import partial
from typing import assert_type

from reactor import LimitError, Operation, Reactor, Runnable, Scope, Steps, TaskGroup, coroutine
from reactor.net import (
    Address,
    CallbackListener,
    Channel,
    Connection,
    DatagramSocket,
    IdleTimer,
    LineChannel,
    Lines,
    Listener,
    MakeChannel,
    Meter,
    Stream,
    connect_channel,
    connect_unix_channel,
    listen,
    relay,
)
from reactor.serving import ChannelServer


@coroutine
def in_a_generator(connection: Connection) -> Steps[bytes]:
    data = yield from connection.receive(512)
    assert_type(data, bytes)
    assert_type((yield from connection.receive()), bytes)
    yield from connection.send_all(data)
    yield from connection.send_all(bytearray(data))
    yield from connection.send_all(memoryview(data))
    yield from connection.finish()
    yield from connection.finish(1)
    return data


async def in_async_def(connection: Connection) -> bytes:
    data = await connection.receive(512)
    assert_type(data, bytes)
    assert_type(await connection.receive(limit=512), bytes)
    await connection.send_all(data)
    await connection.finish(seconds=0.5)
    return data


@coroutine
def by_count_and_mark(stream: Stream) -> Steps[int]:
    assert_type((yield from stream.receive_exactly(4)), bytes)
    assert_type((yield from stream.receive_until()), bytes)
    assert_type((yield from stream.receive_until(b"\r\n", limit=100)), bytes)
    assert_type((yield from stream.peek()), bytes)
    assert_type((yield from stream.receive_line(limit=100)), bytes | None)
    assert_type(stream.lines(1000), Lines)
    stream.unread(b"again")
    with open("file", "rb") as file:
        return (yield from stream.send_file(file, 0, 100)) + (yield from stream.send_file(3))


async def by_line(connection: Connection) -> list[bytes]:
    stream: Stream = connection
    return [line async for line in stream.lines()]


class Doubled(Stream):
    """Over another stream: each byte goes out twice."""

    def __init__(self, below: Stream) -> None:
        super().__init__()
        self._below = below

    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        return (yield from self._below.receive(limit))

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        for byte in bytes(data):
            yield from self._below.send_all(bytes([byte, byte]))

    def send_end(self) -> Operation[None]:
        return self._below.send_end()

    def close(self) -> None:
        self._below.close()

    def abort(self) -> None:
        self._below.abort()


@coroutine
def accept_in_a_generator(listener: Listener) -> Steps[None]:
    connection = yield from listener.accept()
    assert_type(connection, Connection)
    with connection as same, (yield from listener.accept(idle_seconds=5)) as other:
        assert_type(same, Connection)
        assert_type(other.peer, Address)
        assert_type(same.fileno(), int)


async def accept_in_async_def(reactor: Reactor) -> None:
    with Listener(reactor, listen("127.0.0.1", 0, backlog=5)) as listener:
        assert_type(listener, Listener)
        assert_type(listener.address, Address)
        async with TaskGroup() as group:
            task = group.spawn(in_async_def, await listener.accept())
            assert_type(await task.join(), bytes)
            group.spawn(in_a_generator, await listener.accept(idle_seconds=None))
            group.spawn((await listener.accept()).finish, 0.1)


def take_over(reactor: Reactor, sock: socket.socket) -> None:
    Connection(reactor, sock, sock.getpeername(), idle_seconds=30)
    Connection(reactor, sock.fileno(), ("10.0.0.1", 80)).close()
    Connection(reactor, sock, "/run/socket").abort()


class Echo(Channel):
    """A channel with every hook."""

    def received(self, data: bytes) -> None:
        self.send(data)
        self.send(bytearray(data))
        self.send(memoryview(data))
        if self.unsent:
            self.finish(seconds=1)

    def received_end(self) -> None:
        assert_type(self.limit, int)
        assert_type(self.reactor, Reactor)

    def sent(self) -> None:
        assert_type(self.unsent, int)
        assert_type(self.unsent_limit, int)

    def ended(self, error: Exception | None) -> None:
        assert_type(self.peer, Address)
        assert_type(self.closed, bool)


class Talk(LineChannel):
    """A channel by lines with every hook."""

    def received_line(self, line: bytes) -> None:
        assert_type(self.line_limit, int)
        self.take(len(line))

    def received_exactly(self, data: bytes) -> None:
        self.send(data)

    def line_too_long(self, error: LimitError) -> None:
        assert_type(error.partial, bytes)

    def received_end(self) -> bool:
        self.send_end()
        return True

    def leave(self) -> None:
        self.pause()
        self.resume()
        self.finish(seconds=1)


def kept(channel: Channel, error: Exception | None) -> None:
    channel.when_ended(kept)
    assert_type(channel.meter(), Meter)
    assert_type(channel.meter().moved, float)


def connect_in_callbacks(reactor: Reactor) -> None:
    def failed(error: Exception) -> None:
        print(error)

    talk: MakeChannel = partial(Talk, mark=b"\0", line_limit=10, idle_seconds=5)
    scope = connect_channel(reactor, "host", 80, talk, failed, seconds=5, local=("::1", 0))
    assert_type(scope, Scope)
    connect_channel(reactor, "host", 80, Echo, failed).cancel()
    connect_unix_channel(reactor, b"/run/socket", Echo, print)
    assert_type(Echo(reactor, 3, duplex=True).closed, bool)


def serve_in_callbacks(reactor: Reactor, sock: socket.socket) -> None:
    server = ChannelServer(reactor, Echo, sock, sock, most=5)
    make: MakeChannel = partial(Talk, line_limit=10)
    ChannelServer(reactor, make, sock)
    assert_type(server.clients, int)
    assert_type(server.accepted + server.failures, int)
    server.drain(5)
    server.drain_on(15, 2, seconds=5, drained=lambda cut: assert_type(cut, int))
    server.drain(5, drained=lambda cut: assert_type(cut, int))
    server.close()


async def both_ways(one: Stream, other: Connection) -> None:
    assert_type(await relay(one, other), None)


async def counts(connection: Connection, listener: Listener, some: DatagramSocket) -> None:
    assert_type(connection.meter().received, int)
    assert_type(connection.unsent, int)
    assert_type(listener.accepted + listener.lost, int)
    assert_type(some.received + some.sent, int)
    assert_type(some.dropped, int | None)


class Patient:
    """What ends by itself when nothing has moved on it for a minute."""

    def __init__(self, reactor: Reactor) -> None:
        self._idle = IdleTimer(reactor, 60, self.expired)
        assert_type(self._idle.seconds, float)

    def expired(self) -> None:
        self._idle.cancel()


def knock_at(listener: Listener | CallbackListener) -> socket.socket:
    return socket.create_connection(("127.0.0.1", listener.port))


def in_callbacks(reactor: Reactor) -> None:
    def accepted(fd: int, address: Address) -> Echo:
        return Echo(reactor, fd, address, limit=512, idle_seconds=60)

    def shortage(error: OSError | None) -> None:
        print("short" if error else "works")

    listener = CallbackListener(reactor, listen("::1", 0), accepted, shortage=shortage)
    assert_type(listener.address, Address)
    assert_type(listener.fileno(), int)
    runnable: Runnable = listener
    reactor.ready.append(runnable)
    listener.pause()
    listener.resume()
    listener.close()


def by_family(address: Address) -> str:
    if isinstance(address, tuple):
        assert_type(address[0], str)
        return f"{address[0]}:{address[1]}"
    if isinstance(address, bytes):
        return address.decode()
    return address or "unknown"
