"""Floor 3, watching: who waits for what, and where; what a reactor did, written down and read.

Read explanation.py; then recording.py, which says what is in a recording.
"""

from __future__ import annotations

from .album import Album, recorder_asked_for
from .explanation import Place, explain, stack_of
from .recorder import MOST, Recorder
from .recording import Event, Header, Recording, RecordingError, Tally, read_recording, tally
from .state import SideState, State, TaskState

__all__ = [
    "MOST",
    "Album",
    "Event",
    "Header",
    "Place",
    "Recorder",
    "Recording",
    "RecordingError",
    "SideState",
    "State",
    "Tally",
    "TaskState",
    "explain",
    "read_recording",
    "recorder_asked_for",
    "stack_of",
    "tally",
]
