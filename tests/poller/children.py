"""Forked children for tests: what one does, and how it ended.

Law of this file: a child leaves by os._exit whatever happens in it, so it never runs the rest of
the suite; whoever starts one waits for it.
"""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable


def in_child(work: Callable[[], object]) -> int:
    """Do work in a forked child and return its exit status: 0, or 1 if work raised."""
    return wait_for(start_child(work))


def start_child(work: Callable[[], object]) -> int:
    """Begin to do work in a forked child and return its process id, for wait_for."""
    with warnings.catch_warnings():
        # Python warns of a fork beside other threads; pytest's watchdog against hanging is one.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def wait_for(child: int) -> int:
    """Wait until child has ended and return its exit status."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
