"""Model 3 on our reactor: a loop that waits with epoll, and callbacks for what it finds.

Law of this file: while a reply, or a part of one, is unsent, its client is not read from; a
Channel sees to that.
"""

from __future__ import annotations

import os
import socket

from reactor import IdleError, Reactor
from reactor.net import Address, CallbackListener, Channel
from reactor.poller import EpollPoller
from servers.conversation import RECEIVE_LIMIT, answer
from servers.journal import Journal
from servers.options import Options
from servers.policy import DISCARD_SECONDS, REPLY_SECONDS
from servers.reactor_stopping import stop_signals


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with Reactor(EpollPoller()) as reactor:
        server = _Server(reactor, listener, options, journal)
        with stop_signals(reactor, server.stop):
            journal.ready()
            reactor.run()


class _Server:
    def __init__(
        self, reactor: Reactor, listener: socket.socket, options: Options, journal: Journal
    ) -> None:
        self.reactor = reactor
        self.options = options
        self.journal = journal
        self._clients: dict[_Client, None] = {}
        self._stopping = False
        self._listener = CallbackListener(
            reactor, listener, self._let_in, shortage=journal.shortage
        )

    def stop(self, signum: int) -> None:
        self.journal.stopping(signum)
        self._stopping = True
        self._listener.close()
        for client in list(self._clients):
            client.finish(DISCARD_SECONDS)
        self.reactor.call_later(REPLY_SECONDS, self._cut)
        self._end_after_the_last()

    def forget(self, client: _Client) -> None:
        del self._clients[client]
        self.journal.descriptors(len(self._clients))
        self._end_after_the_last()

    def _let_in(self, fd: int, address: Address) -> None:
        self.journal.accept(self._listener.fileno(), address)
        limit = self.options.limit
        if limit is not None and len(self._clients) >= limit:
            self.journal.over_limit(fd, limit)
            os.close(fd)
            return
        self.journal.client(fd, address)
        self._clients[_Client(self, fd, address)] = None
        self.journal.descriptors(len(self._clients))

    def _cut(self) -> None:
        for client in list(self._clients):
            client.cut()

    def _end_after_the_last(self) -> None:
        if self._stopping and not self._clients:
            self.reactor.stop()


class _Client(Channel):
    """One client: what to do when something came, and when it is over."""

    def __init__(self, server: _Server, fd: int, address: Address) -> None:
        self._server = server
        self._fd = fd
        super().__init__(
            server.reactor,
            fd,
            address,
            limit=RECEIVE_LIMIT,
            idle_seconds=server.options.idle_timeout,
        )

    def received(self, data: bytes) -> None:
        self._server.journal.received(self._fd, data)
        self.send(answer(data))

    def received_end(self) -> None:
        self._server.journal.end(self._fd)

    def ended(self, error: Exception | None) -> None:
        if isinstance(error, IdleError):
            self._server.journal.idle(self._fd)
        elif isinstance(error, OSError):
            self._server.journal.lost(self._fd, error)
        self._server.forget(self)

    def cut(self) -> None:
        """Give up a reply that the peer still does not take."""
        if self.unsent:
            self._server.journal.cut(self._fd)
            self.abort()
