"""The loop under strict mypy: callbacks are checked against the arguments that come with them."""

from __future__ import annotations

import contextvars
import functools
import signal
import socket
import time
from logging import Logger
from typing import assert_type

from reactor import Handle, Reactor, Runnable, Timer, Tracer, running
from reactor.loop import (
    Belonging,
    Clock,
    Failure,
    Side,
    SignalWatch,
    Watch,
    asked_for,
    caller,
    describe,
    log,
)
from reactor.poller import EpollPoller, Mechanism
from reactor.testing import DeadlockError, VirtualClock, VirtualPoller, World

assert_type(running(), Reactor | None)
assert_type(describe(print), str)

clock: Clock = time.monotonic
clock = VirtualClock()


def nothing() -> None: ...
def connect(host: str, port: int) -> bool:
    return bool(host and port)


def with_defaults(word: str, count: int = 1) -> None: ...
def any_number(*words: str) -> None: ...


def schedule(reactor: Reactor, context: contextvars.Context) -> None:
    """Whatever a callback returns is of no interest."""
    assert_type(reactor.now(), float)
    assert_type(reactor.call_soon(nothing), Handle)
    assert_type(reactor.call_soon(connect, "host", 80), Handle)
    assert_type(reactor.call_soon(connect, "host", 80, context=context), Handle)
    assert_type(reactor.call_threadsafe(connect, "host", 80, context=None), Handle)
    assert_type(reactor.call_later(1, connect, "host", 80), Timer)
    assert_type(reactor.call_later(0.5, nothing, context=context), Timer)
    assert_type(reactor.call_at(reactor.now() + 0.5, connect, "host", 80), Timer)
    reactor.call_soon(with_defaults, "word")
    reactor.call_soon(with_defaults, "word", 2)
    reactor.call_soon(any_number, "one", "two")
    reactor.call_soon(functools.partial(connect, port=80), "host")
    reactor.call_soon(lambda: connect("host", 80))
    reactor.call_soon([1, 2].append, 3)
    reactor.call_soon(reactor.stop)


def use_a_handle(handle: Handle, timer: Timer) -> None:
    assert_type(handle.cancel(), bool)
    assert_type(handle.live, bool)
    assert_type(handle.origin, str | None)
    assert_type(timer.when, float)
    handles: list[Handle] = [handle, timer]
    runnables: list[Runnable] = [*handles]
    del runnables


class Mine(Runnable):
    """Something of one's own that can be queued and can wait."""

    def __init__(self, side: Side) -> None:
        self.side = side

    def run(self) -> None:
        self.side.park(self)

    def lose(self, side: object, error: Exception) -> None: ...


def watch(reactor: Reactor, sock: socket.socket) -> None:
    assert_type(reactor.on_readable(sock, connect, "host", 80), Watch)
    assert_type(reactor.on_readable(sock.fileno(), nothing), Watch)
    assert_type(reactor.on_writable(sock, sock.send, b"data"), Watch)
    assert_type(reactor.on_signal(signal.SIGTERM, connect, "host", 80), SignalWatch)
    assert_type(reactor.on_signal(15, reactor.stop), SignalWatch)
    assert_type(reactor.reading(sock), Side)
    assert_type(reactor.writing(0), Side)
    mine = Mine(reactor.reading(sock))
    reactor.ready.append(mine)
    assert_type(mine.side.abort(mine), bool)
    mine.side.fail(ValueError("no more"))
    reactor.forget(sock)


class Cupboard:
    """Something kept with a reactor, one of its kind."""

    def __init__(self, reactor: Reactor) -> None: ...
    def close(self) -> None: ...
    def forked(self) -> None: ...


def keep(reactor: Reactor) -> Belonging:
    assert_type(reactor.belonging(Cupboard), Cupboard)
    return reactor.belonging(Cupboard)


def tell(reactor: Reactor) -> str:
    assert_type(log(), Logger)
    assert_type(asked_for(), bool)
    reactor.ready.append(Failure("the cupboard", ValueError("it is full")))
    return caller()


class Fewest(Tracer):
    """A tracer writes the hooks that it wants."""

    def run(self, what: Runnable) -> None: ...


class Own:
    """A mechanism of one's own."""

    readable = 1
    writable = 2

    def add(self, fd: int, events: int) -> None: ...
    def change(self, fd: int, old: int, new: int) -> None: ...
    def drop(self, fd: int, events: int) -> None: ...
    def close(self) -> None: ...

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        return []


def hear(what: object, error: Exception) -> int:
    return len(error.args)


def make(mechanism: Mechanism) -> None:
    with Reactor() as reactor:
        assert_type(reactor, Reactor)
    Reactor(Own(), clock=time.time, tracer=Fewest(), on_error=hear, debug=None)
    Reactor(EpollPoller(), clock=VirtualClock(5), on_error=lambda what, error: None, debug=True)
    with World(mechanism, tracer=Fewest(), on_error=hear, debug=True) as world:
        assert_type(world, World)
        assert_type(world.reactor, Reactor)
        assert_type(world.clock.now, float)


async def answer(question: str) -> int:
    return len(question)


assert_type(World().run(answer, "why"), int)


def is_stuck(world: World) -> bool:
    assert_type(world.poller, VirtualPoller)
    try:
        world.run(answer, "why")
    except DeadlockError as error:
        assert_type(error, DeadlockError)
        return True
    return False
