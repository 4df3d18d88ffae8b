"""The likeliest mistakes, each on a line of its own: the table in docs/extend.md explains them."""

from __future__ import annotations

import socket
from typing import Any

from reactor import (
    Reactor,
    Steps,
    Task,
    TaskGroup,
    Tracer,
    Trap,
    coroutine,
    run,
    sleep,
    timeout,
)
from reactor.net import CallbackListener, Channel, Connection, Stream
from reactor.poller import Mechanism
from reactor.serving import Server
from reactor.sync import Lock
from reactor.workers import in_thread


async def fetch(count: int) -> bytes:
    await sleep(1)
    return bytes(count)


# -- waiting


@coroutine
def in_a_generator(stream: Stream) -> Steps[None]:
    sleep(1)  # E: unused-awaitable
    yield stream.receive()  # E: misc  expected type "Door"
    yield from fetch(1)  # E: misc
    stream.receive().decode()  # E: attr-defined


async def in_async_def(reactor: Reactor, stream: Stream, group: TaskGroup, lock: Lock) -> None:
    stream.send_all(b"bytes")  # E: unused-awaitable
    fetch(1)  # E: unused-coroutine
    await reactor.call_soon(print)  # E: misc  actual type "Handle"
    await stream.close()  # E: misc  actual type "None"
    await group.spawn(fetch, 1)  # E: misc  actual type "Task[bytes]"
    group.spawn(fetch, 1).result()  # E: operator
    for line in stream.lines():  # E: attr-defined  maybe "__aiter__"?
        print(line)
    async with timeout(5):  # E: attr-defined  maybe "__exit__"?  # E: attr-defined
        pass
    with lock:  # E: attr-defined  # E: attr-defined
        pass
    with TaskGroup() as tasks:  # E: var-annotated
        tasks.spawn(fetch, 1)


# -- arguments


async def with_arguments(reactor: Reactor, group: TaskGroup, stream: Stream) -> None:
    run(fetch(1))  # E: arg-type
    group.spawn(fetch(1))  # E: arg-type
    group.spawn(fetch, "one")  # E: arg-type
    reactor.call_soon(print())  # E: arg-type
    reactor.call_later(print, 5)  # E: arg-type  # E: arg-type
    await in_thread(len, 1)  # E: arg-type
    data: bytes = await in_thread(fetch, 1)  # E: arg-type
    await stream.send_all("text")  # E: arg-type
    timeout("5")  # E: arg-type
    print(data)


# -- handlers


def handle(connection: Connection) -> None: ...
async def converse(reader: Stream, writer: Stream) -> None: ...
def accept(connection: Connection) -> None: ...


def with_handlers(reactor: Reactor, sock: socket.socket) -> None:
    Server(handle, sock)  # E: arg-type
    Server(converse, sock)  # E: arg-type
    CallbackListener(reactor, sock, accept)  # E: arg-type


# -- hooks


class Gate(Trap[None]):
    def park(self, task: Task[Any], seconds: float) -> None: ...  # E: override
    def abort(self, task: Task[Any]) -> None: ...  # E: override


class Box(Trap[bytes]):
    def park(self, task: Task[Any]) -> None: ...


class Wire(Stream):
    async def send_end(self) -> None: ...  # E: override
    def abort(self, why: str) -> None: ...  # E: override


class Echo(Channel):
    def received(self, data: str) -> None: ...  # E: override


class Watcher(Tracer):
    def turn(self) -> None: ...  # E: override


class Drum:
    """A mechanism that hands back descriptors, and no masks."""

    readable = writable = 1

    def add(self, fd: int, events: int) -> None: ...
    def change(self, fd: int, old: int, new: int) -> None: ...
    def drop(self, fd: int, events: int) -> None: ...
    def close(self) -> None: ...

    def wait(self, timeout: float | None) -> list[int]:
        return []


async def with_hooks(stream: Stream) -> None:
    await Box()  # E: abstract  "abort"
    Wire()  # E: abstract  "close", "receive_more" and "send_all"
    Reactor(Drum())  # E: arg-type
