"""What a task can wait for by itself: time, its next turn, a descriptor."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any, Final

from reactor.errors import BusyError, ClosedError
from reactor.loop import Side, Timer

from .current import current_task
from .door import Steps
from .operation import coroutine
from .task import Task, Trap

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike


class Sleep(Trap[None]):
    """Waits for seconds to pass, from the moment of the await; made by sleep."""

    __slots__ = ("_seconds", "_timer")

    def __init__(self, seconds: float) -> None:
        if isnan(seconds):
            raise ValueError("cannot sleep for NaN seconds; give a number, or infinity for ever")
        self._seconds = seconds
        self._timer: Timer | None = None

    def park(self, task: Task[Any]) -> None:
        """Set a timer; it runs the task itself."""
        if self._timer is not None and self._timer.live:
            raise BusyError(f"{self!r} is slept by a task already; call sleep for each")
        self._timer = task.reactor.call_later(self._seconds, task.run)

    def abort(self, task: Task[Any]) -> bool:
        """Call the timer off."""
        return self._timer is not None and self._timer.cancel()

    def __repr__(self) -> str:
        return f"<Sleep {self._seconds:g} s>"


def sleep(seconds: float) -> Sleep:
    """Let seconds pass; 0 and less let the others have a turn. Raises ValueError for NaN."""
    return Sleep(seconds)


class Checkpoint(Trap[None]):
    """Lets the others that are ready go first; made by checkpoint."""

    __slots__ = ()

    def park(self, task: Task[Any]) -> None:
        """Queue at the end."""
        task.reactor.ready.append(task)

    def abort(self, task: Task[Any]) -> bool:
        """It is queued already."""
        return False

    def __repr__(self) -> str:
        return "<Checkpoint>"


_CHECKPOINT: Final = Checkpoint()


def checkpoint() -> Checkpoint:
    """Let the others that are ready go first.

    Inside a cancelled scope it raises Cancelled, like every park.
    """
    return _CHECKPOINT


class Breath(Trap[None]):
    """Goes on at once, but not for ever; made by breathe."""

    __slots__ = ()

    def park(self, task: Task[Any]) -> None:
        """Answer on the spot: a task counts such answers, and queues when there were many."""
        task.wake()

    def abort(self, task: Task[Any]) -> bool:
        """Nobody is ever parked here."""
        return False

    def __repr__(self) -> str:
        return "<Breath>"


_BREATH: Final = Breath()


def breathe() -> Breath:
    """Go on at once, and each 32nd time in a row let the others that are ready go first.

    For what would otherwise not wait at all: a loop over what is there already. Inside a cancelled
    scope it raises Cancelled, like every park.
    """
    return _BREATH


@coroutine
def wait_readable(file: FileDescriptorLike) -> Steps[None]:
    """Wait until reading from file would not block.

    Raises BusyError if that side has a waiter, ClosedError if forgotten.
    """
    side = current_task().reactor.reading(file)
    yield side
    _check(side, file)


@coroutine
def wait_writable(file: FileDescriptorLike) -> Steps[None]:
    """Wait until writing to file would not block.

    Raises BusyError if that side has a waiter, ClosedError if forgotten.
    """
    side = current_task().reactor.writing(file)
    yield side
    _check(side, file)


def _check(side: Side, file: FileDescriptorLike) -> None:
    """Raise ClosedError if side was forgotten when its task was queued and another waited there:
    only the other was told.
    """
    if side.fd < 0:
        raise ClosedError(f"{file!r} was closed on this side; nothing can come of it")
