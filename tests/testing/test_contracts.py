"""The contracts, kept by our own parts."""

from __future__ import annotations

from reactor import Reactor, Tracer, WaitQueue
from reactor.net import Stream
from reactor.tasks import Checkpoint, Sleep, checkpoint, sleep
from reactor.testing import (
    Network,
    TracerContract,
    TrapContract,
)
from tests.tasks.parts import Notes, Turns
from tests.testing.seeded_contract import SeededStreamContract


class TestMemoryStream(SeededStreamContract):
    async def connect(self, reactor: Reactor) -> tuple[Stream, Stream]:
        return Network(self.world).stream_pair()


class TestMemoryStreamUnderASeed(TestMemoryStream):
    more_than_fits = 200_000
    seed: int | None = 7


class TestMemoryStreamFarAway(TestMemoryStream):
    more_than_fits = 200_000

    async def connect(self, reactor: Reactor) -> tuple[Stream, Stream]:
        network = Network(self.world, latency=0.1, bandwidth=100_000, buffer=1000)
        with network.listen("there") as listener:
            near = await network.connect("there")
            return near, await listener.accept()


class TestSleep(TrapContract[Sleep]):
    def make(self) -> Sleep:
        return sleep(1)

    def answer(self, trap: Sleep) -> bool:
        return False


class TestCheckpoint(TrapContract[Checkpoint]):
    def make(self) -> Checkpoint:
        return checkpoint()

    def answer(self, trap: Checkpoint) -> bool:
        return False


class TestWaitQueue(TrapContract[WaitQueue[None]]):
    def make(self) -> WaitQueue[None]:
        return WaitQueue()

    def answer(self, trap: WaitQueue[None]) -> bool:
        trap.wake_all(None)
        return True


class TestTurns(TracerContract):
    def make(self) -> Tracer:
        return Turns()


class TestNotes(TracerContract):
    def make(self) -> Tracer:
        return Notes()


class TestBareTracer(TracerContract):
    def make(self) -> Tracer:
        return Tracer()
