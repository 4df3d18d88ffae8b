"""Connection keeps the contract of streams: over a Unix pair, and over TCP in real time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine
from typing import Any

from reactor import Reactor
from reactor.net import Connection, Stream
from reactor.tasks import run_in
from reactor.testing import StreamContract
from tests.net.peers import tcp_pair
from tests.testing.seeded_contract import SeededStreamContract


class TestConnection(SeededStreamContract):
    async def connect(self, reactor: Reactor) -> tuple[Stream, Stream]:
        near, far = socket.socketpair()
        return Connection(reactor, near), Connection(reactor, far)


class TestConnectionOverTcp(StreamContract):
    more_than_fits = 32 * 1024 * 1024  # the system lets the buffers of TCP grow

    def run(self, main: Callable[[Reactor], Coroutine[Any, Any, None]]) -> None:
        with Reactor() as reactor:
            run_in(reactor, main, reactor)

    async def connect(self, reactor: Reactor) -> tuple[Stream, Stream]:
        near, far = tcp_pair()
        return Connection(reactor, near), Connection(reactor, far)
