"""Programs that a seed makes up: tasks in groups, timers, cancellations, descriptors, callbacks.

Law of this file: the same seed is the same program. Each ends by itself, whatever becomes of its
tasks, and nothing of it waits for ever.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from math import inf
from random import Random

from reactor import Reactor, TaskGroup, Timer, breathe, checkpoint, move_on_after, sleep
from reactor.sync import Event, Lock
from reactor.tasks import wait_readable, wait_writable

DEEPEST = 3


class MadeUp:
    """A program, on one reactor: await its main()."""

    def __init__(self, reactor: Reactor, seed: int) -> None:
        self._reactor = reactor
        self._dice = Random(seed)
        self._timers: list[Timer] = []
        self._lock = Lock()
        self._event = Event()
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._acts: list[Callable[[int], object]] = [
            self._sleep,
            self._pass,
            self._hurry,
            self._group,
            self._give_up,
            self._fail,
            self._read,
            self._write,
            self._call,
            self._call_off,
            self._lock_up,
            self._signal,
            self._forget,
        ]

    async def main(self) -> None:
        """Do a few things, one after the other and side by side."""
        try:
            with move_on_after(20):
                await self._live(0)
                await self._group(0)
        finally:
            for sock in (self._near, self._far):
                self._reactor.forget(sock)
                sock.close()

    async def _live(self, depth: int) -> None:
        for _ in range(self._dice.randint(1, 5)):
            doing = self._dice.choice(self._acts)(depth)
            if hasattr(doing, "__await__"):
                await doing

    async def _sleep(self, depth: int) -> None:
        await sleep(self._dice.choice((0, 0.5, 1, 1.25)))

    async def _pass(self, depth: int) -> None:
        await checkpoint()

    async def _hurry(self, depth: int) -> None:
        for _ in range(self._dice.choice((3, 40))):
            await breathe()

    async def _group(self, depth: int) -> None:
        if depth < DEEPEST:
            with contextlib.suppress(BaseExceptionGroup):
                async with TaskGroup() as group:
                    for _ in range(self._dice.randint(1, 3)):
                        group.spawn(self._live, depth + 1)
                    if self._dice.random() < 0.3:
                        await sleep(self._dice.random())
                        group.cancel()

    async def _give_up(self, depth: int) -> None:
        with move_on_after(self._dice.random()):
            await sleep(inf)

    async def _fail(self, depth: int) -> None:
        if depth:
            raise ValueError("as it was made up")

    async def _read(self, depth: int) -> None:
        with move_on_after(self._dice.random()), contextlib.suppress(Exception):
            await wait_readable(self._near)
            self._near.recv(1)

    async def _write(self, depth: int) -> None:
        with move_on_after(self._dice.random()), contextlib.suppress(Exception):
            await wait_writable(self._near)
            self._far.send(b"xx")

    def _call(self, depth: int) -> None:
        self._reactor.call_soon(self._note)
        self._timers.append(self._reactor.call_later(self._dice.random(), self._note))
        with contextlib.suppress(Exception):
            watch = self._reactor.on_readable(self._near, self._take)
            self._reactor.call_later(self._dice.random(), watch.cancel)

    def _call_off(self, depth: int) -> None:
        if self._timers:
            self._dice.choice(self._timers).cancel()

    async def _lock_up(self, depth: int) -> None:
        async with self._lock:
            await sleep(0.25)

    async def _signal(self, depth: int) -> None:
        if self._dice.random() < 0.5:
            self._event.set()
        else:
            with move_on_after(1):
                await self._event.wait()

    def _forget(self, depth: int) -> None:
        self._reactor.forget(self._near)

    def _take(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._near.recv(1)

    def _note(self) -> None:
        self._dice.random()
