"""Service: what a server knows of itself, whatever form its clients have."""

from __future__ import annotations

import socket
from math import isnan
from typing import Any

from reactor.net import Address


class Service:
    """The limit of a server, its addresses, and how it stands.

    accepted counts the clients that came in, failures those of them that ended with an error;
    draining says whether it takes in no more.
    """

    def __init__(self, socks: tuple[socket.socket, ...], most: float) -> None:
        if not most >= 1:
            raise ValueError(f"a server for {most} clients serves nobody; give 1 or more")
        if not socks:
            raise ValueError("a server without a socket hears nobody; give one that listens")
        self.accepted: int = 0
        self.failures: int = 0
        self.draining: bool = False
        self.addresses: list[Address] = [sock.getsockname() for sock in socks]
        self._most = most
        self._runs = False
        self._clients: dict[Any, Any] = {}  # in order of arrival

    @property
    def clients(self) -> int:
        """How many clients are in."""
        return len(self._clients)

    def _count_in(self) -> None:
        self.accepted += 1

    def _count_failure(self) -> None:
        self.failures += 1

    def _refuse_nan(self, seconds: float) -> None:
        if isnan(seconds):
            raise ValueError(f"{self!r} cannot be drained in NaN seconds; give a number")

    def __repr__(self) -> str:
        state = "draining" if self.draining else "running" if self._runs else "at rest"
        return f"<{type(self).__name__} at {self.addresses!r}, {state}, {self.clients} in>"
