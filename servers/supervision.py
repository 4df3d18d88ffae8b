"""Supervision: workers that are started ahead, and replaced when they die.

Law of this file: there are as many workers as were asked for, or a reason why not is in the log;
and one that dies again and again as soon as it begins is started ever more rarely. It knows
neither processes nor threads nor what loop it stands on: it is given what starts a worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from servers.journal import Journal

W = TypeVar("W")

AT_ONCE: Final = 1.0
"""A worker that lived for less than so many seconds died at once."""

FIRST_PAUSE: Final = 0.1
"""How long to wait before a worker that died at once is replaced, in seconds; then twice that."""

LONGEST_PAUSE: Final = 5.0
"""How long to wait at the most, in seconds."""


class Supervisor(Generic[W]):
    """Keeps count workers. hire() starts one and returns it; call_later is that of the loop.

    hire may raise OSError or RuntimeError, as fork and threads do: it is tried again in a while.
    stopped says that nobody is replaced any more.
    """

    def __init__(
        self,
        count: int,
        hire: Callable[[], W],
        call_later: Callable[[float, Callable[[], object]], object],
        journal: Journal,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count = count
        self._hire = hire
        self._call_later = call_later
        self._journal = journal
        self._clock = clock
        self._born: dict[W, float] = {}
        self._pause = FIRST_PAUSE
        self.stopped = False

    @property
    def workers(self) -> list[W]:
        """Those that are there now, the eldest first."""
        return list(self._born)

    def start(self) -> None:
        """Start all workers."""
        for _ in range(self._count):
            self._start_one()

    def gone(self, worker: W) -> None:
        """Worker has ended: replace it, at once or in a while, unless all is to stop."""
        lived = self._clock() - self._born.pop(worker)
        if self.stopped:
            return
        if lived >= AT_ONCE:
            self._pause = FIRST_PAUSE
            self._start_one()
        else:
            self._start_later()

    def stop(self) -> None:
        """Replace nobody any more."""
        self.stopped = True

    def _start_one(self) -> None:
        if self.stopped:
            return
        try:
            worker = self._hire()
        except (OSError, RuntimeError) as error:
            self._journal.worker_refused(error)
            self._start_later()
        else:
            self._born[worker] = self._clock()

    def _start_later(self) -> None:
        self._call_later(self._pause, self._start_one)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
