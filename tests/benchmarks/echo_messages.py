"""The server of messages: each is the length of its body, in HEADER bytes, and then the body.

Law of this file: both are received by count, and sent one after the other, as whoever speaks such
a protocol would.
"""

from __future__ import annotations

import socket

from reactor import EndOfStream, Reactor, Steps, coroutine, run
from reactor.net import Address, Connection, LineChannel
from reactor.serving import ChannelServer, Server
from tests.benchmarks.kinds import HEADER


def serve(listener: socket.socket, reply: bytes, variant: str) -> None:
    """Serve for ever; an empty reply stands for what came."""
    if variant == "callbacks-messages":
        _serve_callbacks(listener, reply)
    elif variant == "generators-messages":
        _serve_generators(listener, reply)
    else:
        _serve_async_def(listener, reply)


def _serve_callbacks(listener: socket.socket, reply: bytes) -> None:
    class Echo(LineChannel):
        __slots__ = ("_header",)

        def __init__(self, reactor: Reactor, fd: int, peer: Address) -> None:
            super().__init__(reactor, fd, peer)
            self._header = b""
            self.take(HEADER)

        def received_exactly(self, data: bytes) -> None:
            if not self._header:
                self._header = data
                self.take(int.from_bytes(data))
                return
            if reply:
                self.send(reply)
            else:
                self.send(self._header)
                self.send(data)
            self._header = b""
            self.take(HEADER)

    with Reactor() as reactor:
        ChannelServer(reactor, Echo, listener)
        reactor.run()


def _serve_generators(listener: socket.socket, reply: bytes) -> None:
    @coroutine
    def talk(connection: Connection) -> Steps[None]:
        try:
            while True:
                header = yield from connection.receive_exactly(HEADER)
                body = yield from connection.receive_exactly(int.from_bytes(header))
                if reply:
                    yield from connection.send_all(reply)
                else:
                    yield from connection.send_all(header)
                    yield from connection.send_all(body)
        except EndOfStream:
            pass

    run(Server(talk, listener).run)


def _serve_async_def(listener: socket.socket, reply: bytes) -> None:
    async def talk(connection: Connection) -> None:
        try:
            while True:
                header = await connection.receive_exactly(HEADER)
                body = await connection.receive_exactly(int.from_bytes(header))
                if reply:
                    await connection.send_all(reply)
                else:
                    await connection.send_all(header)
                    await connection.send_all(body)
        except EndOfStream:
            pass

    run(Server(talk, listener).run)
