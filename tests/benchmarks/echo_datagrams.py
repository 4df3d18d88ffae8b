"""The server of datagrams on our reactor: generators, async def.

Law of this file: all is answered from one socket, each datagram to whom it came from.
"""

from __future__ import annotations

import socket

from reactor import Steps, coroutine, run, running
from reactor.net import DatagramSocket


def serve(sock: socket.socket, reply: bytes, variant: str) -> None:
    """Serve for ever; an empty reply stands for what came."""
    if variant == "generators-datagrams":
        run(_answer_in_a_generator, sock, reply)
    else:
        run(_answer_in_async_def, sock, reply)


def _taken_over(sock: socket.socket) -> DatagramSocket:
    reactor = running()
    assert reactor is not None
    return DatagramSocket(reactor, sock)


@coroutine
def _answer_in_a_generator(sock: socket.socket, reply: bytes) -> Steps[None]:
    with _taken_over(sock) as ours:
        while True:
            data, sender = yield from ours.receive()
            yield from ours.send_to(reply or data, sender)


async def _answer_in_async_def(sock: socket.socket, reply: bytes) -> None:
    with _taken_over(sock) as ours:
        while True:
            data, sender = await ours.receive()
            await ours.send_to(reply or data, sender)
