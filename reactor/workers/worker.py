"""Worker: a thread that does one job after the other.

Law of this file: a worker keeps nothing of a job that is done. Who has taken it out of the idle
ones, the pool or itself, says what it does next, so it never ends with a job in its inbox.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Protocol


class Job(Protocol):
    """What a worker does for a task that waits. work, ask and drop are called in the thread, the
    others in the reactor's.
    """

    def work(self) -> None:
        """Do it, and keep what came of it. Never raises."""

    def ask(self, fn: Callable[..., object], args: tuple[Any, ...]) -> Any:
        """Have the task call fn(*args), and return or raise what comes of it."""

    def drop(self) -> None:
        """Raise what it failed with: its reactor has ended, and cannot hear of it."""

    def finish(self) -> None:
        """Answer the task: it is done. Where nobody waits any more, report what it raised."""

    def fail(self, error: Exception) -> None:
        """Answer the task: it cannot be begun."""

    def leave(self) -> None:
        """Hear that nobody waits for it any more."""


class Employer(Protocol):
    """Whose worker it is: a pool."""

    @property
    def idle_seconds(self) -> float:
        """How long a worker waits for a job."""

    def rest(self, worker: Worker, job: Job) -> bool:
        """Hear that job is done and worker is idle. False: the reactor has ended; so must it."""

    def dismiss(self, worker: Worker) -> None:
        """Give worker no job any more, unless one is on its way."""


class Worker(threading.Thread):
    """A thread that begins with job, and ends when it is given None. job is what it does now."""

    def __init__(self, employer: Employer, job: Job) -> None:
        # A daemon: Python waits for all other threads before it ends, and a call may never end.
        super().__init__(name="reactor worker", daemon=True)
        self.job: Job | None = None
        self._employer = employer
        self._inbox: SimpleQueue[Job | None] = SimpleQueue()
        self.give(job)

    def give(self, job: Job | None) -> None:
        """Have it do job next, or end."""
        self._inbox.put(job)

    def run(self) -> None:
        """Do what comes, until nothing comes."""
        while self._do_next():
            pass  # no name here holds the last job while it waits for the next one

    def _do_next(self) -> bool:
        job = self._next()
        if job is None:
            return False
        self.job = job
        job.work()
        self.job = None
        if self._employer.rest(self, job):
            return True
        job.drop()
        return False

    def _next(self) -> Job | None:
        try:
            return self._inbox.get(timeout=self._employer.idle_seconds)
        except Empty:
            self._employer.dismiss(self)
            return self._inbox.get()
