"""The herd: four processes wait for clients, one comes. How many wake up? Linux only.

python3 -m docs.book.programs.herd
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

assert sys.platform == "linux", "only where there is an epoll"

WORKERS = 4
SECONDS = 20.0
CALLS = (
    "epoll",
    "accept",
    "csk",
    "lock",
    "setlk",
)  # parts of what the kernel's functions are called


class Place:
    """What a worker has: sockets, a file to lock, a pipe to tell by, a gate to wait at."""

    def __init__(self, stack: ExitStack) -> None:
        first = socket.socket()
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        first.bind(("127.0.0.1", 0))
        self.shared = stack.enter_context(first)
        self.own: list[socket.socket] = []
        self.lock = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - it is
        self.told, self.tell = os.pipe()
        self.gate, self.opener = os.pipe()

    def woke(self) -> None:
        """Say so, and go on when everybody has been counted."""
        os.write(self.tell, b"w")
        os.read(self.gate, 1)


def blocking(place: Place, number: int) -> None:
    while True:
        client, _ = place.shared.accept()
        place.woke()
        client.close()


def wait_and_accept(place: Place, listener: socket.socket, flags: int = 0) -> None:
    listener.setblocking(False)
    with select.epoll() as epoll:
        epoll.register(listener, select.EPOLLIN | flags)
        epoll.poll()
        place.woke()
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            pass  # another was quicker


def polling(place: Place, number: int) -> None:
    while True:
        wait_and_accept(place, place.shared)


def locked(place: Place, number: int) -> None:
    while True:
        fcntl.lockf(place.lock, fcntl.LOCK_EX)
        wait_and_accept(place, place.shared)
        fcntl.lockf(place.lock, fcntl.LOCK_UN)


def exclusive(place: Place, number: int) -> None:
    while True:
        wait_and_accept(place, place.shared, select.EPOLLEXCLUSIVE)


def apart(place: Place, number: int) -> None:
    while True:
        wait_and_accept(place, place.own[number])


WAYS: dict[str, tuple[Callable[[Place, int], None], int]] = {
    "in accept, which blocks": (blocking, 1),
    "in epoll, on one listening socket": (polling, WORKERS),
    "the same, inside a lock": (locked, 1),
    "the same, with EPOLLEXCLUSIVE": (exclusive, 1),
    "in epoll, each on its own (SO_REUSEPORT)": (apart, 1),
}


def awake(work: Callable[[Place, int], None], at_least: int) -> int:
    """Start the workers, send one client, and return how many wake; wait until at_least did."""
    with ExitStack() as stack:
        place = Place(stack)
        if work is apart:
            address = place.shared.getsockname()
            place.own = [stack.enter_context(_joined(address)) for _ in range(WORKERS)]
        else:
            place.shared.listen()
        workers = [_fork(work, place, number) for number in range(WORKERS)]
        os.close(place.tell)
        try:
            _wait_until_asleep(workers)
            address = place.shared.getsockname()
            stack.enter_context(socket.create_connection(address))
            woken = 0
            while woken < at_least:
                woken += len(os.read(place.told, 1))
            os.close(place.opener)  # the gate is open: who has woken accepts, and waits again
            _wait_until_asleep(workers)
        finally:
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        woken += len(os.read(place.told, 1024))
        os.close(place.told)
        os.close(place.gate)
        return woken


def _joined(address: tuple[str, int]) -> socket.socket:
    return socket.create_server(address, reuse_port=True)


def _fork(work: Callable[[Place, int], None], place: Place, number: int) -> int:
    if (pid := os.fork()) == 0:
        try:
            os.close(place.opener)
            work(place, number)
        finally:
            os._exit(1)
    return pid


def _wait_until_asleep(workers: list[int]) -> None:
    """Wait until each is asleep in the call that its way waits in."""
    until = time.monotonic() + SECONDS
    for pid in workers:
        while not any(
            place in (where := Path(f"/proc/{pid}/wchan").read_text()) for place in CALLS
        ):
            if time.monotonic() > until:
                raise TimeoutError(f"a worker does not sleep in one of {CALLS}; it is in {where!r}")
            os.sched_yield()


if __name__ == "__main__":
    print("four workers wait                             wake for one client")
    for name, (work, at_least) in WAYS.items():
        print(f"{name:<46}{awake(work, at_least)}")
