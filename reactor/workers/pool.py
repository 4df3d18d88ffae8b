"""Pool: the threads of one reactor, and who waits for one.

Law of this file: the line and what is under way are the reactor's thread's alone. What threads
touch too, who is idle and what has ended, changes under one lock, and nobody's code runs under it.
So the end of a job is heard by the reactor, or found by close, or the thread's own affair.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from contextlib import suppress
from typing import Final

from reactor.errors import ForkedError
from reactor.loop import Reactor

from .worker import Job, Worker

MOST: Final = 40
"""So many calls may be under way at once, unless a pool is told otherwise."""

IDLE_SECONDS: Final = 10.0
"""So long an idle thread waits for a call, unless its pool is told otherwise."""


class Pool:
    """The threads of one reactor; made by pool_of, closed with the reactor.

    A thread is made when none is idle, for at most `most` calls at once; calls beyond that stand
    in line, first come first served. One whose task has left it counts until it ends.
    """

    __slots__ = (
        "_closed",
        "_ended",
        "_idle",
        "_idle_seconds",
        "_line",
        "_lock",
        "_most",
        "_reactor",
        "_under_way",
    )

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._most = MOST
        self._idle_seconds = IDLE_SECONDS
        self._closed = False
        self._begin_empty()

    def _begin_empty(self) -> None:
        self._line: OrderedDict[Job, None] = OrderedDict()  # a dict is slow to tell its first
        self._under_way: dict[Job, None] = {}
        self._lock = threading.Lock()
        self._idle: list[Worker] = []  # who worked last, last: so the others come to their end
        self._ended: deque[Job] = deque()  # what the reactor has not heard of

    @property
    def most(self) -> int:
        """How many calls may be under way at once, 40 unless set; to be set in the reactor's
        thread.

        Raises ValueError for less than 1.
        """
        return self._most

    @most.setter
    def most(self, most: int) -> None:
        if most < 1:
            raise ValueError(f"{self!r} cannot have {most} threads; give 1 or more")
        self._most = most
        self._advance()

    @property
    def idle_seconds(self) -> float:
        """How long a thread with nothing to do is kept, 10 seconds unless set; it holds for the
        next time that one has nothing to do.

        Raises ValueError for NaN and for less than 0.
        """
        return self._idle_seconds

    @idle_seconds.setter
    def idle_seconds(self, seconds: float) -> None:
        if not seconds >= 0:
            raise ValueError(f"{self!r} cannot keep a thread for {seconds} seconds; give 0 or more")
        self._idle_seconds = min(seconds, threading.TIMEOUT_MAX)

    # -- in the reactor's thread

    def take(self, job: Job) -> None:
        """Have a thread do job, now or when its turn comes.

        Raises RuntimeError when the system gives no more threads.
        """
        if len(self._under_way) < self._most:
            self._begin(job)
        else:
            self._line[job] = None

    def withdraw(self, job: Job) -> bool:
        """Take job out of the line. Returns False for one that does not stand there."""
        if job not in self._line:
            return False
        del self._line[job]
        return True

    def _begin(self, job: Job) -> None:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        self._under_way[job] = None
        if worker is not None:
            worker.give(job)
            return
        try:
            Worker(self, job).start()
        except Exception:
            del self._under_way[job]
            raise

    def _advance(self) -> None:
        """Begin what stands in line, as far as it may be."""
        while self._line and len(self._under_way) < self._most:
            job = self._line.popitem(last=False)[0]
            try:
                self._begin(job)
            except Exception as error:
                job.fail(error)

    def _hear(self) -> None:
        """One has ended."""
        job = self._ended.popleft()
        del self._under_way[job]
        self._advance()
        job.finish()

    def close(self) -> None:
        """Have idle threads end now and the others when they can, waiting for none."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().give(None)
        for job in self._under_way:
            job.leave()
        while self._ended:
            self._ended.popleft().finish()

    def forked(self) -> None:
        """Be empty, in a forked child: threads do not come along, and one may have had the lock."""
        self._begin_empty()

    # -- in the threads

    def rest(self, worker: Worker, job: Job) -> bool:
        """Hear that job is done and worker is idle. False: the reactor has ended; so must it."""
        with self._lock:
            if self._closed:
                return False
            # Before the reactor is told: else it would make a thread for the next in line.
            self._idle.append(worker)
            self._ended.append(job)
            try:
                self._reactor.call_threadsafe(self._hear)
            except ForkedError:
                return False
        return True

    def dismiss(self, worker: Worker) -> None:
        """Give worker no job any more, unless one is on its way."""
        with self._lock, suppress(ValueError):
            self._idle.remove(worker)
            worker.give(None)

    def __repr__(self) -> str:
        return (
            f"<Pool, {len(self._under_way)} of {self._most} under way, {len(self._idle)} idle, "
            f"{len(self._line)} in line>"
        )


def pool_of(reactor: Reactor) -> Pool:
    """Return the pool of reactor, which is made when it is first asked for:
    `pool_of(reactor).most = 4`.

    Raises as Reactor.belonging does: in another thread, or when the reactor has ended.
    """
    return reactor.belonging(Pool)
