"""A tie: bytes arrive, and a deadline passes, in one and the same turn.

python3 -m docs.book.programs.asyncio_tie
"""

from __future__ import annotations

import asyncio
import socket

from reactor import TaskGroup, current_task, run, sleep
from reactor.net import Connection


def left_in(sock: socket.socket) -> str:
    try:
        return repr(sock.recv(5))
    except BlockingIOError:
        return "nothing"


async def in_asyncio() -> str:
    loop = asyncio.get_running_loop()
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        receiver = asyncio.ensure_future(loop.sock_recv(near, 5))
        await asyncio.sleep(0.01)  # by now it waits
        far.send(b"hello")
        loop.call_later(0, receiver.cancel)  # due in the next turn, which also finds the bytes
        try:
            got = f"{await receiver!r}"
        except asyncio.CancelledError:
            got = "CancelledError"
        return f"{got}; left in the socket: {left_in(near)}"


async def here() -> str:
    reactor = current_task().reactor
    near, far = socket.socketpair()
    told: list[str] = []
    with far, Connection(reactor, near) as connection:
        async with TaskGroup() as group:
            group.spawn(receive, connection, told)
            await sleep(0.01)
            far.send(b"hello")
            reactor.call_later(0, group.cancel)
    return "; ".join(told)


async def receive(connection: Connection, told: list[str]) -> None:
    told.append(repr(await connection.receive(5)))


def lines() -> list[str]:
    return [f"asyncio   {asyncio.run(in_asyncio())}", f"reactor   {run(here)}"]


if __name__ == "__main__":
    print("\n".join(lines()))
