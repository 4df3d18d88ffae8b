"""Model 3 on our reactor: a loop that waits with epoll, and callbacks for what it finds.

Law of this file: while a reply, or a part of one, is unsent, its client is not read from; a
Channel sees to that.
"""

from __future__ import annotations

import socket

from reactor import IdleError, Reactor
from reactor.net import Address, Channel
from reactor.poller import EpollPoller
from servers.conversation import RECEIVE_LIMIT, answer
from servers.journal import Journal
from servers.options import Options
from servers.policy import DISCARD_SECONDS
from servers.reactor_server import MultiplexingServer


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with Reactor(EpollPoller()) as reactor:
        _Server(reactor, listener, options, journal).run()


class _Server(MultiplexingServer["_Client"]):
    def welcome(self, fd: int, address: Address) -> _Client:
        return _Client(self, fd, address)


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

    def leave(self) -> None:
        """Let the reply in hand go out, but take no other message."""
        self.finish(DISCARD_SECONDS)

    def cut(self) -> None:
        """Give up a reply that the peer still does not take."""
        if self.unsent:
            self._server.journal.cut(self._fd)
            self.abort()
