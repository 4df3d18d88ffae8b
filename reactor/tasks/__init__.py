"""Floor 2, tasks: generator coroutines and `async def` over the loop, cancel scopes, task groups.

Read task.py, where the one door between coroutines and the loop is; then scope.py and group.py.
"""

from __future__ import annotations

from .current import current_task
from .door import Door, Operation, Steps
from .group import TaskGroup
from .operation import coroutine, wait
from .running import run, run_in
from .scope import Scope, move_on_after, timeout
from .task import Task, Trap, WaitQueue
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
    "Scope",
    "Sleep",
    "Steps",
    "Task",
    "TaskGroup",
    "Trap",
    "WaitQueue",
    "breathe",
    "checkpoint",
    "coroutine",
    "current_task",
    "move_on_after",
    "run",
    "run_in",
    "sleep",
    "timeout",
    "wait",
    "wait_readable",
    "wait_writable",
]
