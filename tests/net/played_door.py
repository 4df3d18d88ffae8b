"""A listening socket at which accept fails as told, and a house that lets people in through it."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence

from reactor import Scope
from reactor.net import Address, CallbackListener, Listener
from reactor.testing import World


def name(code: int) -> str:
    return errno.errorcode[code]


class Played(socket.socket):
    """A listening socket at which accept fails as told, in this order, and works after that.

    asked is how often it was tried; while always is an error, it fails with that.
    """

    def __init__(self, sock: socket.socket, failures: Sequence[int]) -> None:
        super().__init__(fileno=sock.detach())
        self.failures = list(failures)
        self.always = 0
        self.asked = 0

    def _accept(self) -> tuple[int, Address]:
        self.asked += 1
        code = self.always or (self.failures.pop(0) if self.failures else 0)
        if code:
            raise OSError(code, os.strerror(code))
        client: tuple[int, Address] = super()._accept()  # type: ignore[misc]  # not in typeshed
        return client


class House:
    """A listener of either kind, and who came in when, as (number, moment)."""

    def __init__(self, world: World, door: socket.socket, *, callbacks: bool) -> None:
        self.guests: list[tuple[int, float]] = []
        self.told: list[tuple[str, float]] = []
        self._world = world
        self.listener: Listener | CallbackListener
        if callbacks:
            self.listener = CallbackListener(world.reactor, door, self._take, shortage=self._tell)
        else:
            self.listener = Listener(world.reactor, door, shortage=self._tell)

    def _take(self, fd: int, address: Address) -> None:
        with socket.socket(fileno=fd) as client:
            self.guests.append((int(client.recv(100)), self._now()))

    def _tell(self, error: OSError | None) -> None:
        text = "works" if error is None else name(error.errno or 0)
        self.told.append((text, self._now()))

    def _now(self) -> float:
        return round(self._world.clock.now, 6)

    def open_until(self, when: float) -> None:
        """Let people in until the clock shows when."""
        if isinstance(self.listener, Listener):
            self._world.run(self._accept, self.listener, when)
        else:
            self._world.run_until(when)

    async def _accept(self, listener: Listener, when: float) -> None:
        with Scope(when - self._world.clock.now):
            while True:
                connection = await listener.accept()
                self._take(os.dup(connection.fileno()), connection.peer)
                connection.close()
