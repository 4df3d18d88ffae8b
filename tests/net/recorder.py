"""Recorder: a channel that writes down what happens to it, and does what a test tells it to."""

from __future__ import annotations

import socket
from collections.abc import Callable

from reactor import Reactor
from reactor.net import Channel


class Recorder(Channel):
    """Keeps what came in data, how often the peer finished in ends, how this ended in ended_with.

    on_data, on_end and on_ended are called in received, received_end and ended, on_sent in sent;
    stays is what received_end returns.
    """

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket | int,
        *,
        on_data: Callable[[Recorder, bytes], object] = lambda channel, data: None,
        on_end: Callable[[Recorder], object] = lambda channel: None,
        on_ended: Callable[[Recorder], object] = lambda channel: None,
        on_sent: Callable[[Recorder], object] = lambda channel: None,
        stays: bool = False,
        duplex: bool = False,
        limit: int | None = None,
        idle_seconds: float | None = None,
    ) -> None:
        self.data: list[bytes] = []
        self.ends = 0
        self.ended_with: list[Exception | None] = []
        self._on_data = on_data
        self._on_end = on_end
        self._on_ended = on_ended
        self._on_sent = on_sent
        self._stays = stays
        super().__init__(reactor, sock, limit=limit, idle_seconds=idle_seconds, duplex=duplex)

    def received(self, data: bytes) -> None:
        self.data.append(data)
        self._on_data(self, data)

    def received_end(self) -> bool:
        self.ends += 1
        self._on_end(self)
        return self._stays

    def sent(self) -> None:
        self._on_sent(self)

    def ended(self, error: Exception | None) -> None:
        assert self.fileno() == -1, "ended comes when the descriptor is given back"
        self.ended_with.append(error)
        self._on_ended(self)

    @property
    def is_open(self) -> bool:
        return self.fileno() >= 0


def echo(channel: Recorder, data: bytes) -> None:
    """Send back what came."""
    channel.send(data)
