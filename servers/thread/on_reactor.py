"""Model 5 on our reactor: the main thread accepts, and each client has a thread with its own loop.

Law of this file: a reactor is its thread's alone. Another may ask it to leave, and no more.
"""

from __future__ import annotations

import contextlib
import socket
from threading import get_ident

from reactor import ClosedError, Reactor, run_in
from reactor.net import Address, Connection
from servers.journal import Journal, Thread
from servers.options import Options
from servers.policy import WORKER_SECONDS
from servers.reactor_clients import Clients
from servers.reactor_server import CallbackServer
from servers.threads import LoopThread


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with Reactor() as reactor:
        _Server(reactor, listener, options, journal).run()


class _Server(CallbackServer["_Guest"]):
    def admit(self, fd: int, address: Address) -> _Guest | None:
        guest = _Guest(self, fd, address)
        try:
            guest.start()
        except RuntimeError as error:
            self.refuse(guest, error)
            return None
        return guest

    def refuse(self, guest: _Guest, error: BaseException) -> None:
        self.journal.refused(guest.sock.fileno(), error)
        guest.sock.close()

    def see_off(self) -> None:
        for guest in self.guests:
            guest.leave()
        self.reactor.call_later(WORKER_SECONDS, self.reactor.stop)

    def ended(self, guest: _Guest, error: BaseException | None) -> None:
        guest.join()
        if error is not None:
            self.refuse(guest, error)
        self.forget(guest)


class _Guest(LoopThread):
    """A client and its thread."""

    def __init__(self, server: _Server, fd: int, address: Address) -> None:
        super().__init__()
        self.sock = socket.socket(fileno=fd)
        self._address = address
        self._server = server

    def work(self) -> None:
        server, who = self._server, Thread(get_ident())
        with Reactor() as reactor:
            clients = Clients(reactor, server.journal)
            connection = Connection(
                reactor, self.sock, self._address, idle_seconds=server.options.idle_timeout
            )
            with self.hearing(reactor.call_threadsafe, clients.leave):
                run_in(reactor, clients.admit(connection, who).run)

    def ended(self, error: BaseException | None) -> None:
        with contextlib.suppress(ClosedError):  # a second signal: there is nobody left to tell
            self._server.reactor.call_threadsafe(self._server.ended, self, error)
