"""Recorder: a channel that writes down what happens to it, and does what a test tells it to."""

from __future__ import annotations

import socket
from collections.abc import Callable

from reactor import Reactor
from reactor.net import Channel


class Recorder(Channel):
    """Keeps what came in data, how often the peer finished in ends, how this ended in ended_with.

    on_data, on_end and on_ended are called in received, received_end and ended.
    """

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket | int,
        *,
        on_data: Callable[[Recorder, bytes], object] = lambda channel, data: None,
        on_end: Callable[[Recorder], object] = lambda channel: None,
        on_ended: Callable[[Recorder], object] = lambda channel: None,
        limit: int | None = None,
        idle_seconds: float | None = None,
    ) -> None:
        self.data: list[bytes] = []
        self.ends = 0
        self.ended_with: list[Exception | None] = []
        self._on_data = on_data
        self._on_end = on_end
        self._on_ended = on_ended
        super().__init__(reactor, sock, limit=limit, idle_seconds=idle_seconds)

    def received(self, data: bytes) -> None:
        self.data.append(data)
        self._on_data(self, data)

    def received_end(self) -> None:
        self.ends += 1
        self._on_end(self)

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
