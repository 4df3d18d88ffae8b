"""What strict mypy refuses of sockets."""

from __future__ import annotations

import socket

from reactor import Operation, Reactor, Steps, coroutine
from reactor.net import (
    Address,
    CallbackListener,
    Channel,
    Connection,
    LineChannel,
    Listener,
    Stream,
    connect_channel,
    connect_unix_channel,
    listen,
    relay,
)
from reactor.serving import ChannelServer


@coroutine
def in_a_generator(connection: Connection) -> Steps[None]:
    text: str = yield from connection.receive()  # E: assignment
    yield from connection.receive("512")  # E: arg-type
    yield from connection.send_all(text)  # E: arg-type
    yield from connection.send_all([1, 2])  # E: arg-type
    yield from connection.finish("1")  # E: arg-type
    connection.send_all(b"forgotten")  # E: unused-awaitable
    data = connection.receive()
    data.decode()  # E: attr-defined


async def in_async_def(connection: Connection, listener: Listener) -> None:
    text: str = await connection.receive()  # E: assignment
    await connection.receive("all")  # E: arg-type
    await connection.send_all(None)  # E: arg-type
    connection.finish()  # E: unused-awaitable
    connection.send_end()  # E: unused-awaitable
    await connection.close()  # E: func-returns-value  # E: misc
    listener.accept()  # E: unused-awaitable
    await listener.accept(5)  # E: call-arg
    await listener.accept(idle_seconds="5")  # E: arg-type
    number: int = await listener.accept()  # E: assignment
    async with connection:  # E: attr-defined  # E: attr-defined
        print(text, number)


def take_over(reactor: Reactor, sock: socket.socket) -> None:
    Connection(sock)  # E: call-arg  # E: arg-type
    Connection(reactor, "socket")  # E: arg-type
    Connection(reactor, sock, 80)  # E: arg-type
    Connection(reactor, sock, None, 30)  # E: call-arg
    Connection(reactor, sock).elsewhere = 1  # E: attr-defined
    Listener(reactor, sock.fileno())  # E: arg-type
    Listener(reactor, sock, shortage=len)  # E: arg-type
    CallbackListener(reactor, sock, print, shortage=listen)  # E: arg-type
    CallbackListener(reactor, sock)  # E: call-arg
    CallbackListener(reactor, sock, lambda fd: None)  # E: arg-type  # E: misc
    listen("127.0.0.1", "80")  # E: arg-type
    listen("127.0.0.1")  # E: call-arg
    listen("127.0.0.1", 80, 128)  # E: call-arg


def take(text: str, address: Address) -> None:
    print(text, address[0])  # E: index


class Wrong(Channel):
    """A channel whose hooks are not what they should be."""

    def received(self, data: str) -> None:  # E: override
        self.send(data)  # E: arg-type
        self.send(len(data))  # E: arg-type
        self.unsent = 1  # E: misc
        self.closed = True  # E: misc

    def received_end(self, data: bytes) -> None:  # E: override
        pass

    def ended(self) -> None:  # E: override
        pass


def in_callbacks(reactor: Reactor, sock: socket.socket) -> None:
    CallbackListener(reactor, sock, take)  # E: arg-type
    Channel(reactor, sock, None, 512)  # E: call-arg
    Channel(reactor, sock, limit="512")  # E: arg-type


class WrongTalk(LineChannel):
    """A channel by lines whose hooks are not what they should be."""

    def received_line(self, line: str) -> None:  # E: override
        self.take("4")  # E: arg-type

    def received_end(self) -> str:  # E: override
        return "stay"


def connect_in_callbacks(reactor: Reactor, sock: socket.socket) -> None:
    connect_channel(reactor, "host", 80, Channel)  # E: call-arg
    connect_channel(reactor, "host", 80, Connection(reactor, sock), print)  # E: arg-type
    connect_channel(reactor, "host", 80, Channel, len)  # E: arg-type
    connect_unix_channel(reactor, 80, Channel, print)  # E: arg-type
    ChannelServer(reactor, Connection, sock)  # E: arg-type
    ChannelServer(reactor, Channel, 80)  # E: arg-type
    ChannelServer(reactor, Channel, sock).drain(5, len)  # E: arg-type
    ChannelServer(reactor, Channel, sock).drain_on(15)  # E: call-arg
    Channel(reactor, sock).when_ended(print, 1)  # E: call-arg
    LineChannel(reactor, sock, mark="\n")  # E: arg-type


async def by_count_and_mark(stream: Stream) -> None:
    await stream.receive_exactly("4")  # E: arg-type
    await stream.receive_until("\n")  # E: arg-type
    stream.unread("text")  # E: arg-type
    stream.peek()  # E: unused-awaitable
    relay(stream, stream)  # E: unused-awaitable
    for line in stream.lines():  # E: attr-defined
        print(line)
    async for line in stream.lines():
        line.encode()  # E: attr-defined
    await stream.send_file("path")  # E: arg-type


class Unfinished(Stream):
    def receive_more(self, limit: int) -> Operation[bytes]:  # E: override
        return self.receive(limit)


class Half(Stream):
    def close(self) -> None: ...


Half()  # E: abstract
