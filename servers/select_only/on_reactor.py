"""Model 2 on our reactor: a loop that waits with select, and two watches on each client's socket.

Law of this file: the model is the poller, and nothing else here knows of it.
"""

from __future__ import annotations

import socket

from reactor import Reactor
from reactor.net import Address
from reactor.poller import SelectPoller
from servers.journal import Journal
from servers.options import Options
from servers.reactor_server import MultiplexingServer
from servers.reactor_watched import Watched


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with Reactor(SelectPoller()) as reactor:
        _Server(reactor, listener, options, journal).run()


class _Server(MultiplexingServer[Watched]):
    def welcome(self, fd: int, address: Address) -> Watched:
        return Watched(self, fd)
