"""The server on trio, gevent and curio. None of them need be installed for this to be checked."""

from __future__ import annotations

import importlib
import socket
import ssl
from typing import Any, Final

CHUNK: Final = 65_536


def serve(listener: socket.socket, reply: bytes, variant: str) -> None:
    """Serve for ever; an empty reply stands for what came."""
    serves = {
        "trio": _trio,
        "trio-tls": _trio_tls,
        "trio-datagrams": _trio_datagrams,
        "gevent": _gevent,
        "curio": _curio,
    }
    serves[variant](listener, reply)


def _trio(listener: socket.socket, reply: bytes, context: ssl.SSLContext | None = None) -> None:
    trio = importlib.import_module("trio")

    async def talk(stream: Any) -> None:
        try:
            async for data in stream:
                await stream.send_all(reply or data)
        except trio.BrokenResourceError:
            pass

    async def main() -> None:
        door = trio.SocketListener(trio.socket.from_stdlib_socket(listener))
        if context is not None:
            door = trio.SSLListener(door, context, https_compatible=True)
        await trio.serve_listeners(talk, [door])

    trio.run(main)


def _trio_tls(listener: socket.socket, reply: bytes) -> None:
    from tests.benchmarks.certificate import server_context

    _trio(listener, reply, server_context())


def _trio_datagrams(sock: socket.socket, reply: bytes) -> None:
    trio = importlib.import_module("trio")

    async def main() -> None:
        with trio.socket.from_stdlib_socket(sock) as theirs:
            while True:
                data, sender = await theirs.recvfrom(CHUNK)
                await theirs.sendto(reply or data, sender)

    trio.run(main)


def _gevent(listener: socket.socket, reply: bytes) -> None:
    gevent_socket = importlib.import_module("gevent.socket")
    server = importlib.import_module("gevent.server")

    def talk(client: Any, _: object) -> None:
        try:
            while data := client.recv(CHUNK):
                client.sendall(reply or data)
        except OSError:
            pass

    server.StreamServer(gevent_socket.socket(fileno=listener.detach()), talk).serve_forever()


def _curio(listener: socket.socket, reply: bytes) -> None:
    curio = importlib.import_module("curio")
    network = importlib.import_module("curio.network")
    curio_io = importlib.import_module("curio.io")

    async def talk(client: Any, _: object) -> None:
        try:
            while data := await client.recv(CHUNK):
                await client.sendall(reply or data)
        except OSError:
            pass

    async def main() -> None:
        await network.run_server(curio_io.Socket(listener), talk)

    curio.run(main)
