"""A server of callbacks on the reactor: it accepts, keeps to the limit, and stops.

Law of this file: a client is let in or refused in one place, and the server ends when the last has
gone after a signal. What a client is (a channel, a process, a thread) is a room's affair.
"""

from __future__ import annotations

import os
import socket
from typing import Generic, Protocol, TypeVar

from reactor import Reactor
from reactor.net import Address, CallbackListener
from servers.journal import Journal
from servers.options import Options
from servers.policy import REPLY_SECONDS
from servers.reactor_stopping import stop_signals

G = TypeVar("G")


class CallbackServer(Generic[G]):
    """Accepts the clients of listener; derive from it, and write admit and see_off."""

    def __init__(
        self, reactor: Reactor, listener: socket.socket, options: Options, journal: Journal
    ) -> None:
        self.reactor = reactor
        self.options = options
        self.journal = journal
        self.guests: dict[G, None] = {}
        self._stopping = False
        self.listener = CallbackListener(reactor, listener, self._let_in, shortage=journal.shortage)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        with stop_signals(self.reactor, self._stop):
            self.journal.ready()
            self.reactor.run()

    def admit(self, fd: int, address: Address) -> G | None:
        """Serve the client of fd, which is yours from now on; None if that is refused."""
        raise NotImplementedError

    def see_off(self) -> None:
        """Bring it about that every guest leaves."""
        raise NotImplementedError

    def forget(self, guest: G) -> None:
        """Guest has gone."""
        del self.guests[guest]
        self._end_after_the_last()

    def _let_in(self, fd: int, address: Address) -> None:
        self.journal.accept(self.listener.fileno(), address)
        limit = self.options.limit
        if limit is not None and len(self.guests) >= limit:
            self.journal.over_limit(fd, limit)
            os.close(fd)
            return
        guest = self.admit(fd, address)
        if guest is not None:
            self.guests[guest] = None

    def _stop(self, signum: int) -> None:
        self.journal.stopping(signum)
        self._stopping = True
        self.listener.close()
        self.see_off()
        self._end_after_the_last()

    def _end_after_the_last(self) -> None:
        if self._stopping and not self.guests:
            self.reactor.stop()


class Guest(Protocol):
    """One client of a server that multiplexes."""

    def leave(self) -> object:
        """Let the reply in hand go out, but take no other message."""

    def cut(self) -> object:
        """Give up a reply that the peer still does not take."""


M = TypeVar("M", bound=Guest)


class MultiplexingServer(CallbackServer[M]):
    """One thread serves all: it tells how many it watches, and sees each of them off."""

    def welcome(self, fd: int, address: Address) -> M:
        """Begin to serve the client of fd, which is yours from now on."""
        raise NotImplementedError

    def admit(self, fd: int, address: Address) -> M:
        """Tell of the client, and serve it."""
        self.journal.client(fd, address)
        guest = self.welcome(fd, address)
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
        self.reactor.call_later(REPLY_SECONDS, self._cut)

    def _cut(self) -> None:
        for guest in list(self.guests):
            guest.cut()
