"""Wire: one way between two streams: what is put in comes out in order, later.

Law of this file: a wire has the length, width and room of its link, and knows nothing of bytes. It
tells when something arrives, and how much more may be put in until the other end has taken some
out.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import TypeVarTuple

from reactor.loop import Reactor

Ts = TypeVarTuple("Ts")


class Link:
    """What the wires between two ends are like.

    latency is how many seconds a byte takes, either way; bandwidth how many bytes enter a wire in a
    second, infinity for all at once; buffer how many bytes may be on their way or unread, either
    way, before the sender has to wait. Raises ValueError for what cannot be.
    """

    __slots__ = ("bandwidth", "buffer", "latency")

    def __init__(self, latency: float, bandwidth: float, buffer: int) -> None:
        if not (latency >= 0 and isfinite(latency)):
            raise ValueError(f"a latency of {latency} seconds cannot be; give 0 or more")
        if not bandwidth > 0:
            raise ValueError(f"at {bandwidth} bytes a second nothing arrives; give more than 0")
        if buffer < 1:
            raise ValueError(f"a buffer of {buffer} bytes takes nothing in; give 1 or more")
        self.latency: float = latency
        self.bandwidth: float = bandwidth
        self.buffer: int = buffer


class Wire:
    """One way over link. room is how many bytes more go in now."""

    __slots__ = ("_free", "_link", "_reactor", "room")

    def __init__(self, reactor: Reactor, link: Link) -> None:
        self._reactor = reactor
        self._link = link
        self._free = reactor.now()  # when all that was put in will have entered
        self.room: int = link.buffer

    def carry(self, size: int, arrive: Callable[[*Ts], object], *args: *Ts) -> None:
        """Call arrive(*args) when so many bytes have come to the other end, behind what is on its
        way already.
        """
        self.room -= size
        self._free = max(self._free, self._reactor.now()) + size / self._link.bandwidth
        self._reactor.call_at(self._free + self._link.latency, arrive, *args)
