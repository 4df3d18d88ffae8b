"""Task groups: scopes that tasks live in.

Law of this file: no task is an orphan. A task has a group, the group is left when all its tasks
have ended, and what any of them failed with comes out of it, as an ExceptionGroup also when it is
one. The first failure cancels the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, NoReturn, Self, TypeVar, TypeVarTuple

from reactor.errors import Cancelled, ClosedError, ReactorError, ScopeError
from reactor.loop import Reactor

from .closing import close_all, report
from .current import current_task
from .door import Operation, Steps
from .operation import coroutine, wait
from .scope import Scope
from .started import Started
from .task import Task, WaitQueue

T = TypeVar("T")
V = TypeVar("V")
Ts = TypeVarTuple("Ts")


class TaskGroup(Scope):
    """Tasks that end together: `async with TaskGroup() as group:`, or `yield from
    group.run(body)`.

    The tasks are children of the group, not of whoever spawns them; cancel() cancels them and the
    body. A task that fails cancels the rest, and the group raises an ExceptionGroup of all
    failures, the body's among them (a BaseExceptionGroup if one is no Exception).
    """

    __slots__ = ("_empty", "_errors", "_reactor", "_starting", "_tasks")

    def __init__(self) -> None:
        super().__init__()
        self._tasks: dict[Task[Any], None] = {}
        self._errors: list[BaseException] = []
        self._empty: WaitQueue[None] = WaitQueue()
        self._reactor: Reactor | None = None  # None: not open
        self._starting = 0  # how many will come in when they are ready

    def spawn(
        self, fn: Callable[[*Ts], Operation[T] | Coroutine[Any, Any, T]], *args: *Ts
    ) -> Task[T]:
        """Start fn(*args) as a task: it takes its first step in the next turn, also when the
        group is cancelled.

        May be called by tasks and callbacks of the group's reactor, while the group is open.
        Raises ClosedError after that, TypeError if fn makes nothing that can be waited for.
        """
        if (reactor := self._reactor) is None:
            raise self._refusal()
        try:
            steps = fn(*args)
        except TypeError:
            if callable(fn):
                raise
            raise TypeError(f"{fn!r} cannot be called; give the function, not its call") from None
        task: Task[T] = Task()
        task.begin(reactor, steps, self)
        self._tasks[task] = None
        return task

    def _refusal(self) -> ClosedError:
        return ClosedError(f"{self!r} is not open; spawn inside of `async with` or group.run")

    @coroutine
    def start(
        self,
        fn: Callable[[Started[V], *Ts], Operation[object] | Coroutine[Any, Any, object]],
        *args: *Ts,
    ) -> Steps[V]:
        """Start fn(started, *args) as a task, and wait until it calls started(value); return value.

        Until then it is the caller's: what it fails with is raised here, by itself, and a
        cancellation here cancels it. From then on it is one of the group. Raises ReactorError if
        it ends without calling started, and as spawn does.
        """
        if self._reactor is None:
            raise self._refusal()
        cradle = TaskGroup()
        started: Started[V] = Started(fn, partial(self._let_in, cradle))
        failure: BaseException | None = None
        self._starting += 1
        try:
            yield from cradle.run(_lay, cradle, fn, started, args)
        except BaseExceptionGroup as group:
            failure = group.exceptions[0] if len(group.exceptions) == 1 else group
        finally:
            self._starting -= 1
            if not self._tasks:
                self._empty.wake_all(None)
        try:
            if failure is not None:
                raise failure
        finally:
            del failure  # its traceback leads to this frame
        return started.value

    @coroutine
    def run(
        self, body: Callable[[*Ts], Operation[T] | Coroutine[Any, Any, T]], *args: *Ts
    ) -> Steps[T | None]:
        """Open the group, wait for body(*args), then for the tasks; `async with` for generators.

        Returns what body returned, None if the group was cancelled before.
        """
        self._open()
        try:
            result = yield from wait(body(*args))
        except BaseException as error:
            if not (yield from self._leave(error)):
                raise
            return None
        yield from self._leave(None)
        return result

    async def __aenter__(self) -> Self:
        self._open()
        return self

    def __aexit__(
        self, kind: object, error: BaseException | None, trace: object
    ) -> Operation[bool]:
        return self._leave(error)

    def __enter__(self) -> NoReturn:
        raise TypeError(f"{self!r} waits when it is left; write `async with`, or group.run")

    def members(self) -> tuple[Task[Any], ...]:
        """Return the tasks of this group that have not ended, in the order in which they were
        spawned.
        """
        return tuple(self._tasks)

    def finished(self, task: Task[Any], error: BaseException | None) -> None:
        """Hear that task has ended; error is what with, None if with a result."""
        if task is self.host:
            self._hand_over(task)
            super().finished(task, error)
            return
        del self._tasks[task]
        if error is not None and self._reactor is not None:
            self._fail(task, error)
        if not self._tasks:
            self._empty.wake_all(None)

    def shut(self) -> None:
        """Refuse spawn from now on."""
        self._reactor = None

    def _hand_over(self, host: Task[Any]) -> None:
        """Give the tasks to the group around, since host has ended and does not wait for them."""
        self._reactor = None
        heir: Any = self.parent
        while not isinstance(heir, TaskGroup):
            heir = heir.parent
        self.hand_over(heir)
        for error in self._errors:
            report(host, error)

    def _let_in(self, cradle: TaskGroup) -> None:
        """Take in who is ready, unless it is cancelled with whoever started it."""
        if not cradle.cancelling:
            cradle.hand_over(self)

    def hand_over(self, heir: TaskGroup) -> None:
        """Give the tasks to another group, with which they are cancelled from now on."""
        for task in self.members():
            heir.adopt(task, self.between(task))
            del self._tasks[task]
        if heir.cancelling:
            heir._spread()
        self._empty.wake_all(None)

    def adopt(self, task: Task[Any], inner: list[Scope]) -> None:
        """Take in a task that is in these scopes, innermost first, and in no group any more."""
        if inner:
            inner[-1].parent = self
        else:
            task.scope = self
        self._tasks[task] = None

    def _fail(self, task: Task[Any], error: BaseException) -> None:
        """Keep error for the end, and cancel the rest; a Cancelled that was sent is no failure."""
        if isinstance(error, KeyboardInterrupt):
            return  # it leaves the loop, by itself
        if isinstance(error, Cancelled):
            if self.cancelling:
                return
            stray = ReactorError(f"{task!r} raised Cancelled, but nothing cancelled it")
            stray.__cause__, error = error, stray
        self._errors.append(error)
        self.cancel()

    def _open(self) -> None:
        super().__enter__()
        self._reactor = current_task().reactor

    @coroutine
    def _leave(self, error: BaseException | None) -> Steps[bool]:
        """Wait for the tasks, then leave the scope.

        Returns whether error, a Cancelled, ends here.
        """
        task: Any = self.host
        if isinstance(error, KeyboardInterrupt):
            try:
                self._abandon(task)
            finally:
                self.__exit__(None, None, None)
            return False
        if isinstance(error, GeneratorExit):  # of an async generator that is closed
            self.cancel()
        elif error is not None:
            self._fail(task, error)
        try:
            late = yield from self._drain()
        except GeneratorExit as closed:
            self.cancel()
            late = closed
        try:
            caught = self._end(late or error)
            if late is not None and not caught:
                raise late
            return caught
        finally:
            del late  # its traceback leads to this frame

    def _drain(self) -> Steps[BaseException | None]:
        """Wait until all tasks have ended; return the Cancelled that came meanwhile."""
        try:
            while self._tasks or self._starting:
                yield self._empty
        except Cancelled as late:
            with Scope(shield=True):
                yield from self._drain()
            return late
        return None

    def _abandon(self, host: Task[Any]) -> None:
        """Close the tasks where they stand, and report what has failed: nobody waits for them."""
        for task, error in [*close_all(self), *((host, error) for error in self._errors)]:
            report(task, error)

    def _end(self, end: BaseException | None) -> bool:
        """Leave the scope. Returns whether end stops here; raises what has failed."""
        self._reactor = None
        caught = False
        try:
            caught = self.__exit__(None, end, None)
        except ScopeError as wrong:
            self._errors.append(wrong)
        errors, self._errors = self._errors, []  # let go: their tracebacks may lead here
        if errors:
            what = f"{len(errors)} failure{'s' * (len(errors) > 1)} in a task group"
            raise BaseExceptionGroup(what, errors) from None
        return caught


async def _lay(
    cradle: TaskGroup,
    fn: Callable[[Started[V], *Ts], Operation[object] | Coroutine[Any, Any, object]],
    started: Started[V],
    args: tuple[*Ts],
) -> None:
    """Spawn the one that is to say when it is ready."""
    cradle.spawn(fn, started, *args)
