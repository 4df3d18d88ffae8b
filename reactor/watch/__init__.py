"""Floor 3, watching: who waits for what, and where; how a loop is, and what holds it.

Read explanation.py, pulse.py and watchdog.py.
"""

from __future__ import annotations

from .counters import Counters, Steps
from .explanation import Place, explain, stack_of
from .exposition import CONTENT_TYPE
from .now import Running, running_now
from .pulse import LAGS, Pulse
from .together import Tracers
from .watchdog import Hold, Watchdog, log_hold

__all__ = [
    "CONTENT_TYPE",
    "LAGS",
    "Counters",
    "Hold",
    "Place",
    "Pulse",
    "Running",
    "Steps",
    "Tracers",
    "Watchdog",
    "explain",
    "log_hold",
    "running_now",
    "stack_of",
]
