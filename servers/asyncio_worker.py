"""A worker on stdlib asyncio: it takes the lock, accepts one client, and serves it.

Law of this file: who has the lock waits in its loop, so it hears at once that it shall leave, and
gives the lock back; the next one, who was blocked by the lock, then hears the same.
"""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager

from servers.asyncio_clients import Clients, Door
from servers.journal import Address, Journal, Who
from servers.options import Options


class Worker:
    """One of several over one listening socket. who stands for it in the journal."""

    def __init__(
        self,
        listener: socket.socket,
        lock: AbstractContextManager[object],
        who: Who,
        options: Options,
        journal: Journal,
    ) -> None:
        self._door = Door(listener, journal)
        self._lock = lock
        self._who = who
        self._journal = journal
        self._clients = Clients(journal, options.idle_timeout)

    async def run(self) -> None:
        """Serve one client after the other, until asked to leave."""
        self._journal.started(self._who)
        with self._door:
            while (client := await self._next()) is not None:
                await self._clients.admit(*client, self._who).run()

    async def _next(self) -> tuple[socket.socket, Address] | None:
        with self._lock:
            self._journal.locked(self._who)
            client = await self._door.next()
            if client is not None:
                self._journal.accept(self._who, client[1])
            self._journal.unlocked(self._who)
            return client

    def leave(self) -> None:
        """Accept nobody any more, and let the reply in hand go out."""
        self._door.shut()
        self._clients.leave()
