"""Busy: loops that would go on for ever, since there is always something for them to do.

Law of this file: each waits for nothing but the operation that it is named after, and says so when
that was done.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine
from typing import Any, Final

import pytest

from reactor import Cancelled, Scope, TaskGroup, breathe, sleep
from reactor.net import DatagramSocket, Listener
from reactor.sync import CapacityLimiter, Condition, Event, Lock, Queue, Semaphore
from reactor.testing import Network
from tests.fairness.busy_callbacks import (
    callback_acceptor,
    caller,
    caller_of_timers,
    channel,
    line_channel,
    watcher,
)
from tests.fairness.stage import Stage, knock
from tests.sync.parts import Holdable
from tests.tasks.parts import drain, for_ever


async def receiver(stage: Stage) -> None:
    connection, far = stage.connection()
    while True:
        far.send(b"x")
        await connection.receive()
        stage.did()


async def sender_who_breathes(stage: Stage) -> None:
    connection, far = stage.connection()
    while True:
        await connection.send_all(b"x")
        drain(far)
        stage.did()
        await breathe()


async def reader_of_lines(stage: Stage) -> None:
    connection, far = stage.connection()
    while True:
        far.send(b"\n" * 1000)
        for _ in range(1000):
            await connection.receive_line()
            stage.did()


async def loop_over_lines(stage: Stage) -> None:
    connection, far = stage.connection()
    far.send(b"\n" * 1000)
    async for _ in connection.lines():
        stage.did()
        if not connection.held:
            far.send(b"\n" * 1000)


async def receiver_of_what_is_held(stage: Stage) -> None:
    connection, _ = stage.connection()
    while True:
        connection.unread(b"x" * 1000)
        for _ in range(1000):
            await connection.receive(1)
            stage.did()


async def receiver_of_tls(stage: Stage) -> None:
    here, there = await stage.tls_pair()
    while True:
        await there.send_all(b"x" * 1000)
        for _ in range(1000):
            await here.receive(1)
            stage.did()


async def receiver_of_tls_records(stage: Stage) -> None:
    here, there = await stage.tls_pair()
    while True:
        for _ in range(100):
            await there.send_all(b"x")
        for _ in range(100):
            await here.receive()
            stage.did()


async def receiver_in_memory(stage: Stage) -> None:
    near, far = Network(stage.world).stream_pair()
    with near, far:
        while True:
            await far.send_all(b"x" * 1000)
            for _ in range(1000):
                await near.receive(1)
                stage.did()


async def receiver_from_a_pipe(stage: Stage) -> None:
    receiving, sending = stage.pipe()
    while True:
        await sending.send_all(b"x")
        await receiving.receive()
        stage.did()


async def receiver_of_datagrams(stage: Stage) -> None:
    near, far = stage.sockets(socket.SOCK_DGRAM)
    with DatagramSocket(stage.reactor, near) as sock:
        while True:
            far.send(b"x")
            await sock.receive()
            stage.did()


async def sender_of_datagrams(stage: Stage) -> None:
    near, far = stage.sockets(socket.SOCK_DGRAM)
    with DatagramSocket(stage.reactor, near) as sock:
        while True:
            await sock.send(b"x")
            drain(far)
            stage.did()


async def acceptor(stage: Stage) -> None:
    door = stage.door()
    address = door.getsockname()
    with Listener(stage.reactor, door) as listener:
        while True:
            (await listener.accept()).close()
            stage.did()
            knock(address)


async def acceptor_in_memory(stage: Stage) -> None:
    async def come_again_and_again() -> None:
        while True:
            (await network.connect("there")).close()

    network = Network(stage.world)
    with network.listen("there") as listener:
        async with TaskGroup() as group:
            for _ in range(200):
                group.spawn(come_again_and_again)
            while True:
                (await listener.accept()).close()
                stage.did()


async def putter_and_getter(stage: Stage) -> None:
    queue: Queue[int] = Queue(1)
    while True:
        await queue.put(1)
        stage.did()
        await queue.get()
        stage.did()


async def pair_at_a_queue(stage: Stage) -> None:
    async def put() -> None:
        while True:
            await queue.put(1)
            stage.did()

    queue: Queue[int] = Queue(100)
    async with TaskGroup() as group:
        group.spawn(put)
        while True:
            await queue.get()


async def hold(what: Holdable, stage: Stage) -> None:
    while True:
        async with what:
            stage.did()


async def holder_of_a_lock(stage: Stage) -> None:
    await hold(Lock(), stage)


async def holder_of_a_semaphore(stage: Stage) -> None:
    await hold(Semaphore(1), stage)


async def holder_of_a_token(stage: Stage) -> None:
    await hold(CapacityLimiter(1), stage)


async def holder_of_a_condition(stage: Stage) -> None:
    await hold(Condition(), stage)


async def waiter_for_what_is_set(stage: Stage) -> None:
    event = Event()
    event.set()
    while True:
        await event.wait()
        stage.did()


async def stubborn(stage: Stage) -> None:
    with Scope() as scope:
        scope.cancel()
        for _ in range(100 * 32):
            with pytest.raises(Cancelled):
                await for_ever()
            stage.did()


async def breather(stage: Stage) -> None:
    while True:
        await breathe()
        stage.did()


async def sleeper(stage: Stage) -> None:
    while True:
        await sleep(0)
        stage.did()


Busy = Callable[[Stage], Coroutine[Any, Any, None]]

BUSY: Final[dict[Busy, int]] = {
    receiver: 1,
    receiver_from_a_pipe: 1,
    receiver_of_datagrams: 1,
    channel: 1,
    watcher: 1,
    caller: 1,
    caller_of_timers: 1,
    sleeper: 1,
    breather: 32,
    stubborn: 32,
    sender_who_breathes: 32,
    sender_of_datagrams: 32,
    receiver_of_what_is_held: 32,
    reader_of_lines: 32,
    loop_over_lines: 32,
    receiver_of_tls: 32,
    receiver_of_tls_records: 32,
    receiver_in_memory: 32,
    line_channel: 32,
    putter_and_getter: 32,
    pair_at_a_queue: 32,
    waiter_for_what_is_set: 32,
    holder_of_a_lock: 32,
    holder_of_a_semaphore: 32,
    holder_of_a_token: 32,
    holder_of_a_condition: 32,
    acceptor_in_memory: 32,
    acceptor: 64,
    callback_acceptor: 64,
}
"""Who is busy, and how much it does in a turn at most."""
