"""What strict mypy refuses: arguments that do not fit, lost waits, async functions in threads."""

from __future__ import annotations

from reactor import Reactor, Steps, coroutine, sleep
from reactor.sync import SignalReceiver
from reactor.workers import in_reactor, in_thread, pool_of


def plain(count: int) -> list[str]:
    return [""] * count


async def async_def(count: int) -> bytes:
    await sleep(1)
    return bytes(count)


@coroutine
def in_a_generator() -> Steps[None]:
    yield from in_thread(plain)  # E: arg-type
    yield from in_thread(plain, "three")  # E: arg-type
    yield from in_thread(plain, 3, 4)  # E: arg-type
    yield from in_thread(plain(3))  # E: arg-type
    yield from in_thread(plain, 3, cancelable=True)  # E: call-arg
    in_thread(plain, 3)  # E: unused-awaitable
    number: int = yield from in_thread(plain, 3)  # E: assignment


async def in_async_def() -> None:
    text: bytes = await in_thread(async_def, 3)  # E: arg-type


def in_the_thread() -> None:
    in_reactor(plain, "three")  # E: arg-type
    number: int = in_reactor(async_def, 3)  # E: assignment


def settings(reactor: Reactor) -> None:
    pool_of(reactor).most = "four"  # E: assignment
    pool_of(reactor).threads = 4  # E: attr-defined


async def signals() -> None:
    SignalReceiver("SIGHUP")  # E: arg-type
    async with SignalReceiver(1):  # E: attr-defined  __aenter__  # E: attr-defined  __aexit__
        pass
    with SignalReceiver(1) as received:
        received.next()  # E: unused-awaitable
