"""Floor 3, sync: what tasks of one reactor wait for together.

Read line.py and holding.py, on which the rest stands; then lock.py, condition.py and
bounded_queue.py.
"""

from __future__ import annotations

from .barrier import Barrier
from .bounded_queue import Queue
from .condition import Condition
from .event import Event
from .holding import Holding
from .limiter import CapacityLimiter
from .lock import Lock
from .semaphore import Semaphore
from .signal_receiver import SignalReceiver

__all__ = [
    "Barrier",
    "CapacityLimiter",
    "Condition",
    "Event",
    "Holding",
    "Lock",
    "Queue",
    "Semaphore",
    "SignalReceiver",
]
