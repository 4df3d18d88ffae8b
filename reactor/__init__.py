"""reactor: an event loop from scratch, for callbacks, generator coroutines and `async def`.

The floors, from below: reactor.poller, reactor.loop, reactor.tasks, reactor.net; beside them
reactor.errors and reactor.testing. What most programs need is here.
"""

from __future__ import annotations

from .errors import (
    BusyError,
    Cancelled,
    ClosedError,
    DeadlockError,
    EndOfStream,
    ForkedError,
    IdleError,
    NotRunningError,
    ReactorError,
    ScopeError,
    TaskCancelledError,
    WrongThreadError,
)
from .loop import Handle, Reactor, Runnable, Timer, Tracer, running
from .tasks import (
    Operation,
    Scope,
    Steps,
    Task,
    TaskGroup,
    Trap,
    WaitQueue,
    checkpoint,
    coroutine,
    current_task,
    move_on_after,
    run,
    run_in,
    sleep,
    timeout,
    wait,
    wait_readable,
    wait_writable,
)

__all__ = [
    "BusyError",
    "Cancelled",
    "ClosedError",
    "DeadlockError",
    "EndOfStream",
    "ForkedError",
    "Handle",
    "IdleError",
    "NotRunningError",
    "Operation",
    "Reactor",
    "ReactorError",
    "Runnable",
    "Scope",
    "ScopeError",
    "Steps",
    "Task",
    "TaskCancelledError",
    "TaskGroup",
    "Timer",
    "Tracer",
    "Trap",
    "WaitQueue",
    "WrongThreadError",
    "checkpoint",
    "coroutine",
    "current_task",
    "move_on_after",
    "run",
    "run_in",
    "running",
    "sleep",
    "timeout",
    "wait",
    "wait_readable",
    "wait_writable",
]
