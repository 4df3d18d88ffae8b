"""Attempts that are played: how long each takes and how it ends is said before."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from reactor import Cancelled, sleep
from reactor.net import Connection, Place, connect
from reactor.testing import World

REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
UNREACHABLE = OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))


def four(host: str) -> Place:
    return Place(socket.AF_INET, (host, 80))


def six(host: str) -> Place:
    return Place(socket.AF_INET6, (host, 80, 0, 0))


Plays = dict[Place, tuple[float, OSError | None]]
"""How long each attempt takes, in seconds, and with which error it ends, if any."""

A, B, C = six("2001:db8::1"), four("192.0.2.1"), six("2001:db8::2")
ONE, TWO, THREE = (place.address[0] for place in (A, B, C))


class Attempts:
    """Plays attempts at places, in order: seconds until an error, or until it connects.

    Notes when each was begun, which were cancelled, and keeps the far ends of those that connected.
    """

    def __init__(self, world: World, plays: Plays) -> None:
        self._world = world
        self._plays = plays
        self.look_up_seconds = 0.0
        self.begun: dict[str, float] = {}
        self.cancelled: list[str] = []
        self.far: dict[str, socket.socket] = {}

    async def look_up(self, host: str, port: int) -> Sequence[Place]:
        await sleep(self.look_up_seconds)
        return list(self._plays)

    async def __call__(self, place: Place) -> socket.socket:
        host = place.address[0]
        self.begun[host] = self._world.clock.now
        seconds, error = self._plays[place]
        try:
            await sleep(seconds)
        except Cancelled:
            self.cancelled.append(host)
            raise
        if error is not None:
            raise error
        near, self.far[host] = socket.socketpair()
        return near

    def closed(self) -> list[str]:
        """Return the hosts to which a connection was made and closed again."""
        return [host for host, sock in self.far.items() if _is_closed(sock)]


def _is_closed(far: socket.socket) -> bool:
    far.setblocking(False)
    try:
        return not far.recv(1)
    except BlockingIOError:
        return False


@contextmanager
def attempts(world: World, plays: Plays) -> Iterator[Attempts]:
    """Play attempts, and close what they have made."""
    made = Attempts(world, plays)
    try:
        yield made
    finally:
        for sock in made.far.values():
            sock.close()


async def over(
    played: Attempts, *, seconds: float | None = None, idle_seconds: float | None = None
) -> Connection:
    """Connect to a host with these attempts."""
    return await connect(
        "host",
        80,
        seconds=seconds,
        idle_seconds=idle_seconds,
        resolver=played.look_up,
        attempt=played,
    )
