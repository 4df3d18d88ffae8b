"""The same, with forget, which comes before every close.

python3 -m docs.book.programs.loop_4    # then, elsewhere: nc 127.0.0.1 7777
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from reactor.poller import READ, Mechanism, default_poller

Call = Callable[[], object]


class Handle:
    def __init__(self, fn: Call) -> None:
        self.fn: Call | None = fn

    def run(self) -> None:
        if self.fn is not None:
            self.fn()


class Loop:
    def __init__(self, poller: Mechanism, clock: Callable[[], float] = time.monotonic) -> None:
        self.poller = poller
        self.clock = clock
        self.timers: list[tuple[float, int, Handle]] = []
        self.serial = count()
        self.waiting: dict[int, Handle] = {}
        self.queued: dict[int, Handle] = {}
        self.armed: set[int] = set()
        self.ready: list[Handle] = []

    def wait_readable(self, fd: int, fn: Call) -> None:
        if fd not in self.armed:
            self.poller.add(fd, READ)
            self.armed.add(fd)
        self.waiting[fd] = Handle(fn)

    def forget(self, fd: int) -> None:
        for handles in (self.waiting, self.queued):
            if fd in handles:
                handles.pop(fd).fn = None
        if fd in self.armed:
            self.armed.discard(fd)
            self.poller.drop(fd, READ)

    def call_soon(self, fn: Call) -> None:
        self.ready.append(Handle(fn))

    def call_later(self, seconds: float, fn: Call) -> None:
        heappush(self.timers, (self.clock() + seconds, next(self.serial), Handle(fn)))

    def turn(self) -> None:
        events = self._wait()
        self._wake(events)
        self._expire()
        self._run()

    def _wait(self) -> list[tuple[int, int]]:
        patience = None
        if self.ready:
            patience = 0.0
        elif self.timers:
            patience = max(0.0, self.timers[0][0] - self.clock())
        return self.poller.wait(patience)

    def _wake(self, events: list[tuple[int, int]]) -> None:
        for fd, _ in events:
            if fd in self.waiting:
                self.queued[fd] = self.waiting.pop(fd)
                self.ready.append(self.queued[fd])
            else:
                self.armed.discard(fd)
                self.poller.drop(fd, READ)

    def _expire(self) -> None:
        now = self.clock()
        while self.timers and self.timers[0][0] <= now:
            self.ready.append(heappop(self.timers)[2])

    def _run(self) -> None:
        batch, self.ready = self.ready, []
        for what in batch:
            what.run()


def serve(loop: Loop, listener: socket.socket) -> None:
    def accept() -> None:
        loop.wait_readable(listener.fileno(), accept)
        welcome(listener.accept()[0])

    def welcome(client: socket.socket) -> None:
        def echo() -> None:
            if data := client.recv(512):
                loop.wait_readable(client.fileno(), echo)
                client.send(data)
            else:
                loop.forget(client.fileno())
                client.close()

        loop.wait_readable(client.fileno(), echo)

    loop.wait_readable(listener.fileno(), accept)


if __name__ == "__main__":
    loop = Loop(default_poller())
    serve(loop, socket.create_server(("127.0.0.1", 7777)))
    while True:
        loop.turn()
