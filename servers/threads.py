"""Threads: each has a loop of its own, and can be asked to leave from another.

Law of this file: whoever is asked to leave before its loop exists leaves as soon as it does; who
has ended already is not asked. How it ended is always told.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator


class LoopThread(threading.Thread):
    """A thread for work(thread), which opens a loop and enters hearing(...) while that runs.

    ended(thread, error) is called in the thread itself, last of all; error is what came out of
    work, None if it returned. It is a daemon, so that a second signal need not wait for it.
    """

    def __init__(
        self,
        work: Callable[[LoopThread], object],
        ended: Callable[[LoopThread, Exception | None], object],
    ) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._ended = ended
        self._lock = threading.Lock()
        self._leaving = False
        self._ask: Callable[[], object] | None = None

    def run(self) -> None:
        """Do the work, and tell how it ended."""
        failure = None
        try:
            self._work(self)
        except Exception as error:
            failure = error
        self._ended(self, failure)

    @contextlib.contextmanager
    def hearing(
        self, post: Callable[[Callable[[], object]], object], leave: Callable[[], object]
    ) -> Iterator[None]:
        """While inside, hear of leave(): post(leave) hands it to the loop, from any thread."""
        with self._lock:
            self._ask = lambda: post(leave)
            if self._leaving:
                self._ask()
        try:
            yield
        finally:
            with self._lock:
                self._ask = None

    def leave(self) -> None:
        """Ask the thread to leave; any thread may do so."""
        with self._lock:
            self._leaving = True
            if self._ask is not None:
                self._ask()
