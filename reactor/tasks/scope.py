"""Scopes: what is cancelled together, and by when.

Law of this file: cancellation has levels. Once a scope is cancelled, every park inside it raises
Cancelled until the scope is left, and nothing has to be delivered again or counted. Links go up
only, so entering and leaving are a few stores; cancel walks down, through the task that entered
the scope and the groups that it opened inside. When a deadline rings is in alarm.py.
"""

from __future__ import annotations

from math import inf, isnan
from typing import Any, Final, Self

from reactor.errors import Cancelled, ScopeError

from .alarm import ring_by
from .current import current_task
from .task import Task


class Scope:
    """A stretch of code that can be cancelled: `with Scope() as scope:`, and scope.cancel() from
    anywhere.

    It ends by itself seconds after it was entered. With shield, cancelling what is around it does
    not reach inside. One task enters and leaves it, once; raises ScopeError otherwise.

    cancel_called says whether it was cancelled, cancelled_caught whether it stopped a Cancelled
    from going on, cancelling whether a park inside raises now.
    """

    __slots__ = (
        "_deadline",
        "cancel_called",
        "cancelled_caught",
        "cancelling",
        "host",
        "parent",
        "seconds",
        "shield",
    )

    def __init__(self, seconds: float = inf, *, shield: bool = False) -> None:
        if isnan(seconds):
            raise ValueError(
                "a scope's seconds are NaN; give a number, or infinity for no deadline"
            )
        self.seconds: float = seconds
        self._deadline = inf
        self.shield: Final = shield
        self.cancel_called: bool = False
        self.cancelled_caught: bool = False
        self.cancelling: bool = False
        self.parent: Scope | None = None  # what it was entered in, also when it has been left
        self.host: Task[Any] | None = None  # who is in it

    def __enter__(self) -> Self:
        task = current_task()
        if self.parent is not None:
            raise ScopeError(f"{self!r} was entered before; make a new one each time")
        parent: Any = task.scope  # a Scope: nothing else is ever set
        self.host = task
        self.parent = parent
        self.cancelling = self.cancel_called or (parent.cancelling and not self.shield)
        task.scope = self
        if self.seconds != inf:
            self._deadline = task.reactor.now() + self.seconds
        if self._deadline != inf:
            ring_by(task, self._deadline)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        task = self.host
        parent: Any = self.parent
        if task is None or task.scope is not self or task.reactor.current is not task:
            raise self._left_wrongly()
        task.scope = parent
        self.host = None
        if not self.cancel_called or not isinstance(error, Cancelled):
            return False
        self.cancelled_caught = True
        return True

    @property
    def deadline(self) -> float:
        """When this ends by itself, in seconds on the reactor's clock; infinity for never.

        Set it to move that, also from outside and before the entry: seconds do not count then.
        Once this is cancelled it says nothing any more. Raises ValueError for NaN.
        """
        return self._deadline

    @deadline.setter
    def deadline(self, when: float) -> None:
        if isnan(when):
            raise ValueError(f"a deadline of {self!r} is NaN; give a moment, or infinity for none")
        self._deadline, self.seconds = when, inf
        if self.host is not None and when != inf:
            ring_by(self.host, when)

    def cancel(self) -> None:
        """Cancel what is inside, and what will be; call it from the reactor's thread.

        Again, or too late: nothing. Under debug it raises WrongThreadError in another thread.
        """
        if self.host is not None and self.host.reactor.debug is not None:
            self.host.reactor.debug.check_thread()
        if not self.cancel_called:
            self.cancel_called = True
            self._spread()

    def members(self) -> tuple[Task[Any], ...]:
        """Return the tasks that live in this scope; those of a plain one do not, they pass
        through.
        """
        return ()

    def shut(self) -> None:
        """Take in no more tasks."""

    def finished(self, task: Task[Any], error: BaseException | None) -> None:
        """Hear that task has ended in here, without leaving: that is a failure, whatever else it
        was.
        """
        assert self.parent is not None
        wrong = ScopeError(f"{task!r} ended inside {self!r}, which it had not left; use `with`")
        wrong.__cause__ = error
        self.parent.finished(task, wrong)

    def _spread(self) -> None:
        """Have every park in here raise, down to the shields; who is further in hears first."""
        self.cancelling = True
        hosts = [] if self.host is None else [self.host]
        todo = [(self, task) for task in (*hosts, *self.members())]
        reached: list[Task[Any]] = []
        while todo:  # no recursion: groups may stand in tasks of groups as deep as they like
            around, task = todo.pop()
            for scope in reversed(around.between(task)):
                if scope.shield:
                    break
                if not scope.cancelling:
                    scope.cancelling = True
                    todo += [(scope, member) for member in scope.members()]
            else:
                reached.append(task)
        for task in reversed(reached):
            task.interrupt()

    def between(self, task: Task[Any]) -> list[Scope]:
        """Return the scopes that task, a member or the host, has entered inside this one,
        innermost first.
        """
        inner: list[Scope] = []
        scope: Any = task.scope
        while scope is not self:
            inner.append(scope)
            scope = scope.parent
        return inner

    def _left_wrongly(self) -> ScopeError:
        """Take this out of the chain that it is in, so that its task can go on; return what to
        raise.
        """
        task, self.host = self.host, None
        scope: Any = task and task.scope
        parent: Any = self.parent  # a Scope, as this was entered
        if task is not None and scope is self:
            task.scope = parent
        while scope is not None:
            if scope.parent is self:
                scope.parent = parent
            scope = scope.parent
        return ScopeError(f"{self!r} is left out of order, or not by the task that entered it")

    def __repr__(self) -> str:
        ends = "" if self._deadline == inf else f" until {self._deadline:g} s"
        if self.seconds != inf:
            ends = f" of {self.seconds:g} s"
        if self.shield:
            ends += ", shielded"
        return f"<{type(self).__name__}{ends}{', cancelled' if self.cancel_called else ''}>"
