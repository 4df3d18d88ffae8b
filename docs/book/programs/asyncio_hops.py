"""How many turns lie between "the descriptor is ready" and "the coroutine goes on".

python3 -m docs.book.programs.asyncio_hops
"""

from __future__ import annotations

import asyncio
import socket

from reactor import Reactor, TaskGroup, Tracer, current_task, run, sleep
from reactor.net import Connection


class CountingLoop(asyncio.SelectorEventLoop):
    """asyncio's loop, with its turns counted."""

    turns = 0

    def _run_once(self) -> None:
        self.turns += 1
        super()._run_once()  # type: ignore[misc]  # it is private, and typeshed does not know it


class Turns(Tracer):
    """Counts ours."""

    def __init__(self) -> None:
        self.turns = 0

    def turn(self, patience: float | None) -> None:
        self.turns += 1


def in_asyncio() -> int:
    loop = CountingLoop()
    near, far = socket.socketpair()
    near.setblocking(False)

    async def receive() -> int:
        await loop.sock_recv(near, 5)
        return loop.turns

    async def main() -> int:
        receiver = loop.create_task(receive())
        await asyncio.sleep(0.01)  # by now it waits
        far.send(b"hello")
        sent = loop.turns
        return await receiver - sent

    with near, far:
        try:
            return loop.run_until_complete(main())
        finally:
            loop.close()


def here() -> int:
    turns = Turns()

    async def receive(reactor: Reactor, sock: socket.socket) -> int:
        with Connection(reactor, sock) as connection:
            await connection.receive(5)
            return turns.turns

    async def main() -> int:
        near, far = socket.socketpair()
        reactor = current_task().reactor
        with far:
            async with TaskGroup() as group:
                receiver = group.spawn(receive, reactor, near)
                await sleep(0.01)  # by now it waits
                far.send(b"hello")
                sent = turns.turns
        return receiver.result - sent

    return run(main, tracer=turns)


def lines() -> list[str]:
    return [
        "turns from send() to the line after the receive",
        "",
        f"asyncio   {in_asyncio()}",
        f"reactor   {here()}",
    ]


if __name__ == "__main__":
    print("\n".join(lines()))
