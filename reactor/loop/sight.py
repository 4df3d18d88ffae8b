"""Sight: what somebody sees who looks at a reactor from another thread.

Law of this file: it is a copy. What it names goes on changing, so whoever looks reads attributes
and calls nothing that changes one.
"""

from __future__ import annotations

from typing import NamedTuple

from reactor.poller import Mechanism

from .runnable import Runnable
from .sides import Side
from .timers import Timer


class Sight(NamedTuple):
    """What a reactor held when it was looked at: its poller, whether it ran, what was ready, the
    sides of its descriptors, and its live timers, the nearest first.
    """

    poller: Mechanism
    running: bool
    ready: list[Runnable]
    sides: list[Side]
    timers: list[Timer]
