"""Model 1 on stdlib asyncio: accept one, serve it to the end, accept the next.

Law of this file: there is one task, and it waits for one thing at a time.
"""

from __future__ import annotations

import asyncio
import socket

from servers.asyncio_clients import Clients, Door
from servers.asyncio_stopping import stop_signals
from servers.journal import Journal
from servers.options import Options


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        server = _Server(listener, options, journal)
        with stop_signals(runner.get_loop(), server.stop):
            runner.run(server.run())


class _Server:
    def __init__(self, listener: socket.socket, options: Options, journal: Journal) -> None:
        self._door = Door(listener, journal)
        self._journal = journal
        self._clients = Clients(journal, options.idle_timeout, once=True)

    async def run(self) -> None:
        """Accept one, serve it, and accept the next, until stop."""
        with self._door as door:
            self._journal.ready()
            while (client := await door.next()) is not None:
                sock, address = client
                self._journal.accept(door.fd, address)
                await self._clients.admit(sock, address, sock.fileno()).run()

    def stop(self, signum: int) -> None:
        """Accept nobody any more, and let the reply in hand go out."""
        self._journal.stopping(signum)
        self._door.shut()
        self._clients.leave()
