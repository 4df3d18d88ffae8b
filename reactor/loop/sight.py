"""Sight: what somebody sees who looks at a reactor from another thread.

Law of this file: it is a copy. What it names goes on changing, so whoever looks reads attributes
and calls nothing that changes one.
"""

from __future__ import annotations

from reactor.poller import Mechanism

from .runnable import Runnable
from .sides import Side
from .timers import Timer


class Sight:
    """What a reactor held when it was looked at: its poller, whether it ran, what was ready, the
    sides of its descriptors, and its live timers, the nearest first.
    """

    # A NamedTuple is made from text, by exec: that would be a twentieth of the import of all.
    __slots__ = ("poller", "ready", "running", "sides", "timers")

    def __init__(
        self,
        poller: Mechanism,
        running: bool,
        ready: list[Runnable],
        sides: list[Side],
        timers: list[Timer],
    ) -> None:
        self.poller: Mechanism = poller
        self.running: bool = running
        self.ready: list[Runnable] = ready
        self.sides: list[Side] = sides
        self.timers: list[Timer] = timers
