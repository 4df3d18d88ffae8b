"""The server on our Server: of lines, and of whatever comes over TLS; generators, async def."""

from __future__ import annotations

import socket

from reactor import Steps, coroutine, run
from reactor.net import Connection, tls_server
from reactor.serving import Handler, Server
from tests.benchmarks.certificate import server_context


def serve(listener: socket.socket, reply: bytes, variant: str) -> None:
    """Serve for ever; an empty reply stands for what came."""
    talk = {
        "generators-lines": _lines_in_a_generator,
        "async-lines": _lines_in_async_def,
        "generators-tls": _tls_in_a_generator,
        "async-tls": _tls_in_async_def,
    }[variant]
    run(Server(talk(reply), listener).run)


def _lines_in_a_generator(reply: bytes) -> Handler:
    @coroutine
    def talk(connection: Connection) -> Steps[None]:
        while (line := (yield from connection.receive_line())) is not None:
            yield from connection.send_all(reply or line + b"\n")

    return talk


def _lines_in_async_def(reply: bytes) -> Handler:
    async def talk(connection: Connection) -> None:
        async for line in connection.lines():
            await connection.send_all(reply or line + b"\n")

    return talk


def _tls_in_a_generator(reply: bytes) -> Handler:
    context = server_context()

    @coroutine
    def talk(connection: Connection) -> Steps[None]:
        with (yield from tls_server(connection, context, truncation_ok=True)) as stream:
            while data := (yield from stream.receive()):
                yield from stream.send_all(reply or data)

    return talk


def _tls_in_async_def(reply: bytes) -> Handler:
    context = server_context()

    async def talk(connection: Connection) -> None:
        with await tls_server(connection, context, truncation_ok=True) as stream:
            while data := await stream.receive():
                await stream.send_all(reply or data)

    return talk
