"""Condition: waiting until something that a lock protects has changed.

Law of this file: who comes back from a wait has the lock, however the wait ended, and no
notification is lost. Who is notified stands before the lock from then on, without a step between;
one who is cancelled there passes the notification on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from reactor.errors import Cancelled, ReactorError
from reactor.tasks import Operation, Scope, Steps, Task, Trap, coroutine

from .holding import Holding
from .line import Line
from .lock import Lock

T = TypeVar("T")


class Condition:
    """A lock, one of its own unless given, and those who wait for a change of what it protects:
    `async with condition:`, or `with (yield from condition.acquire()):`.

    Several conditions may share a lock.
    """

    __slots__ = ("_line", "lock")

    def __init__(self, lock: Lock | None = None) -> None:
        self.lock: Final = Lock() if lock is None else lock
        self._line = _Line(self.lock)

    def acquire(self) -> Trap[Holding]:
        """Acquire the lock, as Lock.acquire does."""
        return self.lock.acquire()

    def release(self) -> None:
        """Release the lock, as Lock.release does."""
        self.lock.release()

    @coroutine
    def wait(self) -> Steps[None]:
        """Release the lock, wait to be notified, and acquire it again, behind those who wait for
        it.

        What was waited for may be gone by then: look again, or use wait_for. Cancelled: a
        notification goes on to the next one, and the lock is acquired before Cancelled comes out,
        which may take as long as others hold it. Raises ReactorError unless the running task holds
        the lock.
        """
        self._check()
        try:
            yield self._line
        except Cancelled:
            if not _is_mine(self.lock):
                with Scope(shield=True):
                    yield self.lock.acquire()
            raise

    @coroutine
    def wait_for(self, predicate: Callable[[], T]) -> Steps[T]:
        """Wait until predicate() is true, and return what it returned.

        It is asked at once, then after each notification, always with the lock held; if it is true
        at once, there is no wait, and nobody else has a turn. Raises as wait does, and what
        predicate raises.
        """
        self._check()
        while not (result := predicate()):
            yield from self.wait()
        return result

    def notify(self, count: int = 1) -> None:
        """Let count of those who wait go on, first come first, when the lock is released.

        Raises ReactorError unless the running task holds the lock.
        """
        self._check()
        self._line.notify(count)

    def notify_all(self) -> None:
        """Let all who wait go on, one after the other. Raises as notify does."""
        self.notify(len(self._line))

    def _check(self) -> None:
        if not _is_mine(self.lock):
            raise ReactorError(f"{self!r} is for who holds its lock; acquire that before")

    def __aenter__(self) -> Operation[object]:
        return self.lock.acquire()

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        await self.lock.__aexit__(kind, error, trace)

    def __repr__(self) -> str:
        return repr(self._line)


class _Line(Line[object]):
    """Those who are not notified yet; they are answered by the lock."""

    __slots__ = ("_lock",)

    def __init__(self, lock: Lock) -> None:
        super().__init__()
        self._lock = lock

    def park(self, task: Task[Any]) -> None:
        super().park(task)
        self._lock.release()  # here, so that who is cancelled before has it still

    def abort(self, task: Task[Any]) -> bool:
        if super().abort(task):
            return True
        self.notify(1)  # as task was, which stands before the lock
        return self._lock.acquire().abort(task)

    def notify(self, count: int) -> None:
        """Have the first count of them stand before the lock."""
        while count > 0 and (task := self.first) is not None:
            count -= 1
            self._lock.acquire().park(task)  # first, as it raises for a lock that nobody will get
            super().abort(task)

    def __repr__(self) -> str:
        return f"<Condition of {self._lock!r}, {len(self)} waiting>"


def _is_mine(lock: Lock) -> bool:
    """Tell whether the running task holds lock."""
    return lock.owner is not None and lock.owner.reactor.current is lock.owner
