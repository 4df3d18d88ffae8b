"""Model 5 on stdlib asyncio: the main thread accepts, and each client has a thread with its loop.

Law of this file: a loop is its thread's alone. Another may ask it to leave, and no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from threading import get_ident

from servers.asyncio_clients import Clients
from servers.asyncio_server import CallbackServer
from servers.journal import Address, Journal, Thread
from servers.options import Options
from servers.policy import WORKER_SECONDS
from servers.threads import LoopThread


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        _Server(runner.get_loop(), listener, options, journal).run()


class _Server(CallbackServer["_Guest"]):
    def admit(self, sock: socket.socket, address: Address) -> _Guest | None:
        guest = _Guest(self, sock, address)
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
        self.loop.call_later(WORKER_SECONDS, self.end)

    def ended(self, guest: _Guest, error: BaseException | None) -> None:
        guest.join()
        if error is not None:
            self.refuse(guest, error)
        self.forget(guest)


class _Guest(LoopThread):
    """A client and its thread."""

    def __init__(self, server: _Server, sock: socket.socket, address: Address) -> None:
        super().__init__()
        self.sock = sock
        self._address = address
        self._server = server

    def work(self) -> None:
        server, who = self._server, Thread(get_ident())
        # Not a Runner: it ends by looking through the tasks of all loops in the process.
        with contextlib.closing(asyncio.SelectorEventLoop()) as loop:
            clients = Clients(server.journal, server.options.idle_timeout)
            with self.hearing(loop.call_soon_threadsafe, clients.leave):
                loop.run_until_complete(clients.admit(self.sock, self._address, who).run())

    def ended(self, error: BaseException | None) -> None:
        with contextlib.suppress(RuntimeError):  # a second signal: the main loop is closed
            self._server.loop.call_soon_threadsafe(self._server.ended, self, error)
