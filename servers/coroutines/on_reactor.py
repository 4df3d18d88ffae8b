"""Model 9 on our reactor: an accepting task and a task for each client, as generators.

Law of this file: nothing may block, and tasks give way where they wait: at each receive, and once
in a burst of accepted clients.
"""

from __future__ import annotations

import socket

from reactor import IdleError, Operation, Reactor, Scope, Steps, TaskGroup, coroutine, run_in
from reactor.net import Connection, Listener
from reactor.poller import poller_named
from servers.conversation import RECEIVE_LIMIT, answer
from servers.journal import Journal
from servers.options import Options
from servers.policy import DISCARD_SECONDS, REPLY_SECONDS
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
        self._reactor = reactor
        self._socket = listener
        self._options = options
        self._journal = journal
        self._clients: dict[_Client, None] = {}
        self._accepting = Scope()
        self._tasks = TaskGroup()

    def run(self) -> Operation[None]:
        """Accept, and serve whom was let in, until stop."""
        return self._tasks.run(self._accept)

    @coroutine
    def _accept(self) -> Steps[None]:
        listener = Listener(self._reactor, self._socket, shortage=self._journal.shortage)
        with self._accepting, listener:
            self._journal.ready()
            while True:
                connection = yield from listener.accept(idle_seconds=self._options.idle_timeout)
                self._journal.accept(listener.fileno(), connection.peer)
                self._let_in(connection)

    def _let_in(self, connection: Connection) -> None:
        limit = self._options.limit
        if limit is not None and len(self._clients) >= limit:
            self._journal.over_limit(connection.fileno(), limit)
            connection.close()
            return
        self._journal.client(connection.fileno(), connection.peer)
        client = _Client(connection, self._journal)
        self._clients[client] = None
        self._tasks.spawn(self._serve, client)
        if self._accepting.cancel_called:  # let in by the burst that was under way
            client.leave()

    @coroutine
    def _serve(self, client: _Client) -> Steps[None]:
        try:
            yield from client.run()
        finally:
            del self._clients[client]

    def stop(self, signum: int) -> None:
        """Accept nobody any more, and let the replies in hand go out."""
        self._journal.stopping(signum)
        self._accepting.cancel()
        for client in self._clients:
            client.leave()
        self._reactor.call_later(REPLY_SECONDS, self._cut)

    def _cut(self) -> None:
        for client in self._clients:
            client.cut()


class _Client:
    def __init__(self, connection: Connection, journal: Journal) -> None:
        self._connection = connection
        self._fd = connection.fileno()
        self._journal = journal
        self._talking = Scope()
        self._replying = False
        self._leaving = False

    @coroutine
    def run(self) -> Steps[None]:
        with self._connection as connection:
            try:
                with self._talking:
                    yield from self._converse()
            except IdleError:
                self._journal.idle(self._fd)
            except OSError as error:
                self._journal.lost(self._fd, error)
            if self._leaving and not self._replying:
                yield from connection.finish(DISCARD_SECONDS)

    @coroutine
    def _converse(self) -> Steps[None]:
        while not self._leaving:
            data = yield from self._connection.receive(RECEIVE_LIMIT)
            if not data:
                self._journal.end(self._fd)
                return
            self._journal.received(self._fd, data)
            self._replying = True
            yield from self._connection.send_all(answer(data))
            self._replying = False

    def leave(self) -> None:
        """Let the reply in hand go out, but wait for no other message."""
        self._leaving = True
        if not self._replying:
            self._talking.cancel()

    def cut(self) -> None:
        """Give up a reply that the peer still does not take."""
        if self._replying:
            self._journal.cut(self._fd)
            self._talking.cancel()
