"""Floor 3, watching: who waits for what, and where; what holds a loop, and how it is; what it did,
written down and read; and looking into a process from outside.

Read explanation.py, pulse.py and watchdog.py; recording.py, recorder.py and state.py; then look.py,
desk.py and inspector.py, which answer, and inspected.py, which asks.
"""

from __future__ import annotations

from .album import Album, recorder_asked_for
from .counters import Counters, Steps
from .explanation import Place, explain, stack_of
from .exposition import CONTENT_TYPE
from .inspected import Inspected, inspectable
from .inspector import Inspector
from .now import Running, running_now
from .pulse import LAGS, Pulse
from .recorder import MOST, Recorder
from .recording import Event, Header, Recording, RecordingError, Tally, read_recording
from .state import SideState, State, TaskState
from .together import Tracers
from .watchdog import Hold, Watchdog, log_hold, watchdog_asked_for

__all__ = [
    "CONTENT_TYPE",
    "LAGS",
    "MOST",
    "Album",
    "Counters",
    "Event",
    "Header",
    "Hold",
    "Inspected",
    "Inspector",
    "Place",
    "Pulse",
    "Recorder",
    "Recording",
    "RecordingError",
    "Running",
    "SideState",
    "State",
    "Steps",
    "Tally",
    "TaskState",
    "Tracers",
    "Watchdog",
    "explain",
    "inspectable",
    "log_hold",
    "read_recording",
    "recorder_asked_for",
    "running_now",
    "stack_of",
    "watchdog_asked_for",
]
