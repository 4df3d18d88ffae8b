"""Trial: one run of a program, in which an operation is cancelled at one moment.

Law of this file: what the loop runs, one thing after the other, are the moments that there are. A
trial hears of each from the tracer, and cancels before the one that it is told to: at once, so that
this is the first thing of its turn or comes between two others; or soon, which is behind that one,
in a turn that does not sleep. So each park is struck while nothing has happened yet, when the task
is on its way already, and just before what it waits for happens in the same turn.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, TypeAlias

from reactor import (
    Cancelled,
    Operation,
    Reactor,
    Runnable,
    Scope,
    Steps,
    Task,
    Timer,
    Tracer,
    coroutine,
    spawn_in,
    wait,
)
from reactor.sync import Event
from reactor.testing import Network

Make: TypeAlias = Callable[[], Operation[Any] | Coroutine[Any, Any, Any]]


@coroutine
def as_generator(make: Make) -> Steps[Any]:
    """Wait by `yield from`."""
    return (yield from wait(make()))


async def as_async_def(make: Make) -> Any:
    """Wait by `await`."""
    return await make()


class Moment(NamedTuple):
    """When to cancel: before that step, of all that the loop has run since the operation was begun,
    or, soon, behind it.
    """

    number: int
    soon: bool

    def __str__(self) -> str:
        return f"{'behind' if self.soon else 'before'} step {self.number}"


class Trial(Tracer):
    """What a case is given: attempt(make) begins the operation that make makes, and was_cancelled()
    waits for its end.

    task is what runs it. parks counts how often it has parked, it and the tasks that it has
    begun; struck holds the numbers of the parks at which they were when they were cancelled.
    cancelled is whether that has come at all, since when, and lingered how long it then took. doors
    are all that was parked on, patience how long the loop meant to sleep last.
    """

    task: Task[Any]
    reactor: Reactor
    network: Network

    def __init__(self, form: Callable[[Make], Any], moment: Moment | None) -> None:
        self._form = form
        self._moment = moment
        self._scope: Scope | None = None
        self._over = Event()
        self._step = 0
        self._parked: dict[Task[Any], int] = {}  # at which park each is
        self.parks = 0
        self.struck: set[int] = set()
        self.cancelled = False
        self.since = 0.0
        self.lingered = 0.0
        self.doors: list[tuple[Task[Any], Any]] = []
        self.patience: float | None = None

    # -- for the case

    def attempt(self, make: Make) -> None:
        """Begin what make makes: what happens from now on may be when it is cancelled."""
        self._scope = spawn_in(self.reactor, self._form, make, ended=self._end)
        (self.task,) = self._scope.members()

    async def was_cancelled(self) -> bool:
        """Wait until it has ended; return whether it was cancelled, raise what it failed with."""
        await self._over.wait()
        if isinstance(self.task.error, Cancelled):
            assert self.cancelled, "it was cancelled by nobody"
            return True
        self.task.result  # noqa: B018 - it raises
        return False

    def _end(self, task: Task[Any]) -> None:
        self._over.set()

    # -- for the loop

    def turn(self, patience: float | None) -> None:
        self.patience = patience

    def run(self, what: Runnable) -> None:
        if self._scope is not None and not self.cancelled and not self.task.done:
            self._step += 1
            if self._moment is not None and self._step == self._moment.number:
                if self._moment.soon:
                    self.reactor.call_soon(self._cancel)
                else:
                    self._cancel()
        if isinstance(what, Task | Timer):
            self._parked.pop(_task_of(what), None)

    def park(self, what: Runnable, door: object) -> None:
        if isinstance(what, Task) and self._is_of_it(what):
            self.doors.append((what, door))
            self.parks += 1
            self._parked[what] = self.parks

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        if self.cancelled and what is self.task:
            self.lingered = self.reactor.now() - self.since

    def _cancel(self) -> None:
        assert self._scope is not None
        if not self.task.done:
            self.cancelled = True
            self.since = self.reactor.now()
            self.struck.update(self._parked.values())
            self._scope.cancel()

    def _is_of_it(self, task: Task[Any]) -> bool:
        scope: Any = task.scope
        while scope is not None and scope is not self._scope:
            scope = scope.parent
        return scope is not None


def _task_of(what: Task[Any] | Timer) -> Any:
    """Return the task that what runs: a sleep is a timer that does."""
    return what if isinstance(what, Task) else getattr(what.fn, "__self__", None)
