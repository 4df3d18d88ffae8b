"""Floor 1, the loop: callbacks, timers, waits on descriptors, signals, letters from threads.

Read runnable.py, timers.py and sides.py: what can be ready, what is due, who waits on what; then
reactor.py, where a turn is.
"""

from __future__ import annotations

from .debug import asked_for, caller
from .forks import tell_when_forked
from .lifetime import Belonging, Wait
from .logs import log
from .reactor import Reactor, running
from .runnable import Failure, Handle, Runnable, describe, unwrapped
from .scheduler import Clock
from .sides import Side
from .sight import Sight
from .signals import SignalWatch
from .timers import Timer
from .tracer import Enough, Tracer
from .watches import Watch

__all__ = [
    "Belonging",
    "Clock",
    "Enough",
    "Failure",
    "Handle",
    "Reactor",
    "Runnable",
    "Side",
    "Sight",
    "SignalWatch",
    "Timer",
    "Tracer",
    "Wait",
    "Watch",
    "asked_for",
    "caller",
    "describe",
    "log",
    "running",
    "tell_when_forked",
    "unwrapped",
]
