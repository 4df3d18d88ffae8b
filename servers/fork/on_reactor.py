"""Model 4 on our reactor: the parent accepts, forks and reaps; a child has a reactor of its own.

Law of this file: a reactor does not survive a fork. The child lets go of its parent's and of the
listening socket before it does anything else.
"""

from __future__ import annotations

import os
import signal
import socket

from reactor import Reactor, run_in
from reactor.net import Address, Connection
from servers.journal import Journal, Process
from servers.options import Options
from servers.policy import WORKER_SECONDS
from servers.processes import Children, ending
from servers.reactor_clients import Clients
from servers.reactor_server import CallbackServer
from servers.reactor_stopping import child_stops


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with Children(journal) as children, Reactor() as reactor:
        server = _Parent(children, reactor, listener, options, journal)
        reactor.on_signal(signal.SIGCHLD, server.reap)
        server.run()


class _Parent(CallbackServer[int]):
    def __init__(
        self,
        children: Children,
        reactor: Reactor,
        listener: socket.socket,
        options: Options,
        journal: Journal,
    ) -> None:
        super().__init__(reactor, listener, options, journal)
        self._children = children

    def admit(self, fd: int, address: Address) -> int | None:
        try:
            return self._children.fork(self._converse, fd, address)
        except OSError as error:
            self.journal.refused(fd, error)
            return None
        finally:
            os.close(fd)  # it is the child's

    def reap(self) -> None:
        for pid, code in self._children.reap():
            if code:
                self.journal.worker_ended(Process(pid), ending(code))
            self.forget(pid)

    def see_off(self) -> None:
        self._children.release()
        self.reactor.call_later(WORKER_SECONDS, self._children.kill)

    def _converse(self, fd: int, address: Address) -> None:
        self.listener.close()
        with Reactor() as reactor:
            clients = Clients(reactor, self.journal)
            connection = Connection(reactor, fd, address, idle_seconds=self.options.idle_timeout)
            client = clients.admit(connection, Process(os.getpid()))
            with child_stops(reactor, clients.leave, self._children.lifeline):
                run_in(reactor, client.run)
