"""What strict mypy refuses of servers: handlers of another shape, waits that are lost."""

from __future__ import annotations

import socket

from reactor.net import Connection, Listener
from reactor.serving import Handler, Server


async def handle(connection: Connection) -> None: ...
async def with_an_address(connection: Connection, address: str) -> None: ...
async def with_a_socket(sock: socket.socket) -> None: ...
def waits_for_nothing(connection: Connection) -> None: ...
def hears_too_little(error: Exception) -> None: ...


handler: Handler = waits_for_nothing  # E: assignment


async def serves(sock: socket.socket, listener: Listener) -> None:
    Server()  # E: call-arg
    Server(sock, handle)  # E: arg-type  # E: arg-type
    Server(with_an_address, sock)  # E: arg-type
    Server(with_a_socket, sock)  # E: arg-type
    Server(waits_for_nothing, sock)  # E: arg-type
    Server(handle(Connection), sock)  # E: arg-type  # E: arg-type
    Server(handle, listener)  # E: arg-type
    Server(handle, sock, 100)  # E: arg-type
    Server(handle, sock, most="many")  # E: arg-type
    Server(handle, sock, failed=hears_too_little)  # E: arg-type
    server = Server(handle, sock)
    server.run()  # E: unused-awaitable
    server.drain(5)  # E: unused-awaitable
    server.run_until(15, seconds=5)  # E: unused-awaitable
    await server.run_until(15)  # E: call-arg
    await server.run_until(15, seconds=5, ready=5)  # E: arg-type
    await server.drain()  # E: call-arg
    await server.drain("5")  # E: arg-type
    await server.close()  # E: misc  # E: func-returns-value
    server.clients = 5  # E: misc
    async with server.at_rest():  # E: attr-defined  # E: attr-defined
        pass
