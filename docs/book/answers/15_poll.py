"""Exercise 15: a poller for a new mechanism."""

from __future__ import annotations

import os
import select
import socket
import time
from math import ceil
from typing import Any

from reactor import Reactor
from reactor.poller import READ, WRITE
from reactor.testing import MechanismContract

FLAGS = {READ: select.POLLIN, WRITE: select.POLLOUT, READ | WRITE: select.POLLIN | select.POLLOUT}


class Poll:
    """What `select.poll` tells, in four hooks and two masks."""

    readable = ~select.POLLOUT  # errors and hang-ups count as both
    writable = ~select.POLLIN

    def __init__(self) -> None:
        self._poll = select.poll()

    def add(self, fd: int, events: int) -> None:
        os.fstat(fd)  # what is not open is refused now, not in the next wait
        self._poll.register(fd, FLAGS[events])

    def change(self, fd: int, old: int, new: int) -> None:
        self._poll.modify(fd, FLAGS[new])

    def drop(self, fd: int, events: int) -> None:
        try:
            self._poll.unregister(fd)
        except KeyError:
            pass  # nobody has asked for it

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        return self._poll.poll(None if timeout is None else ceil(timeout * 1000))

    def close(self) -> None:
        pass  # it holds no descriptor


def check(mine: Any) -> None:
    class Contract(MechanismContract):
        def make(self) -> Any:
            return mine.Poll()

    for name in dir(Contract):
        if name.startswith("test_"):
            getattr(Contract(), name)()

    poller = mine.Poll()
    for seconds in (0.0005, 0.02):
        began = time.monotonic()
        poller.wait(seconds)
        assert time.monotonic() - began >= seconds, f"wait({seconds}) was over too soon"
    poller.close()

    near, far = socket.socketpair()
    with near, far, Reactor(mine.Poll()) as reactor:
        reactor.on_readable(near, reactor.stop)
        reactor.call_soon(far.send, b"x")
        reactor.run()
        reactor.forget(near)
