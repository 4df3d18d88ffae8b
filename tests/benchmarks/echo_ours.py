"""The server on our reactor: callbacks, generators, async def; with an idle limit or without."""

from __future__ import annotations

import socket
from typing import Final

from reactor import Reactor, ReactorError, Steps, TaskGroup, coroutine, run, running
from reactor.net import Address, CallbackListener, Channel, Connection, Listener

IDLE_SECONDS: Final = 60.0


def serve(listener: socket.socket, reply: bytes, variant: str) -> None:
    """Serve for ever; an empty reply stands for what came."""
    form, _, idle = variant.partition("-")
    seconds = IDLE_SECONDS if idle else None
    if form == "callbacks":
        _serve_callbacks(listener, reply, seconds)
    elif form == "generators":
        run(_accept_in_a_generator, listener, reply, seconds)
    else:
        run(_accept_in_async_def, listener, reply, seconds)


def _serve_callbacks(listener: socket.socket, reply: bytes, seconds: float | None) -> None:
    class Echo(Channel):
        __slots__ = ()

        def received(self, data: bytes) -> None:
            self.send(reply or data)

    with Reactor() as reactor:

        def accepted(fd: int, peer: Address) -> None:
            Echo(reactor, fd, peer, idle_seconds=seconds)

        CallbackListener(reactor, listener, accepted)
        reactor.run()


def _door(listener: socket.socket) -> Listener:
    reactor = running()
    assert reactor is not None
    return Listener(reactor, listener)


@coroutine
def _accept_in_a_generator(
    listener: socket.socket, reply: bytes, seconds: float | None
) -> Steps[None]:
    group = TaskGroup()

    @coroutine
    def accept() -> Steps[None]:
        with _door(listener) as door:
            while True:
                group.spawn(talk, (yield from door.accept(idle_seconds=seconds)))

    @coroutine
    def talk(connection: Connection) -> Steps[None]:
        with connection:
            try:
                while data := (yield from connection.receive()):
                    yield from connection.send_all(reply or data)
            except (OSError, ReactorError):
                pass

    yield from group.run(accept)


async def _accept_in_async_def(
    listener: socket.socket, reply: bytes, seconds: float | None
) -> None:
    async def talk(connection: Connection) -> None:
        with connection:
            try:
                while data := await connection.receive():
                    await connection.send_all(reply or data)
            except (OSError, ReactorError):
                pass

    with _door(listener) as door:
        async with TaskGroup() as group:
            while True:
                group.spawn(talk, await door.accept(idle_seconds=seconds))
