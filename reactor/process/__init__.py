"""Floor 5, processes: programs that run beside this one, and calls in fresh interpreters.

Read child.py and children.py, how the end of a process is heard; then program.py, the block that
it lives in; capture.py and calling.py are made of that.
"""

from __future__ import annotations

from .calling import in_process
from .capture import Completed, run_process
from .children import Children, children_of
from .pipe_stream import PipeStream
from .program import Process

__all__ = [
    "Children",
    "Completed",
    "PipeStream",
    "Process",
    "children_of",
    "in_process",
    "run_process",
]
