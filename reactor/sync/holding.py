"""Holding: what a lock, a semaphore and a limiter have in common.

Law of this file: what is acquired is released by leaving a `with`, in either kind of coroutine.
Something free is taken without a turn, and what is given back goes straight to who waits longest:
it is never free while somebody waits, so nobody can push in.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Generic, Protocol, TypeVar

from reactor.errors import BusyError
from reactor.tasks import Operation, Task, Trap, current_task

from .line import Line


class Holding(Protocol):
    """What acquire brings: `with` it, once, and what was acquired is released at the end."""

    def __enter__(self) -> None: ...
    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None: ...


class Held(Line[Holding]):
    """Something to hold, and those who wait for it; it is the Holding of all who have it."""

    __slots__ = ()

    @abstractmethod
    def admit(self, task: Task[Any]) -> bool:
        """Let task have it if there is room; return whether there was. Raises what is wrong."""

    @abstractmethod
    def leave(self) -> None:
        """Take it back, for who stands first."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.leave()


H = TypeVar("H", bound=Held)


class Holdable(Generic[H]):
    """What tasks hold for a while: `async with it:`, or `with (yield from it.acquire()):`."""

    __slots__ = ("_acquire", "_held")

    def __init__(self, held: H) -> None:
        self._held = held
        self._acquire = _Acquire(held)  # one for all, so that to acquire makes nothing new

    def acquire(self) -> Trap[Holding]:
        """Wait until it can be had, first come first served; `with` what comes to release it.

        What is free is had at once, and others have their turn after 32 times in a row. Cancelled:
        nothing was acquired. A task that got it in the turn in which it is cancelled has it, and
        its next park raises.
        """
        return self._acquire

    def acquire_nowait(self) -> Holding:
        """Acquire what is free, without waiting; BusyError if it is not.

        Raises as acquire does, NotRunningError outside of tasks.
        """
        if not self._held.admit(current_task()):
            raise BusyError(f"{self!r} cannot be had now; wait for it with acquire")
        return self._held

    def release(self) -> None:
        """Give back what was acquired; who waits longest has it from now on."""
        self._held.leave()

    def __aenter__(self) -> Operation[object]:
        return self._acquire

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._held.leave()

    def __repr__(self) -> str:
        return repr(self._held)


class _Acquire(Trap[Holding]):
    __slots__ = ("_held",)

    def __init__(self, held: Held) -> None:
        self._held = held

    def park(self, task: Task[Any]) -> None:
        if self._held.admit(task):
            task.wake(self._held)
        else:
            self._held.park(task)

    def abort(self, task: Task[Any]) -> bool:
        return self._held.abort(task)

    def __repr__(self) -> str:
        return repr(self._held)
