"""Crossing: from a task into a thread, and from that thread back to the task.

Law of this file: either way is a call that returns what was returned and raises what was raised. A
thread knows its task because it is a Worker with a job; nothing else has to be handed over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, TypeVarTuple, overload

from reactor.errors import NotRunningError
from reactor.tasks import Operation, Steps, coroutine, current_task

from .call import Call
from .worker import Worker

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def in_thread(fn: Callable[[*Ts], T], *args: *Ts, cancellable: bool = False) -> Operation[T]:
    """Call fn(*args) in a thread of the reactor's pool, and wait for what it returns or raises.

    It runs in a copy of the task's context variables. Where as many calls as may be are under way
    (see Pool), it waits in line; cancelled there, fn is never called. Begun, it cannot be undone:
    a task that is cancelled waits for the end, gets its answer, and its next park raises. With
    cancellable it goes on at once, and the thread is left to finish: what it returns is dropped,
    what it raises goes to the reactor's on_error, or to threading.excepthook if that has ended.

    What fn raises is raised here, SystemExit and KeyboardInterrupt as well, but for StopIteration,
    which no coroutine can pass on: that is the cause of a RuntimeError. Raises TypeError for an fn
    that cannot be called, NotRunningError outside of a task, RuntimeError when the system gives no
    more threads.
    """
    if not callable(fn):
        raise TypeError(f"{fn!r} cannot be called; give the function, not its call")
    return _in_thread(fn, args, cancellable)


@coroutine
def _in_thread(fn: Callable[..., T], args: tuple[Any, ...], cancellable: bool) -> Steps[T]:
    answer: T = yield from Call(current_task().reactor, fn, args, cancellable).steps()
    return answer


@overload
def in_reactor(fn: Callable[[*Ts], Operation[T] | Coroutine[Any, Any, T]], *args: *Ts) -> T: ...
@overload
def in_reactor(fn: Callable[[*Ts], T], *args: *Ts) -> T: ...
def in_reactor(fn: Callable[[*Ts], Any], *args: *Ts) -> Any:
    """Called by what in_thread calls: have its task call fn(*args), and wait for what comes of it.

    What that returns is returned and what it raises is raised, here. An operation or a coroutine
    is waited for by the task, inside the task's scopes. Raises TaskCancelledError where the task
    was cancelled meanwhile, ClosedError if it does not wait any more (it was cancellable, or its
    loop has ended), ForkedError in a forked child, NotRunningError in any other thread.
    """
    worker = threading.current_thread()
    job = worker.job if isinstance(worker, Worker) else None
    if job is None:
        raise NotRunningError(
            f"{worker!r} is no worker; in_reactor is for what in_thread calls, in its own thread"
        )
    return job.ask(fn, args)
