"""What strict mypy infers of calls in threads, calls back from them, and signals."""

from __future__ import annotations

import signal
from functools import partial
from typing import assert_type

from reactor import Operation, Reactor, Steps, TaskGroup, WaitQueue, coroutine, run, sleep
from reactor.sync import SignalReceiver
from reactor.workers import Pool, in_reactor, in_thread, pool_of


def plain(count: int, of: str = "") -> list[str]:
    return [of] * count


async def async_def(count: int) -> bytes:
    await sleep(1)
    return bytes(count)


@coroutine
def generator(count: int) -> Steps[bytes]:
    yield from sleep(1)
    return bytes(count)


@coroutine
def in_a_generator() -> Steps[None]:
    assert_type((yield from in_thread(plain, 3, "x")), list[str])
    assert_type((yield from in_thread(plain, 3, "x", cancellable=True)), list[str])
    assert_type((yield from in_thread(partial(plain, 3, of="x"))), list[str])


async def in_async_def() -> None:
    assert_type(await in_thread(plain, 3), list[str])
    assert_type(await in_thread(lambda: 5), int)
    async with TaskGroup() as group:
        task = group.spawn(in_thread, open_it, "path")
    assert_type(task.result, bytes)
    assert_type(run(in_thread, open_it, "path"), bytes)


def open_it(path: str) -> bytes:
    return path.encode()


def a_call_is_an_operation() -> Operation[int]:
    return in_thread(abs, 3)


def in_the_thread(queue: WaitQueue[float]) -> None:
    assert_type(in_reactor(plain, 3, "x"), list[str])
    assert_type(in_reactor(async_def, 3), bytes)
    assert_type(in_reactor(generator, 3), bytes)
    assert_type(in_reactor(lambda: queue), float)
    assert_type(in_reactor(sleep, 1), None)


def a_pool_has_settings(reactor: Reactor) -> None:
    assert_type(pool_of(reactor), Pool)
    assert_type(pool_of(reactor).most, int)
    pool_of(reactor).most = 4
    pool_of(reactor).idle_seconds = 1


async def signals_in_async_def() -> None:
    with SignalReceiver(signal.SIGHUP, 15) as signals:
        assert_type(signals, SignalReceiver)
        assert_type(await signals.next(), int)
        async for signum in signals:
            assert_type(signum, int)


@coroutine
def signals_in_a_generator() -> Steps[int]:
    with SignalReceiver(signal.SIGHUP) as signals:
        return (yield from signals.next())
