"""What a wait costs that finds one descriptor ready, among few and among many. Linux only.

python3 -m docs.book.programs.cost_of_a_wait
"""

from __future__ import annotations

import os
import platform
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reactor.poller import READ, EpollPoller, Mechanism, PollPoller, SelectPoller

SIZES = (10, 100, 1_000, 10_000)
KINDS: dict[str, Callable[[], Mechanism]] = {
    "select": SelectPoller,
    "poll": PollPoller,
    "epoll": EpollPoller,
}
ROUNDS = 5


@contextmanager
def crowd(size: int) -> Iterator[list[int]]:
    """Make so many descriptors; the last of them is readable, the others are silent."""
    silent, peer = socket.socketpair()
    ready, other = socket.socketpair()
    other.send(b"!")
    fds = [os.dup(silent.fileno()) for _ in range(size - 1)] + [os.dup(ready.fileno())]
    try:
        yield fds
    finally:
        for fd in fds:
            os.close(fd)
        for sock in (silent, peer, ready, other):
            sock.close()


def cost(make: Callable[[], Mechanism], size: int) -> float | None:
    """Return the seconds of processor of one wait; None if it cannot watch so many."""
    poller = make()
    try:
        with crowd(size) as fds:
            for fd in fds:
                poller.add(fd, READ)
            waits = max(20, 20_000 // size)
            return min(_spent(poller, fds[-1], waits) for _ in range(ROUNDS)) / waits
    except OSError:
        return None
    finally:
        poller.close()


def _spent(poller: Mechanism, ready: int, waits: int) -> float:
    begun = time.thread_time()
    for _ in range(waits):
        [(fd, _)] = poller.wait(0)
        assert fd == ready
    return time.thread_time() - begun


def costs() -> dict[tuple[str, int], float | None]:
    """Return what a wait costs of each kind at each size, beside epoll among ten."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < SIZES[-1] + 100:
        raise SystemExit(f"{hard} open files are allowed here; this needs {SIZES[-1] + 100}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    found = {(kind, size): cost(make, size) for kind, make in KINDS.items() for size in SIZES}
    unit = found["epoll", SIZES[0]]
    assert unit is not None
    return {key: None if value is None else value / unit for key, value in found.items()}


def table() -> list[str]:
    found = costs()
    lines = ["one is ready among" + "".join(f"{size:>9,}" for size in SIZES)]
    for kind in KINDS:
        ratios = (found[kind, size] for size in SIZES)
        cells = ("        -" if ratio is None else f"{ratio:9.1f}" for ratio in ratios)
        lines.append(f"{kind:<18}" + "".join(cells))
    return lines


if __name__ == "__main__":
    print("\n".join(table()))
    print(f"{platform.system()} {platform.release()}, Python {platform.python_version()}")
