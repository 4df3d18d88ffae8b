"""Threads: something done in another one, and what came of it; and which there are.

Law of this file: threads are told apart, not counted: one of the test before may end meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


def all_threads() -> set[threading.Thread]:
    """Return those that run now."""
    return set(threading.enumerate())


def in_thread(work: Callable[[], object]) -> None:
    """Do work in another thread, and raise here what it raises there."""
    raised: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    for error in raised:
        raise error
