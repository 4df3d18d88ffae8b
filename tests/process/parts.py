"""What the tests of processes are made of: small programs, and ways to wait for them.

Law of this file: a program says when it is ready, so nobody sleeps to wait for it.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Final

from reactor import Reactor, Steps, Task, coroutine
from reactor.process import Process
from tests.tasks.parts import for_ever
from tests.workers.parts import Nowhere

LONG: Final = 30.0

PYTHON: Final = (sys.executable, "-S", "-E", "-c")
"""Python without what takes long to start; a program follows."""

STUBBORN: Final = ("sh", "-c", "trap '' TERM; echo ready; exec sleep 60")
"""A program that ignores SIGTERM, once it is ready."""

_BYE: Final = "trap '' TERM; echo bye; exit 7"  # once, however many signals there are
POLITE: Final = ("sh", "-c", f'trap "{_BYE}" TERM; echo ready; while :; do sleep 0.01; done')
"""A program that says bye on SIGTERM, and ends with status 7."""

_waitid: Final[Any] = getattr(os, "waitid", None)


def can_have_pidfds() -> bool:
    """Tell whether this system has descriptors for processes."""
    return hasattr(os, "pidfd_open")


@coroutine
def ready(process: Process) -> Steps[None]:
    """Wait until process says that it is ready."""
    assert (yield from process.stdout.receive_until()) == b"ready"


def wait_without_reaping(pid: int) -> None:
    """Wait, holding the loop, until a child has ended; it is still to be reaped."""
    _waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def exists(pid: int) -> bool:
    """Tell whether there is a process of that number, dead or alive."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def begun(reactor: Reactor, process: Process) -> Task[object]:
    """Begin a task of its own that sits in the block of process for ever; return it when it does.

    Nothing closes it: it runs without `run`.
    """
    task: Task[object] = Task()
    task.begin(reactor, process.run(for_ever), Nowhere())
    while "alive" not in repr(process):
        reactor.turn()
    return task
