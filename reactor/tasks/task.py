"""Task and trap: the only door between coroutines and the loop.

Law of this file: a task that has to wait yields a trap. The trap's park(task) arranges that
someone wakes the task, its abort(task) undoes that, and there is one answer per park. A task is
exactly one of ready, running, parked, done, and puts itself on the ready queue; inside a
cancelled scope every park raises Cancelled instead.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Coroutine
from contextvars import Context, copy_context
from types import CoroutineType, GeneratorType
from typing import Any, Final, Generic, Protocol, TypeVar

from reactor.errors import Cancelled, ReactorError, TaskCancelledError
from reactor.loop import Reactor, Runnable, Side, Timer

from .door import Door, Operation, Steps, foreign, from_below, send, steps_of
from .operation import coroutine

T = TypeVar("T")

_STREAK: Final = 32  # so many answers on the spot, then the others have their turn


class Trap(Generic[T]):
    """Something to wait for: derive from it, and write park and abort.

    `await trap`, or `yield from trap` in a generator, parks the running task; the answer is a T.
    """

    __slots__ = ()

    @abstractmethod
    def park(self, task: Task[Any]) -> None:
        """Arrange that someone calls task.wake(answer) or task.fail(error), once.

        It may be done here and now: then the task goes on without the queue. What this raises is
        raised at the await.
        """
        raise NotImplementedError(f"{self!r} has no park(task), so nobody can wait on it; write it")

    @abstractmethod
    def abort(self, task: Task[Any]) -> bool:
        """Undo park. Return False if it is too late, and the answer is on its way."""
        raise NotImplementedError(f"{self!r} has no abort(task), so no wait is undone; write it")

    def __await__(self) -> Steps[T]:
        answer: T = yield self
        return answer

    __iter__ = __await__


class WaitQueue(Trap[T]):
    """Tasks in a line, first come first served: the one brick under joins, locks and queues."""

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: dict[Task[Any], None] = {}

    def park(self, task: Task[Any]) -> None:
        """Stand at the end."""
        self._tasks[task] = None

    def abort(self, task: Task[Any]) -> bool:
        """Leave the queue. Returns False for one that does not stand in it."""
        if task not in self._tasks:
            return False
        del self._tasks[task]
        return True

    def wake_one(self, answer: T) -> bool:
        """Wake who stands first. Returns False if nobody waits."""
        for task in self._tasks:
            task.wake(answer)
            del self._tasks[task]
            return True
        return False

    def wake_all(self, answer: T) -> None:
        """Wake all who wait, first come first."""
        for task in self._tasks:
            task.wake(answer)
        self._tasks.clear()

    def __len__(self) -> int:
        return len(self._tasks)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, {len(self)} waiting>"


class Scoped(Protocol):
    """What a task asks of the scope that it is in."""

    cancelling: bool

    def finished(self, task: Task[Any], error: BaseException | None) -> None:
        """Hear that task has ended, with error unless it is None."""


class Task(Runnable, Generic[T]):
    """A coroutine on its way; made by TaskGroup.spawn.

    steps is the coroutine, context what it runs in. scope is the innermost cancel scope that it is
    in, alarm the one timer that the deadlines of all its scopes share. done says whether it has
    ended; error is what it ended with, or what its next step raises.
    """

    # There is no __init__: a call of begin takes half the time, until Python 3.13.
    __slots__ = (
        "_answer",
        "_door",
        "_joiners",
        "_send",
        "_what",
        "alarm",
        "context",
        "done",
        "error",
        "reactor",
        "scope",
        "steps",
    )

    def begin(
        self, reactor: Reactor, what: Operation[T] | Coroutine[Any, Any, T], scope: Scoped
    ) -> None:
        """Set out to do what, in scope. Raises TypeError as steps_of does."""
        if reactor.debug is not None:
            reactor.debug.check_thread()
        self.reactor: Reactor = reactor
        self.scope: Scoped = scope
        self._what = what
        kind: Any = type(what)
        plain = kind is GeneratorType or kind is CoroutineType  # nearly always: no closer look
        self.steps: Any = what if plain else steps_of(what)
        # The type's, which all share: a bound one is dear to make, and to keep.
        self._send: Any = kind.send if plain else send
        self.context: Context = copy_context()
        self.alarm: Timer | None = None
        self.done: bool = False
        self._door: Door | None = None  # where it is parked, or was when a side queued it
        self._answer: Any = None
        self.error: BaseException | None = None
        self._joiners: WaitQueue[None] | None = None
        if reactor.tracer is not None:
            reactor.tracer.spawn(self)
        reactor.ready.append(self)

    def run(self) -> None:  # noqa: C901 - split, each step would cost a call more
        """Take a step: hand in the answer, then park at the door that comes out."""
        if self.done:
            return  # closed while it was queued: by a group that a KeyboardInterrupt broke off
        reactor = self.reactor
        reactor.current = self
        given: Any = None
        streak = 0
        try:
            while True:
                given, self._answer, self._door = self._answer, None, None
                if self.error is None:
                    door = self._door = self.context.run(self._send, self.steps, given)
                else:
                    given, self.error = self.error, None
                    door = self._door = self.context.run(self.steps.throw, given)
                if self.scope.cancelling:
                    self._face(Cancelled())
                elif type(door) is Side and door.armed and door.waiter is self:
                    door.waiting = True  # as its park does, without the price of a call
                    break
                else:
                    try:
                        door.park(self)
                    except BaseException as error:
                        self._face(error if hasattr(door, "park") else foreign(self, door))
                if self._door is not None:
                    break
                if (streak := streak + 1) == _STREAK:
                    reactor.ready.append(self)  # it has its answer, but others wait for their turn
                    return
            if reactor.tracer is not None:
                reactor.tracer.park(self, door)
        except StopIteration as stop:
            self.finish(stop.value, None)
        except BaseException as failure:
            self._fall(failure)
        finally:
            reactor.current = None
            del self, given  # an error's traceback may keep this frame, and they keep the error

    def _fall(self, failure: BaseException) -> None:
        self.finish(None, from_below(failure))
        if isinstance(failure, KeyboardInterrupt):
            raise failure  # at once, and out of the loop

    def _face(self, error: BaseException) -> None:
        """Have error raised where the task is parked, or would be."""
        self._door = None
        self.error = error
        if self.reactor.tracer is not None:
            self.reactor.tracer.throw(self, error)

    def wake(self, answer: object = None) -> None:
        """Answer the park: answer comes out of the await. Raises ReactorError unless parked."""
        if self._door is None:
            raise ReactorError(f"{self!r} is not parked; a trap answers each park once")
        reactor = self.reactor
        if reactor.debug is not None:
            reactor.debug.check_thread()
        self._door = None
        self._answer = answer
        if reactor.current is not self:  # else its door answers on the spot
            reactor.ready.append(self)

    def fail(self, error: BaseException) -> None:
        """Answer the park: error is raised at the await. Raises ReactorError unless parked."""
        self.wake()
        self._face(error)

    def lose(self, side: object, error: Exception) -> None:
        """Have error raised where the task waits on side, if it still does."""
        if self._door is side:
            self._face(error)

    def interrupt(self) -> None:
        """Raise Cancelled where the task is parked, or what the trap's abort raises.

        If it is not parked, or the answer is on its way, its next park will.
        """
        try:
            if self._door is not None and self._door.abort(self):
                self.fail(Cancelled())
        except Exception as error:
            self.fail(error)

    @property
    def name(self) -> str:
        """The name of the function, or of the operation's class."""
        return getattr(self._what, "__qualname__", type(self._what).__name__)

    @property
    def result(self) -> T:
        """What the coroutine returned. Raises what it failed with, TaskCancelledError, or
        ReactorError before the end.
        """
        if not self.done:
            raise ReactorError(f"{self!r} is not done; join it")
        if self.error is None:
            result: T = self._answer
            return result
        if isinstance(self.error, Cancelled):
            raise TaskCancelledError(f"{self!r} was cancelled; it has no result") from self.error
        raise self.error

    @coroutine
    def join(self) -> Steps[T]:
        """Wait for the end, without parking if that is past; return or raise as result does.

        A failure comes out of the group too.
        """
        if self.reactor.current is self:
            raise ReactorError(f"{self!r} waits for its own end; join it from another task")
        if not self.done:
            if self._joiners is None:
                self._joiners = WaitQueue()
            yield self._joiners
        result: T = self._answer if self.error is None else self.result  # spares most a call
        return result

    def finish(self, result: T | None, error: BaseException | None) -> None:
        """End, with error unless it is None; tell the scope and who has joined."""
        self.done = True
        self._answer = result
        self.error = error
        if self.alarm is not None:
            self.alarm.cancel()
        if self.reactor.tracer is not None:
            self.reactor.tracer.finish(self, error)
        self.scope.finished(self, error)
        if self._joiners is not None:
            self._joiners.wake_all(None)

    def __repr__(self) -> str:
        if self.done:
            state = "done"
        elif self.reactor.current is self:
            state = "running"
        elif self._door is None or self in self.reactor.ready:
            state = "ready"
        else:
            state = f"waits on {self._door!r}"
        return f"<Task {self.name}, {state}>"
