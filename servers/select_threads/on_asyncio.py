"""Model 8 on stdlib asyncio: a loop that waits with select and receives, and a pool that sends.

Law of this file: a pool thread never waits for a peer. It sends what the kernel takes at once and
says how much that was; only the loop waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import socket
from functools import partial
from threading import get_ident

from servers.asyncio_server import MultiplexingServer
from servers.asyncio_watched import Watched
from servers.journal import Hand, Journal
from servers.options import WORKERS, Options
from servers.pool import Pool


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""

    def select_loop() -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(selectors.SelectSelector())

    threads = options.workers or WORKERS
    with (
        Pool(threads, journal.worker_refused) as pool,
        asyncio.Runner(loop_factory=select_loop) as runner,
    ):
        _Server(pool, runner.get_loop(), listener, options, journal).run()


class _Server(MultiplexingServer[Watched]):
    def __init__(
        self,
        pool: Pool,
        loop: asyncio.AbstractEventLoop,
        listener: socket.socket,
        options: Options,
        journal: Journal,
    ) -> None:
        super().__init__(loop, listener, options, journal)
        self._pool = pool

    def welcome(self, sock: socket.socket) -> Watched:
        return _Client(self, self._pool, sock)


class _Client(Watched):
    """A client whose replies go out from the pool, one at a time."""

    def __init__(self, server: _Server, pool: Pool, sock: socket.socket) -> None:
        self._pool = pool
        super().__init__(server, sock)

    def reply(self, data: bytes) -> None:
        self._pool.submit(partial(self._reply, data))

    def push(self) -> None:
        self._pool.submit(self._push)

    def _reply(self, data: bytes) -> None:
        self.server.journal.received(Hand(self.fd, get_ident()), data)
        self._push()

    def _push(self) -> None:
        outcome = self.send()
        with contextlib.suppress(RuntimeError):  # a second signal: the loop is closed
            self.server.loop.call_soon_threadsafe(self.pushed, outcome)
