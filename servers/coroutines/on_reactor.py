"""Model 9 on our reactor: an accepting task and a task for each client, as generators.

Law of this file: nothing may block, and tasks give way where they wait: at each receive, and once
in a burst of accepted clients.
"""

from __future__ import annotations

import socket

from reactor import Operation, Reactor, Steps, TaskGroup, coroutine, run_in
from reactor.net import Connection
from reactor.poller import poller_named
from servers.journal import Journal
from servers.options import Options
from servers.reactor_clients import Clients, Door
from servers.reactor_stopping import stop_signals


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    poller = None if options.poller is None else poller_named(options.poller)
    with Reactor(poller) as reactor:
        server = _Server(reactor, listener, options, journal)
        with stop_signals(reactor, server.stop):
            run_in(reactor, server.run)


class _Server:
    def __init__(
        self, reactor: Reactor, listener: socket.socket, options: Options, journal: Journal
    ) -> None:
        self._door = Door(reactor, listener, journal, options.idle_timeout)
        self._options = options
        self._journal = journal
        self._clients = Clients(reactor, journal)
        self._tasks = TaskGroup()

    def run(self) -> Operation[None]:
        """Accept, and serve whom was let in, until stop."""
        return self._tasks.run(self._accept)

    @coroutine
    def _accept(self) -> Steps[None]:
        with self._door as door:
            self._journal.ready()
            while (connection := (yield from door.next())) is not None:
                self._journal.accept(door.fd, connection.peer)
                self._let_in(connection)

    def _let_in(self, connection: Connection) -> None:
        limit = self._options.limit
        if limit is not None and len(self._clients) >= limit:
            self._journal.over_limit(connection.fileno(), limit)
            connection.close()
            return
        client = self._clients.admit(connection, connection.fileno())
        self._tasks.spawn(client.run)

    def stop(self, signum: int) -> None:
        """Accept nobody any more, and let the replies in hand go out."""
        self._journal.stopping(signum)
        self._door.shut()
        self._clients.leave()
