"""Leaks: what may not be left when a program has ended, whatever was cancelled in it.

Law of this file: the loop is asked, and so are the system and the interpreter; nothing of what is
tested is believed.
"""

from __future__ import annotations

import gc
import os
from types import CoroutineType, GeneratorType
from typing import Any

from reactor import Reactor
from reactor.poller import Mechanism
from reactor.tasks import roots_of
from tests.cancellation.trial import Trial


class Ledger:
    """Passes all on to poller, and keeps which descriptors are watched."""

    def __init__(self, poller: Mechanism) -> None:
        self.readable = poller.readable
        self.writable = poller.writable
        self.watched: dict[int, int] = {}
        self._poller = poller

    def add(self, fd: int, events: int) -> None:
        self._poller.add(fd, events)
        self.watched[fd] = events

    def change(self, fd: int, old: int, new: int) -> None:
        self._poller.change(fd, old, new)
        self.watched[fd] = new

    def drop(self, fd: int, events: int) -> None:
        self.watched.pop(fd, None)
        self._poller.drop(fd, events)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        return self._poller.wait(timeout)

    def close(self) -> None:
        self._poller.close()


def refuse_what_waits(reactor: Reactor, trial: Trial, ledger: Ledger, own: set[int]) -> None:
    """Fail if the loop has anything left to do or to watch, or a task or a place in a line is left.

    own are the descriptors that the reactor watches for itself.
    """
    tasks = [task for root in roots_of(reactor) for task in root.members()]
    assert tasks == [], f"tasks are left: {tasks}"
    left = [(task, door) for task, door in trial.doors if door.abort(task)]
    assert left == [], f"these still wait: {left}"
    assert ledger.watched.keys() == own, f"still watched, of {own}: {ledger.watched}"
    reactor.call_threadsafe(lambda: None)  # the turn has a reason to end, and none not to begin
    reactor.turn()
    assert trial.patience is None, f"the loop has something to do in {trial.patience} seconds"


def open_descriptors() -> set[str]:
    """Return the descriptors of this process."""
    return set(os.listdir("/dev/fd"))


def refuse_children() -> None:
    """Fail if there is a child, one that lives or one that is dead."""
    try:
        pid, _ = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return
    raise AssertionError(f"a child is left: {pid or 'it lives'}")


def suspended() -> list[Any]:
    """Return the coroutines that have begun and are waiting, of those that gc.freeze has not set
    aside.
    """
    return [
        one
        for one in gc.get_objects()
        if (type(one) is GeneratorType and one.gi_suspended)
        or (type(one) is CoroutineType and one.cr_suspended)
    ]
