"""Stage: what one who is busy has at hand, and who counts what it does.

Law of this file: what is counted is turns, never time, and what is opened here is closed here.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Protocol, TypeVar

from reactor import Reactor, Steps, coroutine
from reactor.net import Connection, Stream, stream_pair
from reactor.process import PipeStream
from reactor.testing import World
from tests.net.tls_parts import shaken
from tests.tasks.parts import Pair, Unmoved


class Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)


class Deeds(Unmoved):
    """Counts turn by turn what is done in it, and notes how long the poller may sleep in each."""

    def __init__(self) -> None:
        self.of_a_turn: list[int] = []
        self.patience: list[float | None] = []

    def turn(self, patience: float | None) -> None:
        self.of_a_turn.append(0)
        self.patience.append(patience)

    def start_over(self) -> None:
        """Count anew from the next turn on."""
        self.of_a_turn = []

    def did(self) -> None:
        """Count one more for this turn."""
        if self.of_a_turn:
            self.of_a_turn[-1] += 1

    def sleeps(self) -> list[float | None]:
        """Return how long each turn sleeps in which the poller may."""
        return [seconds for seconds in self.patience if seconds != 0]


class Stage:
    """What one who is busy may use, and did, to be called for each deed."""

    def __init__(self, world: World, did: Callable[[], None], stack: ExitStack) -> None:
        self.world = world
        self.reactor: Reactor = world.reactor
        self.did = did
        self._stack = stack

    def keep(self, closable: C) -> C:
        """Have it closed when all is over."""
        return self._stack.enter_context(closing(closable))

    def sockets(self, kind: socket.SocketKind = socket.SOCK_STREAM) -> Pair:
        """Return two that are connected: one to be taken over, and that of the peer."""
        near, far = socket.socketpair(socket.AF_UNIX, kind)
        far.setblocking(False)
        return self.keep(near), self.keep(far)

    def connection(self) -> tuple[Connection, socket.socket]:
        """Return a connection and the socket of its peer."""
        near, far = self.sockets()
        return self.keep(Connection(self.reactor, near)), far

    @coroutine
    def tls_pair(self) -> Steps[tuple[Stream, Stream]]:
        """Return two streams that have shaken hands."""
        near, far = stream_pair()
        return (yield from shaken(self.keep(near), self.keep(far)))

    def pipe(self) -> tuple[PipeStream, PipeStream]:
        """Return what receives and what sends."""
        there, here = os.pipe()
        receiving = self.keep(PipeStream(self.reactor, receiving=there))
        return receiving, self.keep(PipeStream(self.reactor, sending=here))

    def door(self) -> socket.socket:
        """Return a listening socket with a crowd before it."""
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        sock = self.keep(socket.socket(socket.AF_UNIX))
        sock.bind(f"{folder}/door")
        sock.listen(512)
        for _ in range(100):
            knock(sock.getsockname())
        return sock


def knock(address: str) -> None:
    """Be a client who comes and is gone."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(address)
