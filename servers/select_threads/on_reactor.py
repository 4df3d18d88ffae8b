"""Model 8 on our reactor: a loop that waits with select and receives, and a pool that sends.

Law of this file: a pool thread never waits for a peer. It sends what the kernel takes at once and
says how much that was; only the reactor waits.
"""

from __future__ import annotations

import contextlib
import socket
from functools import partial
from threading import get_ident

from reactor import ClosedError, Reactor
from reactor.net import Address
from reactor.poller import SelectPoller
from servers.journal import Hand, Journal
from servers.options import WORKERS, Options
from servers.pool import Pool
from servers.reactor_server import MultiplexingServer
from servers.reactor_watched import Watched


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    threads = options.workers or WORKERS
    with Pool(threads, journal.worker_refused) as pool, Reactor(SelectPoller()) as reactor:
        _Server(pool, reactor, listener, options, journal).run()


class _Server(MultiplexingServer[Watched]):
    def __init__(
        self,
        pool: Pool,
        reactor: Reactor,
        listener: socket.socket,
        options: Options,
        journal: Journal,
    ) -> None:
        super().__init__(reactor, listener, options, journal)
        self._pool = pool

    def welcome(self, fd: int, address: Address) -> Watched:
        return _Client(self, self._pool, fd)


class _Client(Watched):
    """A client whose replies go out from the pool, one at a time."""

    def __init__(self, server: _Server, pool: Pool, fd: int) -> None:
        self._pool = pool
        super().__init__(server, fd)

    def reply(self, data: bytes) -> None:
        self._pool.submit(partial(self._reply, data))

    def push(self) -> None:
        self._pool.submit(self._push)

    def _reply(self, data: bytes) -> None:
        self.server.journal.received(Hand(self.fd, get_ident()), data)
        self._push()

    def _push(self) -> None:
        outcome = self.send()
        with contextlib.suppress(ClosedError):  # a second signal: there is nobody left to tell
            self.server.reactor.call_threadsafe(self.pushed, outcome)
