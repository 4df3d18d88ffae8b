"""TracerContract: what the loop takes for granted of whoever watches it, as tests to derive from.

Law of this file: who watches changes nothing, and does not fail. Each sentence after an assert is
a clause of the contract.
"""

from __future__ import annotations

import socket
from abc import abstractmethod
from contextlib import suppress
from math import inf

from reactor.errors import DeadlockError
from reactor.loop import Tracer
from reactor.tasks import TaskGroup, WaitQueue, checkpoint, move_on_after, sleep, wait_readable

from .world import World


class TracerContract:
    """Derive from it, write make, and let pytest collect it: `class TestMine(TracerContract):`."""

    @abstractmethod
    def make(self) -> Tracer:
        """Return a new tracer."""
        raise NotImplementedError(f"{self!r} has no make(), so there is nothing to try; write it")

    def test_it_fails_in_no_hook(self) -> None:
        tracer = self.make()
        for _ in range(2):
            failed = [name for name, _ in _story(tracer)[1] if name == repr(tracer)]
            assert not failed, (
                "a tracer raises nothing, on one reactor after the other: it is told of handles, "
                "timers, watches and tasks, of turns without an end, of doors of any kind, of "
                "tasks that end well, fail or are cancelled"
            )

    def test_it_changes_nothing(self) -> None:
        alone, watched = _story(None), _story(self.make())
        assert watched[0] == alone[0], "what happens is the same, in the same order, when watched"

    def test_it_lets_interrupts_through(self) -> None:
        with World(tracer=self.make()) as world:
            world.reactor.call_soon(_interrupt)
            came = False
            try:
                world.reactor.turn()
            except KeyboardInterrupt:
                came = True
        assert came, "what is no Exception leaves the loop, watched or not"


class _Teller:
    """Tells a story in which everything occurs that a tracer can be told of."""

    def __init__(self, tracer: Tracer | None) -> None:
        self.log: list[str] = []
        self.errors: list[tuple[str, str]] = []
        self.world = World(tracer=tracer, on_error=self._hear)
        self._queue: WaitQueue[str] = WaitQueue()

    def tell(self) -> None:
        reactor = self.world.reactor
        near, far = socket.socketpair()
        with self.world, near, far:
            reactor.call_soon(self._note, "handle")
            reactor.call_later(1.0, self._note, "timer")
            reactor.call_later(2.0, self._fail)
            reactor.call_threadsafe(self._note, "letter")
            reactor.on_writable(far, self._write, far)
            self.world.run(self._main, near)
            with suppress(DeadlockError):
                self.world.run(sleep, inf)
            reactor.forget(near)
            reactor.forget(far)

    async def _main(self, near: socket.socket) -> None:
        try:
            async with TaskGroup() as group:
                group.spawn(self._read, near)
                group.spawn(self._stand)
                group.spawn(self._stand)
                await checkpoint()
                self._queue.wake_one("answer")
                with move_on_after(3):
                    await sleep(inf)
                await self._fail_later()
        except* ValueError:
            self._note("group")

    async def _read(self, near: socket.socket) -> None:
        await wait_readable(near)
        self._note(f"read {near.recv(9)!r}")

    async def _stand(self) -> None:
        try:
            self._note(await self._queue)
        finally:
            self._note("left the queue")

    async def _fail_later(self) -> None:
        await sleep(1)
        self._fail()

    def _write(self, far: socket.socket) -> None:
        self.world.reactor.forget(far)
        far.send(b"data")

    def _fail(self) -> None:
        raise ValueError("as it is told")

    def _note(self, what: str) -> None:
        self.log.append(f"{what} at {self.world.clock.now:g} s")

    def _hear(self, what: object, error: Exception) -> None:
        self.errors.append((repr(what), repr(error)))


def _story(tracer: Tracer | None) -> tuple[list[str], list[tuple[str, str]]]:
    teller = _Teller(tracer)
    teller.tell()
    return teller.log, teller.errors


def _interrupt() -> None:
    raise KeyboardInterrupt
