"""Model 2 on stdlib asyncio: a loop that waits with select, a reader or a writer on each socket.

Law of this file: the model is the selector, and nothing else here knows of it.
"""

from __future__ import annotations

import asyncio
import selectors
import socket

from servers.asyncio_server import MultiplexingServer
from servers.asyncio_watched import Watched
from servers.journal import Journal
from servers.options import Options


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""

    def select_loop() -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(selectors.SelectSelector())

    with asyncio.Runner(loop_factory=select_loop) as runner:
        _Server(runner.get_loop(), listener, options, journal).run()


class _Server(MultiplexingServer[Watched]):
    def welcome(self, sock: socket.socket) -> Watched:
        return Watched(self, sock)
