"""Exercise 4: all of it, over a socket that takes a part at a time."""

from __future__ import annotations

import socket
from typing import Any

from reactor import Steps, TaskGroup, coroutine, current_task, run, timeout, wait_writable
from reactor.net import Connection


@coroutine
def send_all(sock: socket.socket, data: bytes) -> Steps[None]:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[sock.send(rest) :]
        except BlockingIOError:
            yield from wait_writable(sock)


DATA = bytes(range(256)) * 10_000


async def heard(mine: Any) -> bytes:
    reactor = current_task().reactor
    near, far = socket.socketpair()
    near.setblocking(False)

    async def send() -> None:
        await mine.send_all(near, DATA)
        near.shutdown(socket.SHUT_WR)

    with timeout(30), near, Connection(reactor, far) as receiver:
        async with TaskGroup() as group:
            group.spawn(send)
            parts = []
            while part := await receiver.receive():
                parts.append(part)
        reactor.forget(near)
    return b"".join(parts)


def check(mine: Any) -> None:
    assert run(heard, mine) == DATA
