"""Floor 3, watching: who waits for what, and where; what a reactor did, written down and read.

Read explanation.py; then recording.py, which says what is in a recording.
"""

from __future__ import annotations

from .explanation import Place, explain, stack_of
from .recorder import Recorder
from .recording import Event, Header, Recording, RecordingError, read_recording
from .state import SideState, State, TaskState

__all__ = [
    "Event",
    "Header",
    "Place",
    "Recorder",
    "Recording",
    "RecordingError",
    "SideState",
    "State",
    "TaskState",
    "explain",
    "read_recording",
    "stack_of",
]
