"""A pool: threads that are started ahead and take jobs from a queue, in order.

Law of this file: a thread is there before the first job is, so that none is ever refused half way;
and what a job does with its time is its own affair, so none may wait for a peer.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Self


class Pool:
    """So many threads. Leaving a `with` block lets them finish what is queued, and waits.

    Raises RuntimeError if the system has not one thread to give; with fewer than asked for it makes
    do, and told(error) hears of it.
    """

    def __init__(self, threads: int, told: Callable[[Exception], object]) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        for _ in range(threads):
            thread = threading.Thread(target=self._work, daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                if not self._threads:
                    raise
                told(error)
                break
            self._threads.append(thread)

    def submit(self, job: Callable[[], object]) -> None:
        """Have job() called by the next thread that is free."""
        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        for _ in self._threads:
            self._jobs.put(None)
        if error is None:  # what leaves at once does not wait
            for thread in self._threads:
                thread.join()
