"""Holding: what a lock, a semaphore and a limiter have in common.

Law of this file: what is acquired is released by leaving a `with`, in either kind of coroutine.
Something free is taken without a turn, and what is given back goes straight to who waits longest:
it is never free while somebody waits, so nobody can push in.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Generic, TypeVar

from reactor.errors import BusyError
from reactor.tasks import Operation, Task, Trap, current_task

from .line import Line


class Holding:
    """What acquire brings: `with` it, once, and what was acquired is released at the end."""

    __slots__ = ("_entry",)

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._entry.leave()

    def __repr__(self) -> str:
        return f"<Holding of {self._entry!r}>"


class Entry(Line[Holding]):
    """Where tasks go in: at once as long as there is room, after others when they have left."""

    __slots__ = ("holding",)

    def __init__(self) -> None:
        super().__init__()
        self.holding = Holding(self)  # one for all, so that to acquire makes nothing new

    def park(self, task: Task[Any]) -> None:
        """Let task in, or have it stand at the end."""
        if self.admit(task):
            task.wake(self.holding)
        else:
            super().park(task)

    @abstractmethod
    def admit(self, task: Task[Any]) -> bool:
        """Let task in if there is room; return whether there was. Raises what is wrong with it."""
        raise NotImplementedError

    @abstractmethod
    def leave(self) -> None:
        """Give back what was acquired, to who stands first."""
        raise NotImplementedError


E = TypeVar("E", bound=Entry)


class Holdable(Generic[E]):
    """What tasks hold for a while: `async with it:`, or `with (yield from it.acquire()):`."""

    __slots__ = ("_entry",)

    def __init__(self, entry: E) -> None:
        self._entry = entry

    def acquire(self) -> Trap[Holding]:
        """Wait until it can be had, first come first served; `with` what comes to release it.

        What is free is had at once, and others have their turn after 32 times in a row. Cancelled:
        nothing was acquired. A task that got it in the turn in which it is cancelled has it, and
        its next park raises.
        """
        return self._entry

    def acquire_nowait(self) -> Holding:
        """Acquire what is free, without waiting; BusyError if it is not.

        Raises as acquire does, NotRunningError outside of tasks.
        """
        entry = self._entry
        if not entry.admit(current_task()):
            raise BusyError(f"{self!r} cannot be had now; wait for it with acquire")
        return entry.holding

    def release(self) -> None:
        """Give back what was acquired; who waits longest has it from now on."""
        self._entry.leave()

    def __aenter__(self) -> Operation[object]:
        return self._entry

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._entry.leave()

    def __repr__(self) -> str:
        return repr(self._entry)
