"""Exercise 14: a tracer that finds turns for nothing."""

from __future__ import annotations

import socket
from typing import Any

from reactor import Runnable, Tracer
from reactor.testing import World


class IdleTurns(Tracer):
    """Counts the turns that ran nothing."""

    def __init__(self) -> None:
        self.count = 0
        self._ran = True  # nothing has turned yet

    def turn(self, patience: float | None) -> None:
        if not self._ran:
            self.count += 1
        self._ran = False

    def run(self, what: Runnable) -> None:
        self._ran = True


def check(mine: Any) -> None:
    busy = mine.IdleTurns()
    with World(tracer=busy) as world:
        world.reactor.call_soon(int)
        world.reactor.call_later(1, int).cancel()
        world.run_until(2)
    assert busy.count == 0, busy.count

    idle = mine.IdleTurns()
    near, far = socket.socketpair()
    with near, far, World(tracer=idle) as world:
        world.reactor.on_readable(near, int).cancel()  # it stays armed, and nobody waits
        far.send(b"x")
        world.run_until(1)
        world.reactor.forget(near)
    assert idle.count == 1, f"{idle.count}: it fires once for nobody, and is disarmed"
