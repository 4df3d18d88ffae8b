"""ChannelServer: a channel for each client, limits, and an end in good order, in callbacks.

Law of this file: what goes wrong with one client is its own affair. Draining takes in nobody, has
each client leave when what is under way is done, and cuts the rest when time is up.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from math import inf

from reactor.loop import Reactor, SignalWatch, Timer
from reactor.net import Address, CallbackListener, Channel, MakeChannel

from .service import Service


class ChannelServer(Service):
    """Serves the clients of listening sockets from now on, each by the channel that
    make(reactor, fd, address) returns.

    No more than most clients are in at a time; others wait in the backlog. What make raises goes
    to the reactor's on_error, and so does what a socket fails with that goes wrong: nobody is
    accepted there any more, and who is in is served on.

    The sockets are the server's. accepted counts the clients that came in, failures those that
    ended with an error; draining says whether it takes in no more.
    """

    def __init__(
        self, reactor: Reactor, make: MakeChannel, *socks: socket.socket, most: float = inf
    ) -> None:
        super().__init__(socks, most)
        self.reactor: Reactor = reactor
        self._make = make
        self._clients: dict[Channel, None] = {}
        self._cut = 0  # how many had to be
        self._patience: Timer | None = None
        self._drained: list[Callable[[int], object]] = []
        self._signals: list[SignalWatch] = []
        self._runs = True
        self._listeners = [CallbackListener(reactor, sock, self._let_in) for sock in socks]

    def _let_in(self, fd: int, address: Address) -> None:
        channel = self._make(self.reactor, fd, address)
        self._count_in()
        if channel.closed:
            return
        self._clients[channel] = None
        channel.when_ended(self._left)
        if self.draining:  # since make has asked for it
            self.reactor.call_soon(self._see_off, channel)
        if len(self._clients) >= self._most:
            for listener in self._listeners:
                listener.pause()

    def _left(self, channel: Channel, error: Exception | None) -> None:
        del self._clients[channel]
        if error is not None:
            self._count_failure()
        if self.draining:
            self._end_if_empty()
        else:
            for listener in self._listeners:
                listener.resume()

    def drain(self, seconds: float, drained: Callable[[int], object] = lambda cut: None) -> None:
        """Take in nobody any more, have each client leave(), and cut who still is in after seconds,
        with a reset.

        drained(cut) is called, in a later turn, when all have gone: with how many were cut. Again:
        that says anew how long it may take. Raises ValueError for NaN.
        """
        self._refuse_nan(seconds)
        self._drained.append(drained)
        if not self.draining:
            self.draining = True
            self.close()
            for watch in self._signals:
                watch.cancel()
            for client in self._clients:
                self.reactor.call_soon(self._see_off, client)
        if self._patience is not None:
            self._patience.cancel()
        self._patience = self.reactor.call_later(seconds, self._cut_all)
        self.reactor.call_soon(self._end_if_empty)  # who is made just now is not in yet

    def drain_on(
        self,
        *signums: int,
        seconds: float,
        drained: Callable[[int], object] = lambda cut: None,
    ) -> None:
        """Drain when one of these signals comes, as drain(seconds, drained) does; from then on they
        do what they did before.

        Call it in the main thread. Raises as Reactor.on_signal does, and ValueError for NaN.
        """
        self._refuse_nan(seconds)
        for signum in signums:
            self._signals.append(self.reactor.on_signal(signum, self.drain, seconds, drained))

    def _see_off(self, client: Channel) -> None:
        if not client.closed:
            client.leave()

    def _cut_all(self) -> None:
        self._cut += len(self._clients)
        for client in self._clients:
            self.reactor.call_soon(client.abort)  # one by one, since what ended() raises is its own

    def _end_if_empty(self) -> None:
        if not self._clients and self._patience is not None:
            self._patience.cancel()
            drained, self._drained = self._drained, []
            for tell in drained:
                self.reactor.call_soon(tell, self._cut)

    def close(self) -> None:
        """Close the listening sockets; who is in is served on."""
        for listener in self._listeners:
            listener.close()
