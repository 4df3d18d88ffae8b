"""What strict mypy infers of worlds, networks and contracts."""

from __future__ import annotations

import socket
from typing import Any, assert_type

from reactor import Reactor, Steps, Task, Tracer, WaitQueue, coroutine, sleep
from reactor.net import Connection, Stream
from reactor.poller import Mechanism, PollPoller
from reactor.tasks import Sleep
from reactor.testing import (
    MechanismContract,
    MemoryListener,
    MemoryStream,
    Network,
    ShuffledReactor,
    StreamContract,
    TracerContract,
    TrapContract,
    World,
)
from reactor.watch import Place, explain, stack_of


class TestMechanism(MechanismContract):
    def make(self) -> Mechanism:
        return PollPoller()


class TestByAsyncDef(StreamContract):
    async def connect(self, reactor: Reactor) -> tuple[Stream, Stream]:
        near, far = socket.socketpair()
        return Connection(reactor, near), Connection(reactor, far)


class TestByGenerator(StreamContract):
    more_than_fits = 1_000_000

    @coroutine
    def connect(self, reactor: Reactor) -> Steps[tuple[Connection, Connection]]:
        yield from sleep(1)
        near, far = socket.socketpair()
        return Connection(reactor, near), Connection(reactor, far)


class TestSleep(TrapContract[Sleep]):
    def make(self) -> Sleep:
        return sleep(1)

    def answer(self, trap: Sleep) -> bool:
        return False


class TestQueue(TrapContract[WaitQueue[str]]):
    def make(self) -> WaitQueue[str]:
        return WaitQueue()

    def answer(self, trap: WaitQueue[str]) -> bool:
        return trap.wake_one("answer")


class TestTracer(TracerContract):
    def make(self) -> Tracer:
        return Tracer()


async def networks(world: World) -> None:
    network = Network(world, latency=1, bandwidth=1_000_000, buffer=10_000)
    assert_type(network.stream_pair(), tuple[MemoryStream, MemoryStream])
    with network.listen(("host", 80), backlog=5) as listener:
        assert_type(listener, MemoryListener)
        stream = await network.connect(("host", 80))
        assert_type(stream, MemoryStream)
        assert_type(await listener.accept(idle_seconds=5), MemoryStream)
        as_stream: Stream = stream
        assert_type(await as_stream.receive(), bytes)


@coroutine
def networks_in_a_generator(network: Network) -> Steps[bytes]:
    with (yield from network.connect("there")) as stream:
        assert_type(stream, MemoryStream)
        return (yield from stream.receive())


def worlds(task: Task[Any]) -> None:
    with World(seed=7) as world:
        assert_type(world, World)
        assert_type(world.seed, int | None)
        assert_type(world.run(sleep, 1), None)
        assert_type(explain(world.reactor), str)
    assert_type(stack_of(task), list[Place])
    assert_type(stack_of(task)[0].line, int)
    reactor: Reactor = ShuffledReactor(7, clock=world.clock, on_error=print)
    reactor.close()
