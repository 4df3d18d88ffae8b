"""Current: which task runs here."""

from __future__ import annotations

from typing import Any

from reactor.errors import NotRunningError
from reactor.loop import running

from .task import Task


def current_task() -> Task[Any]:
    """Return the task that runs here. Raises NotRunningError outside of any."""
    reactor = running()
    task = None if reactor is None else reactor.current
    if not isinstance(task, Task):
        raise NotRunningError("no task is running here; call this from a coroutine that is run")
    return task
