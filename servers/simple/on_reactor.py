"""Model 1 on our reactor: accept one, serve it to the end, accept the next.

Law of this file: there is one task, and it waits for one thing at a time.
"""

from __future__ import annotations

import socket

from reactor import Reactor, run_in
from servers.journal import Journal
from servers.options import Options
from servers.reactor_clients import Clients, Door
from servers.reactor_stopping import stop_signals


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with Reactor() as reactor:
        server = _Server(reactor, listener, options, journal)
        with stop_signals(reactor, server.stop):
            run_in(reactor, server.run)


class _Server:
    def __init__(
        self, reactor: Reactor, listener: socket.socket, options: Options, journal: Journal
    ) -> None:
        self._door = Door(reactor, listener, journal, options.idle_timeout)
        self._journal = journal
        self._clients = Clients(reactor, journal, once=True)

    async def run(self) -> None:
        """Accept one, serve it, and accept the next, until stop."""
        with self._door as door:
            self._journal.ready()
            while (connection := await door.next()) is not None:
                self._journal.accept(door.fd, connection.peer)
                await self._clients.admit(connection, connection.fileno()).run()

    def stop(self, signum: int) -> None:
        """Accept nobody any more, and let the reply in hand go out."""
        self._journal.stopping(signum)
        self._door.shut()
        self._clients.leave()
