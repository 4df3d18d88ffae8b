"""Model 4 on stdlib asyncio: the parent accepts, forks and reaps; a child has a loop of its own.

Law of this file: a child never touches its parent's loop, nor closes it: to unregister from an
epoll that is shared with the parent is to unregister the parent.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket

from servers.asyncio_clients import Clients
from servers.asyncio_server import CallbackServer
from servers.asyncio_stopping import child_stops
from servers.journal import Address, Journal, Process
from servers.options import Options
from servers.policy import WORKER_SECONDS
from servers.processes import Children, ending


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with (
        Children(journal) as children,
        asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner,
    ):
        _Parent(children, runner.get_loop(), listener, options, journal).run()


class _Parent(CallbackServer[int]):
    def __init__(
        self,
        children: Children,
        loop: asyncio.AbstractEventLoop,
        listener: socket.socket,
        options: Options,
        journal: Journal,
    ) -> None:
        super().__init__(loop, listener, options, journal)
        self._children = children

    def begin(self) -> None:
        self.loop.add_signal_handler(signal.SIGCHLD, self.reap)

    def admit(self, sock: socket.socket, address: Address) -> int | None:
        try:
            return self._children.fork(self._converse, sock, address)
        except OSError as error:
            self.journal.refused(sock.fileno(), error)
            return None
        finally:
            sock.close()  # it is the child's

    def reap(self) -> None:
        for pid, code in self._children.reap():
            if code:
                self.journal.worker_ended(Process(pid), ending(code))
            self.forget(pid)

    def see_off(self) -> None:
        self._children.release()
        self.loop.call_later(WORKER_SECONDS, self._children.kill)

    def _converse(self, sock: socket.socket, address: Address) -> None:
        self.listener.close()
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            clients = Clients(self.journal, self.options.idle_timeout)
            client = clients.admit(sock, address, Process(os.getpid()))
            with child_stops(runner.get_loop(), clients.leave, self._children.lifeline):
                runner.run(client.run())
