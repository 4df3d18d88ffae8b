"""The server on asyncio, and on the loops that take its place: protocol, streams, of lines, of
messages or over TLS too, sock_*, datagrams.
"""

from __future__ import annotations

import asyncio
import importlib
import socket
import ssl
from typing import Any, Final, cast

from tests.benchmarks.kinds import BACKLOG, HEADER

CHUNK: Final = 65_536


def serve(listener: socket.socket, reply: bytes, variant: str) -> None:
    """Serve for ever; an empty reply stands for what came."""
    library, _, style = variant.partition("-")
    styles = {
        "protocol": _protocol,
        "streams": _streams,
        "sock": _sock,
        "lines": _lines,
        "messages": _messages,
        "tls": _tls,
        "datagrams": _datagrams,
    }
    with asyncio.Runner(loop_factory=importlib.import_module(library).new_event_loop) as runner:
        runner.run(styles[style](listener, reply))


async def _protocol(listener: socket.socket, reply: bytes) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Echo(reply), sock=listener, backlog=BACKLOG, start_serving=False
    )
    await server.serve_forever()


class _Echo(asyncio.Protocol):
    __slots__ = ("_reply", "_transport")
    _transport: asyncio.Transport

    def __init__(self, reply: bytes) -> None:
        self._reply = reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # not all loops derive theirs from it

    def data_received(self, data: bytes) -> None:
        self._transport.write(self._reply or data)

    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()


async def _streams(
    listener: socket.socket, reply: bytes, context: ssl.SSLContext | None = None
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(CHUNK):
                writer.write(reply or data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, sock=listener, backlog=BACKLOG, ssl=context)
    await server.serve_forever()


async def _tls(listener: socket.socket, reply: bytes) -> None:
    from tests.benchmarks.certificate import server_context

    await _streams(listener, reply, server_context())


async def _lines(listener: socket.socket, reply: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(reply or line)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, sock=listener, backlog=BACKLOG)
    await server.serve_forever()


async def _messages(listener: socket.socket, reply: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                header = await reader.readexactly(HEADER)
                body = await reader.readexactly(int.from_bytes(header))
                if reply:
                    writer.write(reply)
                else:
                    writer.write(header)
                    writer.write(body)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, sock=listener, backlog=BACKLOG)
    await server.serve_forever()


async def _sock(listener: socket.socket, reply: bytes) -> None:
    loop = asyncio.get_running_loop()
    listener.setblocking(False)
    tasks: set[asyncio.Task[None]] = set()  # the loop itself holds them weakly

    async def talk(client: socket.socket) -> None:
        with client:
            try:
                while data := await loop.sock_recv(client, CHUNK):
                    await loop.sock_sendall(client, reply or data)
            except OSError:
                pass

    while True:
        client, _ = await loop.sock_accept(listener)
        task = loop.create_task(talk(client))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def _datagrams(sock: socket.socket, reply: bytes) -> None:
    loop = asyncio.get_running_loop()
    sock.setblocking(False)
    await loop.create_datagram_endpoint(lambda: _DatagramEcho(reply), sock=sock)
    await loop.create_future()  # for ever


class _DatagramEcho(asyncio.DatagramProtocol):
    __slots__ = ("_reply", "_transport")
    _transport: asyncio.DatagramTransport

    def __init__(self, reply: bytes) -> None:
        self._reply = reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, sender: tuple[str | Any, int]) -> None:
        self._transport.sendto(self._reply or data, sender)
