"""Threads: each has a loop of its own, and can be asked to leave from another.

Law of this file: who is asked to leave before its loop exists leaves as soon as it does; who has
ended already is not asked. How it ended is always told.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator


class LoopThread(threading.Thread):
    """A thread with a loop: derive from it, and write work and ended.

    It is a daemon, so that a second signal need not wait for it.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._lock = threading.Lock()
        self._leaving = False
        self._ask: Callable[[], object] | None = None

    def work(self) -> None:
        """Open a loop, and enter hearing(...) while it runs."""
        raise NotImplementedError

    def ended(self, error: BaseException | None) -> None:
        """The work is over; error is what came out of it. Called in this thread, last of all."""
        raise NotImplementedError

    def run(self) -> None:
        """Do the work, and tell how it ended."""
        try:
            self.work()
        except BaseException as error:
            self.ended(error.with_traceback(None))  # which holds what the work had, and this thread
        else:
            self.ended(None)

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
