"""Floor 1, the loop: callbacks, timers, waits on descriptors, signals, letters from threads.

Read reactor.py, where a turn is; then sides.py and timers.py, which are its second and third
step.
"""

from __future__ import annotations

from .debug import asked_for, caller
from .reactor import Reactor, running
from .runnable import Handle, Runnable, describe
from .scheduler import Clock
from .sides import Side, Watch
from .signals import SignalWatch
from .timers import Timer
from .tracer import Tracer

__all__ = [
    "Clock",
    "Handle",
    "Reactor",
    "Runnable",
    "Side",
    "SignalWatch",
    "Timer",
    "Tracer",
    "Watch",
    "asked_for",
    "caller",
    "describe",
    "running",
]
