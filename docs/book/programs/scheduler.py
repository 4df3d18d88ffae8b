"""A scheduler of generators in forty lines, with two conversations that take turns.

python3 -m docs.book.programs.scheduler
"""

from __future__ import annotations

import socket
from collections.abc import Generator

from reactor.poller import READ, Mechanism, default_poller

Steps = Generator[int, None, bytes]  # yields descriptors to wait for, ends with bytes


class Scheduler:
    def __init__(self, poller: Mechanism) -> None:
        self.poller = poller
        self.ready: list[Steps] = []
        self.waiting: dict[int, Steps] = {}

    def run(self) -> None:
        while self.ready or self.waiting:
            for fd, _ in self.poller.wait(0.0 if self.ready else None):
                self.poller.drop(fd, READ)
                self.ready.append(self.waiting.pop(fd))
            batch, self.ready = self.ready, []
            for steps in batch:
                self.step(steps)

    def step(self, steps: Steps) -> None:
        try:
            fd = next(steps)  # runs up to the next yield
        except StopIteration:
            return  # it has returned
        self.waiting[fd] = steps
        self.poller.add(fd, READ)


def receive(sock: socket.socket) -> Steps:
    yield sock.fileno()  # stops here until it is readable
    return sock.recv(512)


def converse(sock: socket.socket) -> Steps:
    name = yield from receive(sock)
    sock.sendall(b"what is up, " + name + b"?")
    news = yield from receive(sock)
    print(f"{name.decode()}: {news.decode()}")
    return news


if __name__ == "__main__":
    scheduler = Scheduler(default_poller())
    (ours, anna), (mine, otto) = socket.socketpair(), socket.socketpair()
    scheduler.ready += [converse(ours), converse(mine)]
    anna.sendall(b"Anna")

    def others() -> Steps:
        print((yield from receive(anna)).decode())
        otto.sendall(b"Otto")
        print((yield from receive(otto)).decode())
        otto.sendall(b"not much")
        anna.sendall(b"rain")
        return b""

    scheduler.ready.append(others())
    scheduler.run()
    scheduler.poller.close()
    for sock in (ours, anna, mine, otto):
        sock.close()
