"""Desk: the threads that answer for one reactor.

Law of this file: the first thread takes who comes and does nothing else, so that it ends as soon as
its bell rings. Each who comes is answered once, in a thread of its own, in so many seconds; when
there are too many, the next is turned away.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
import time
import weakref
from typing import Any, Final

from reactor.errors import ReactorError
from reactor.poller import READ, default_poller

from . import wire
from .look import Look

MOST: Final = 100
SECONDS: Final = 5.0
"""So long may a client take to ask, and then to take its answer."""

PAUSE: Final = 0.1
"""So long nobody is taken after the system had no descriptor for one."""

_OWN: Final = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT}
"""Signals that a thread sends itself: faulthandler is to hear of those."""

_PEER: Final[int | None] = getattr(socket, "SO_PEERCRED", None)


class Desk(threading.Thread):
    """Takes who comes to listener, until the other end of bell is closed. look is gone when its
    reactor is.
    """

    def __init__(
        self, listener: socket.socket, bell: socket.socket, look: weakref.ref[Look]
    ) -> None:
        super().__init__(name="reactor inspector", daemon=True)
        self._listener = listener
        self._bell = bell
        self._look = look
        self._clients: dict[socket.socket, None] = {}
        self._poller = default_poller()
        self._poller.add(listener.fileno(), READ)
        self._poller.add(bell.fileno(), READ)

    def run(self) -> None:
        """Take who comes."""
        # Signals are for threads that do something with them: one in a long call is to be woken.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - _OWN)
        bell = self._bell.fileno()
        with self._listener, self._bell:
            while all(fd != bell for fd, _ in self._poller.wait(None)):
                self._take_one()
            self._poller.close()

    def _take_one(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:  # no descriptor is left; the loop needs them more
            time.sleep(PAUSE)
            return
        self._clients[client] = None
        try:
            threading.Thread(
                target=self._serve, args=(client,), name=self.name, daemon=True
            ).start()
        except RuntimeError:  # no thread is left
            self._let_go(client)

    def _serve(self, client: socket.socket) -> None:
        try:
            wire.send(client, self._answer(client), SECONDS)
        except OSError:
            pass  # it has left, or does not read
        finally:
            self._let_go(client)

    def _answer(self, client: socket.socket) -> dict[str, Any]:
        try:
            if len(self._clients) > MOST:
                raise ReactorError(f"{MOST} others look already; try again")
            check_peer(client)
            request = wire.receive(client, wire.REQUEST_BYTES, SECONDS)
            if (look := self._look()) is None:
                raise ReactorError("the reactor is gone")
            return look.answer(request)
        except Exception as error:  # whatever it is, it is no business of the program's
            return {"error": str(error) or repr(error)}

    def _let_go(self, client: socket.socket) -> None:
        self._clients.pop(client, None)
        client.close()

    def forked(self) -> None:
        """In a forked child, where none of these threads runs: close what they had."""
        self._poller.close()
        for sock in (self._listener, self._bell, *self._clients):
            sock.close()


def check_peer(client: socket.socket, option: int | None = _PEER) -> None:
    """Raise ReactorError if the process at the other end is not this user's, nor root's.

    option asks who it is (SO_PEERCRED, man 7 socket). Where there is none, as everywhere but on
    Linux, the rights of the folder have to do.
    """
    if option is not None:
        credentials = client.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i"))
        user: int = struct.unpack("3i", credentials)[1]
        if user not in (0, os.geteuid()):
            raise ReactorError(f"user {user} may not look into a process of {os.geteuid()}")
