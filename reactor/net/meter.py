"""Meter: what an operator wants to know of a connection.

Law of this file: who does not ask does not pay. A connection counts from when its meter is asked
for the first time, and not before.
"""

from __future__ import annotations

from reactor.loop import Clock


class Meter:
    """Counts what moves: received and sent are in bytes, began and moved the moments at which it
    began to count and something moved last, in seconds on the reactor's clock.
    """

    __slots__ = ("_clock", "began", "moved", "received", "sent")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.received: int = 0
        self.sent: int = 0
        self.began: float = clock()
        self.moved: float = self.began

    def take(self, count: int) -> None:
        """Note that so many bytes were received."""
        self.received += count
        self.moved = self._clock()

    def give(self, count: int) -> None:
        """Note that so many bytes were sent."""
        self.sent += count
        self.moved = self._clock()

    def __repr__(self) -> str:
        return f"<Meter received={self.received} sent={self.sent}>"
