"""A worker on the reactor: it takes the lock, accepts one client, and serves it.

Law of this file: who has the lock waits in its loop, so it hears at once that it shall leave, and
gives the lock back; the next one, who was blocked by the lock, then hears the same.
"""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager

from reactor import Reactor
from reactor.net import Connection
from servers.journal import Journal, Who
from servers.options import Options
from servers.reactor_clients import Clients, Door


class Worker:
    """One of several over one listening socket. who stands for it in the journal."""

    def __init__(
        self,
        reactor: Reactor,
        listener: socket.socket,
        lock: AbstractContextManager[object],
        who: Who,
        options: Options,
        journal: Journal,
    ) -> None:
        self._door = Door(reactor, listener, journal, options.idle_timeout)
        self._lock = lock
        self._who = who
        self._journal = journal
        self._clients = Clients(reactor, journal)

    async def run(self) -> None:
        """Serve one client after the other, until asked to leave."""
        self._journal.started(self._who)
        with self._door:
            while (connection := await self._next()) is not None:
                await self._clients.admit(connection, self._who).run()

    async def _next(self) -> Connection | None:
        with self._lock:
            self._journal.locked(self._who)
            connection = await self._door.next()
            if connection is not None:
                self._journal.accept(self._who, connection.peer)
            self._journal.unlocked(self._who)
            return connection

    def leave(self) -> None:
        """Accept nobody any more, and let the reply in hand go out."""
        self._door.shut()
        self._clients.leave()
