"""Floor 3, watching: who waits for what, and where; and looking into a process from outside.

Read explanation.py; then pulse.py, look.py, desk.py and inspector.py, which answer, and
inspected.py, which asks.
"""

from __future__ import annotations

from .explanation import Place, explain, outside, stack_of
from .inspected import Inspected, inspectable
from .inspector import Inspector
from .places import is_there
from .pulse import Pulse

__all__ = [
    "Inspected",
    "Inspector",
    "Place",
    "Pulse",
    "explain",
    "inspectable",
    "is_there",
    "outside",
    "stack_of",
]
