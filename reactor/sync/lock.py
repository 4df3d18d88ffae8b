"""Lock: one at a time.

Law of this file: a lock has an owner, and only the owner releases it. It is handed over, to who
has waited longest, and free only when nobody waits.
"""

from __future__ import annotations

from typing import Any

from reactor.errors import BusyError, ReactorError
from reactor.tasks import Task, current_task

from .holding import Held, Holdable
from .line import same_reactor


class Lock(Holdable["_Held"]):
    """Held by one task at a time, of one reactor: `async with lock:`, or `with (yield from
    lock.acquire()):`.

    acquire raises BusyError for the task that holds it, which would wait for itself, and
    ReactorError if the owner has ended without releasing it. release raises ReactorError unless
    the running task is the owner.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(_Held())

    @property
    def locked(self) -> bool:
        """Whether a task holds it."""
        return self._held.owner is not None

    @property
    def owner(self) -> Task[Any] | None:
        """The task that holds it, None if it is free. Who was handed it need not have run yet."""
        return self._held.owner


class _Held(Held):
    __slots__ = ("owner",)

    def __init__(self) -> None:
        super().__init__()
        self.owner: Task[Any] | None = None

    def admit(self, task: Task[Any]) -> bool:
        owner = self.owner
        if owner is None:
            self.owner = task
            return True
        if owner is task:
            raise BusyError(f"{task!r} holds {self!r} already; release it before, or hold it once")
        if owner.done:
            raise ReactorError(f"{self!r} is held by a task that has ended; make a new one")
        same_reactor(self, owner, task)
        return False

    def leave(self) -> None:
        owner = self.owner
        if owner is not None and owner.reactor.current is owner:
            self.owner = self.first
            self.wake_one(self)
        elif current_task().error is None:
            # Else it was closed where it stood, before a Condition had given the lock back to it.
            raise ReactorError(f"{self!r} is not held by who releases it; only its owner may")

    def __repr__(self) -> str:
        if self.owner is None:
            return "<Lock, free>"
        # The name alone: its owner may wait on a lock that is held by who waits here.
        return f"<Lock, held by <Task {self.owner.name}>, {len(self)} waiting>"
