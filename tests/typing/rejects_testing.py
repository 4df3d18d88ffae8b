"""What strict mypy refuses of worlds, networks and contracts."""

from __future__ import annotations

from reactor import Reactor, WaitQueue, sleep
from reactor.net import Stream
from reactor.poller import Mechanism
from reactor.tasks import Sleep
from reactor.testing import (
    MechanismContract,
    Network,
    StreamContract,
    TrapContract,
    World,
)
from reactor.watch import explain, stack_of


class MakesNoMechanism(MechanismContract):
    def make(self) -> int:  # E: override
        return 0


class ConnectsOne(StreamContract):
    async def connect(self, reactor: Reactor) -> Stream:  # E: override
        raise NotImplementedError


class NeedsMore(StreamContract):
    async def connect(self, reactor: Reactor, port: int) -> tuple[Stream, Stream]:  # E: override
        raise NotImplementedError


class OfNoTrap(TrapContract[int]):  # E: type-var
    pass


class AnswersAnother(TrapContract[Sleep]):
    def make(self) -> WaitQueue[None]:  # E: override
        return WaitQueue()

    def answer(self, trap: WaitQueue[None]) -> bool:  # E: override
        return True


def worlds(world: World, mechanism: Mechanism) -> None:
    World(seed="seven")  # E: arg-type
    World(mechanism, 7)  # E: call-arg
    explain(world)  # E: arg-type
    stack_of(sleep(1))  # E: arg-type


async def networks(world: World, network: Network) -> None:
    Network(world.reactor)  # E: arg-type
    Network(world, 1.0)  # E: call-arg
    network.listen(80)  # E: arg-type
    network.connect("there")  # E: unused-awaitable
    stream, _ = network.stream_pair()
    stream.send_all("text")  # E: arg-type  # E: unused-awaitable
    text: str = await stream.receive()  # E: assignment
