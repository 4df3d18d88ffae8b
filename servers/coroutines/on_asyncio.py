"""Model 9 on stdlib asyncio: an accepting task and a task for each client.

Law of this file: nothing may block, and a call that might complete at once every time is followed
by `sleep(0)`, since tasks take turns only where an await really waits.
"""

from __future__ import annotations

import asyncio
import selectors
import socket

from servers.asyncio_clients import Clients, Door
from servers.asyncio_stopping import stop_signals
from servers.journal import Address, Journal
from servers.options import Options


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""

    def chosen_loop() -> asyncio.AbstractEventLoop:
        if options.poller is None:
            return asyncio.SelectorEventLoop()
        selector = getattr(selectors, f"{options.poller.capitalize()}Selector")
        return asyncio.SelectorEventLoop(selector())

    with asyncio.Runner(loop_factory=chosen_loop) as runner:
        server = _Server(listener, options, journal)
        with stop_signals(runner.get_loop(), server.stop):
            runner.run(server.run())


class _Server:
    def __init__(self, listener: socket.socket, options: Options, journal: Journal) -> None:
        self._door = Door(listener, journal)
        self._options = options
        self._journal = journal
        self._clients = Clients(journal, options.idle_timeout)

    async def run(self) -> None:
        """Accept, and serve whom was let in, until stop."""
        async with asyncio.TaskGroup() as tasks:
            with self._door as door:
                self._journal.ready()
                while (client := await door.next()) is not None:
                    self._journal.accept(door.fd, client[1])
                    self._let_in(tasks, *client)

    def _let_in(self, tasks: asyncio.TaskGroup, sock: socket.socket, address: Address) -> None:
        limit = self._options.limit
        if limit is not None and len(self._clients) >= limit:
            self._journal.over_limit(sock.fileno(), limit)
            sock.close()
            return
        client = self._clients.admit(sock, address, sock.fileno())
        tasks.create_task(client.run())

    def stop(self, signum: int) -> None:
        """Accept nobody any more, and let the replies in hand go out."""
        self._journal.stopping(signum)
        self._door.shut()
        self._clients.leave()
