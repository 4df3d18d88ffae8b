"""What strict mypy accepts of servers: handlers in either form, and as methods."""

from __future__ import annotations

import socket
from functools import partial
from typing import assert_type

from reactor import Scope, Steps, Task, TaskGroup, coroutine, run
from reactor.net import Address, Connection, listen
from reactor.serving import Handler, Server


@coroutine
def by_generator(connection: Connection) -> Steps[int]:
    yield from connection.send_all(b"hello")
    return 5


async def by_async_def(connection: Connection) -> None:
    await connection.send_all(b"hello")


async def with_greeting(greeting: bytes, connection: Connection) -> None:
    await connection.send_all(greeting)


class Service:
    """A handler may be a method, and know its server."""

    server: Server

    async def handle(self, connection: Connection) -> None:
        with self.server.at_rest() as rest:
            assert_type(rest, Scope)
            assert_type(await connection.receive(), bytes)
        assert_type(rest.cancelled_caught, bool)


def hear(connection: Connection, error: Exception) -> None:
    print(connection.peer, error)


handlers: list[Handler] = [
    by_generator,
    by_async_def,
    partial(with_greeting, b"hello"),
    Service().handle,
    lambda connection: connection.finish(),
]


@coroutine
def drains_in_a_generator(server: Server) -> Steps[int]:
    return (yield from server.drain(5))


async def serves(sock: socket.socket) -> None:
    server = Server(by_generator, sock, listen("::1", 0), most=100, idle_seconds=60, failed=hear)
    assert_type(server.addresses, list[Address])
    assert_type(server.clients, int)
    assert_type(server.accepted, int)
    assert_type(server.draining, bool)
    async with TaskGroup() as group:
        assert_type(group.spawn(server.run), Task[None])
        assert_type(await server.drain(seconds=5), int)
        assert_type(group.spawn(drains_in_a_generator, server), Task[int])
    assert_type(await server.run_until(15, 2, seconds=5, ready=lambda: print("ready")), None)
    server.close()


def serves_as_the_main_task(sock: socket.socket) -> None:
    assert_type(run(Server(by_async_def, sock).run), None)
