"""Floor 2, tasks: generator coroutines and `async def` over the loop, cancel scopes, task groups.

Read task.py, where the one door between coroutines and the loop is; then scope.py and group.py.
"""

from __future__ import annotations

from .current import current_task
from .door import Door, Operation, Steps
from .group import TaskGroup
from .limits import Timeout, move_on_after, move_on_at, timeout, timeout_at
from .operation import coroutine, wait
from .roots import Roots, roots_of, spawn_in
from .running import run, run_in
from .scope import Scope
from .started import Started
from .task import Task, Trap, WaitQueue
from .together import all_of, first_of
from .waits import (
    Breath,
    Checkpoint,
    Sleep,
    breathe,
    checkpoint,
    sleep,
    wait_readable,
    wait_writable,
)

__all__ = [
    "Breath",
    "Checkpoint",
    "Door",
    "Operation",
    "Roots",
    "Scope",
    "Sleep",
    "Started",
    "Steps",
    "Task",
    "TaskGroup",
    "Timeout",
    "Trap",
    "WaitQueue",
    "all_of",
    "breathe",
    "checkpoint",
    "coroutine",
    "current_task",
    "first_of",
    "move_on_after",
    "move_on_at",
    "roots_of",
    "run",
    "run_in",
    "sleep",
    "spawn_in",
    "timeout",
    "timeout_at",
    "wait",
    "wait_readable",
    "wait_writable",
]
