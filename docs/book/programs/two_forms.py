"""Tasks and traps: one conversation as a generator and as async def, on one small kernel.

python3 -m docs.book.programs.two_forms
"""

from __future__ import annotations

import heapq
import socket
from collections.abc import Callable, Coroutine, Generator
from itertools import count
from typing import Any

from reactor.poller import READ, Mechanism, default_poller


class Trap:
    """Something to wait for. `yield from` asks for __iter__, await for __await__: they are one."""

    def park(self, task: Task) -> None:
        """Arrange that somebody calls task.wake(answer)."""
        raise NotImplementedError

    def __iter__(self) -> Generator[Trap, Any, Any]:
        answer = yield self
        return answer

    __await__ = __iter__


Steps = Generator[Trap, Any, Any]


class Kernel:
    """Knows tasks and their run(), a poller, and nothing of any trap."""

    def __init__(self, poller: Mechanism) -> None:
        self.poller = poller
        self.ready: list[Task] = []
        self.waiting: dict[int, Task] = {}
        self.now = 0.0
        self.timers: list[tuple[float, int, Task]] = []
        self.serial = count()

    def run(self) -> None:
        while self.ready or self.waiting or self.timers:
            for fd, _ in self.poller.wait(0.0):  # nobody else is there, so what comes has come
                self.poller.drop(fd, READ)
                self.waiting.pop(fd).wake(None)
            if not self.ready and self.timers:
                self.now, _, task = heapq.heappop(self.timers)
                task.wake(None)
            batch, self.ready = self.ready, []
            for task in batch:
                task.run()


class Task:
    """A coroutine of either kind on its way."""

    def __init__(self, kernel: Kernel, steps: Steps | Coroutine[Trap, Any, Any]) -> None:
        self.kernel = kernel
        self.steps = steps
        self.answer: object = None
        kernel.ready.append(self)

    def wake(self, answer: object) -> None:
        self.answer = answer
        self.kernel.ready.append(self)

    def run(self) -> None:
        try:
            trap = self.steps.send(self.answer)  # runs up to the next yield, however deep
        except StopIteration:
            return
        trap.park(self)


class Readable(Trap):
    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def park(self, task: Task) -> None:
        task.kernel.waiting[self.sock.fileno()] = task
        task.kernel.poller.add(self.sock.fileno(), READ)


class Sleep(Trap):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def park(self, task: Task) -> None:
        kernel = task.kernel
        heapq.heappush(kernel.timers, (kernel.now + self.seconds, next(kernel.serial), task))


class Box(Trap):
    """Filled once; who waits gets what is put in. No kernel knows of it."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def park(self, task: Task) -> None:
        self.tasks.append(task)

    def fill(self, value: object) -> None:
        for task in self.tasks:
            task.wake(value)


def generator(sock: socket.socket, box: Box, told: list[str]) -> Steps:
    yield from Readable(sock)
    told.append(f"heard {sock.recv(512)!r}")
    yield from Sleep(60)
    word = yield from box
    told.append(f"took {word!r} out of the box")


async def native(sock: socket.socket, box: Box, told: list[str]) -> None:
    await Readable(sock)
    told.append(f"heard {sock.recv(512)!r}")
    await Sleep(60)
    word = await box
    told.append(f"took {word!r} out of the box")


def filling(box: Box, told: list[str]) -> Steps:
    yield from Sleep(90)
    told.append("fills the box")
    box.fill("a word")


Form = Callable[[socket.socket, Box, list[str]], Steps | Coroutine[Trap, Any, Any]]


def story(form: Form) -> list[str]:
    told: list[str] = []
    kernel = Kernel(default_poller())
    box = Box()
    ours, theirs = socket.socketpair()
    theirs.send(b"hello")
    Task(kernel, form(ours, box, told))
    Task(kernel, filling(box, told))
    kernel.run()
    told.append(f"{kernel.now:g} seconds have passed")
    kernel.poller.close()
    ours.close()
    theirs.close()
    return told


if __name__ == "__main__":
    assert story(generator) == story(native)
    print("\n".join(story(native)))
