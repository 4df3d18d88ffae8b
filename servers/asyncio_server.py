"""A server of callbacks on stdlib asyncio: it accepts, keeps to the limit, and stops.

Law of this file: a client is let in or refused in one place, and the server ends when the last has
gone after a signal. What a client is (a protocol, a process, a thread) is a room's affair.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Generic, Protocol, TypeVar

from servers.asyncio_stopping import stop_signals
from servers.journal import Address, Journal
from servers.options import Options
from servers.policy import REPLY_SECONDS, AcceptErrors

G = TypeVar("G")


class CallbackServer(Generic[G]):
    """Accepts the clients of listener; derive from it, and write admit and see_off."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listener: socket.socket,
        options: Options,
        journal: Journal,
    ) -> None:
        self.loop = loop
        self.options = options
        self.journal = journal
        self.listener = listener
        self.guests: dict[G, None] = {}
        self._errors = AcceptErrors(journal)
        self._stopping = False
        self._ended = loop.create_future()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        with stop_signals(self.loop, self._stop):
            self.begin()
            self.listener.setblocking(False)
            self.loop.add_reader(self.listener, self._accept)
            self.journal.ready()
            self.loop.run_until_complete(self._ended)

    def begin(self) -> None:
        """Override it for what else is to be heard of, now that the signals are."""

    def admit(self, sock: socket.socket, address: Address) -> G | None:
        """Serve the client of sock, which is yours from now on; None if that is refused."""
        raise NotImplementedError

    def see_off(self) -> None:
        """Bring it about that every guest leaves."""
        raise NotImplementedError

    def forget(self, guest: G) -> None:
        """Guest has gone."""
        del self.guests[guest]
        self._end_after_the_last()

    def _accept(self) -> None:
        # One at a time: who still waits at the door makes it ready again in the next turn.
        try:
            sock, address = self.listener.accept()
        except BlockingIOError:
            pass  # gone again
        except OSError as error:
            self.loop.remove_reader(self.listener)  # first: what is raised now would be each turn
            self.loop.call_later(self._errors.pause_after(error), self._resume)
        else:
            self._errors.worked()
            self.journal.accept(self.listener.fileno(), address)
            self._let_in(sock, address)

    def _resume(self) -> None:
        if not self._stopping:
            self.loop.add_reader(self.listener, self._accept)

    def _let_in(self, sock: socket.socket, address: Address) -> None:
        limit = self.options.limit
        if limit is not None and len(self.guests) >= limit:
            self.journal.over_limit(sock.fileno(), limit)
            sock.close()
            return
        guest = self.admit(sock, address)
        if guest is not None:
            self.guests[guest] = None

    def _stop(self, signum: int) -> None:
        self.journal.stopping(signum)
        self._stopping = True
        self.loop.remove_reader(self.listener)
        self.listener.close()
        self.see_off()
        self._end_after_the_last()

    def _end_after_the_last(self) -> None:
        if self._stopping and not self.guests:
            self.end()

    def end(self) -> None:
        """End the loop, whoever is still there."""
        if not self._ended.done():
            self._ended.set_result(None)


class Guest(Protocol):
    """One client of a server that multiplexes."""

    def leave(self) -> object:
        """Let the reply in hand go out, but take no other message."""

    def cut(self) -> object:
        """Give up a reply that the peer still does not take."""


M = TypeVar("M", bound=Guest)


class MultiplexingServer(CallbackServer[M]):
    """One thread serves all: it tells how many it watches, and sees each of them off."""

    def welcome(self, sock: socket.socket) -> M:
        """Begin to serve the client of sock, which is yours from now on."""
        raise NotImplementedError

    def admit(self, sock: socket.socket, address: Address) -> M:
        """Tell of the client, and serve it."""
        self.journal.client(sock.fileno(), address)
        guest = self.welcome(sock)
        self.journal.descriptors(len(self.guests) + 1)
        return guest

    def forget(self, guest: M) -> None:
        """Guest has gone."""
        self.journal.descriptors(len(self.guests) - 1)
        super().forget(guest)

    def see_off(self) -> None:
        """Ask every guest to leave, and cut those who do not take their reply."""
        for guest in list(self.guests):
            guest.leave()
        self.loop.call_later(REPLY_SECONDS, self._cut)

    def _cut(self) -> None:
        for guest in list(self.guests):
            guest.cut()
