"""run: from ordinary code into coroutines, and out again.

Law of this file: the main task is the root of all others, so when it has ended nothing is left.
The first Ctrl-C cancels it and run raises KeyboardInterrupt; the second interrupts at once. If
the loop ends before its tasks do, they are closed where they stand, innermost first, and what
their `finally` raise is reported.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, TypeVar, TypeVarTuple

from reactor.errors import ReactorError
from reactor.loop import Clock, Reactor, SignalWatch, Tracer
from reactor.poller import Mechanism

from .closing import close_all, report
from .door import Operation
from .group import TaskGroup
from .roots import Roots
from .task import Task
from .unfinished import reported_to

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def run(
    fn: Callable[[*Ts], Operation[T] | Coroutine[Any, Any, T]],
    *args: *Ts,
    poller: Mechanism | None = None,
    clock: Clock = time.monotonic,
    tracer: Tracer | None = None,
    inspect: bool | None = None,
) -> T:
    """Run fn(*args) as the main task on a reactor of its own, and return its result or raise what
    it raises.

    poller, clock, tracer and inspect are the reactor's. Raises KeyboardInterrupt after Ctrl-C; a
    SystemExit or KeyboardInterrupt that comes out in an exception group is raised by itself.
    Raises BusyError while a reactor runs in this thread.
    """
    with Reactor(poller, clock=clock, tracer=tracer, inspect=inspect) as reactor:
        return run_in(reactor, fn, *args)


def run_in(
    reactor: Reactor, fn: Callable[[*Ts], Operation[T] | Coroutine[Any, Any, T]], *args: *Ts
) -> T:
    """Do as run does, on a reactor that exists and is left open.

    Raises ReactorError if it is stopped before the end.
    """
    root = _Root(reactor)
    interrupt = _Interrupt(reactor, root)
    roots = reactor.belonging(Roots).groups
    roots.append(root)
    try:
        with reported_to(reactor):
            task = root.spawn(fn, *args)
            reactor.run()
    finally:
        interrupt.disarm()
        roots.remove(root)
        for lost, error in close_all(root):
            report(lost, error)
    if interrupt.came or interrupt.unheard:
        raise KeyboardInterrupt from root.failure
    if not root.ended:
        raise ReactorError(
            f"{reactor!r} was stopped before {task!r} was done; let it end by itself"
        )
    if isinstance(root.failure, BaseExceptionGroup):
        _raise_exit(root.failure)
    if isinstance(root.failure, Exception):
        raise root.failure
    return task.result


class _Root(TaskGroup):
    """The group of the main task. It has no host, and ends the loop instead of being left."""

    __slots__ = ("ended", "failure")

    def __init__(self, reactor: Reactor) -> None:
        super().__init__()
        self._reactor = reactor
        self.ended = False
        self.failure: BaseException | None = None

    def finished(self, task: Task[Any], error: BaseException | None) -> None:
        self._tasks.pop(task, None)
        if self._reactor is not None:  # else its tasks are closed, and the loop has ended before
            self.ended, self.failure = True, error
            task.reactor.stop()


class _Interrupt:
    """Ctrl-C, as long as nobody else has taken it: the first cancels root, the second is Python's
    own, also where a task keeps the loop from hearing of the first.

    came says whether the loop has heard of one, unheard whether one is on its way there.
    """

    def __init__(self, reactor: Reactor, root: _Root) -> None:
        self.came = False
        self.unheard = False
        self._reactor = reactor
        self._root = root
        self._watch: SignalWatch | None = None
        if (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        ):
            self._watch = reactor.on_signal(signal.SIGINT, self._first)
            self._note: Any = signal.signal(signal.SIGINT, self._handle)

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self._watch is not None and self._watch.is_called():  # else another has taken Ctrl-C
            if self.unheard:
                signal.default_int_handler(signum, frame)
            self.unheard = True
            self._reactor.call_threadsafe(self._hear)
        self._note(signum, frame)

    def _hear(self) -> None:
        self.unheard = False

    def _first(self) -> None:
        self.came = True
        self.disarm()
        self._root.cancel()

    def disarm(self) -> None:
        if self._watch is not None:
            if signal.getsignal(signal.SIGINT) == self._handle:  # else another has taken it since
                signal.signal(signal.SIGINT, self._note)
            self._watch.cancel()


def _raise_exit(group: BaseExceptionGroup[BaseException]) -> None:
    """Raise the SystemExit or KeyboardInterrupt in group by itself, if there is one: it means the
    program.
    """
    leaves: list[BaseException] = [group]
    while leaves:
        leaf = leaves.pop(0)
        if isinstance(leaf, BaseExceptionGroup):
            leaves.extend(leaf.exceptions)
        elif isinstance(leaf, (SystemExit, KeyboardInterrupt)):
            raise leaf from group
