"""Floor 3, watching: who waits for what, and where; how a loop is, and what holds it; and looking
into a process from outside.

Read explanation.py, pulse.py and watchdog.py; then look.py, desk.py and inspector.py, which answer,
and inspected.py, which asks.
"""

from __future__ import annotations

from .counters import Counters, Steps
from .explanation import Place, explain, outside, stack_of
from .exposition import CONTENT_TYPE
from .inspected import Inspected, inspectable
from .inspector import Inspector
from .now import Running, running_now
from .places import is_there
from .pulse import LAGS, Pulse
from .together import Tracers
from .watchdog import Hold, Watchdog, log_hold

__all__ = [
    "CONTENT_TYPE",
    "LAGS",
    "Counters",
    "Hold",
    "Inspected",
    "Inspector",
    "Place",
    "Pulse",
    "Running",
    "Steps",
    "Tracers",
    "Watchdog",
    "explain",
    "inspectable",
    "is_there",
    "log_hold",
    "outside",
    "running_now",
    "stack_of",
]
