"""Two locks on a file, over a fork: who has them, and what becomes of them when their holder dies.

python3 -m docs.book.programs.locks_over_fork
"""

from __future__ import annotations

import fcntl
import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

Lock = Callable[[IO[bytes], int], object]


def can_have(lock: Lock, file: IO[bytes]) -> bool:
    try:
        lock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def child_can_have(lock: Lock, file: IO[bytes]) -> bool:
    """Return whether a forked child can have the lock too."""
    if (pid := os.fork()) == 0:
        os._exit(can_have(lock, file))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def child_can_have_anew(lock: Lock, name: str) -> bool:
    """Return whether a child that opens the file itself can have the lock too."""
    if (pid := os.fork()) == 0:
        with Path(name).open("r+b") as file:
            os._exit(can_have(lock, file))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def outlives_its_holder(lock: Lock, file: IO[bytes]) -> bool:
    """Return whether the lock of a child is still held when the child was killed."""
    told, tell = os.pipe()
    if (pid := os.fork()) == 0:
        lock(file, fcntl.LOCK_EX)
        os.write(tell, b"!")
        signal.pause()
    os.read(told, 1)
    assert not can_have(lock, file)  # the child has it
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    for fd in (told, tell):
        os.close(fd)
    return not can_have(lock, file)


if __name__ == "__main__":
    for lock in (fcntl.lockf, fcntl.flock):
        with tempfile.NamedTemporaryFile() as file:
            assert can_have(lock, file)
            both, anew = child_can_have(lock, file), child_can_have_anew(lock, file.name)
            print(f"{lock.__name__}: parent and child have it at once: {both}")
            print(f"{lock.__name__}: a child that opens the file anew has it too: {anew}")
    with tempfile.NamedTemporaryFile() as file:
        print(f"lockf: it outlives its holder: {outlives_its_holder(fcntl.lockf, file)}")
        assert can_have(fcntl.lockf, file)
        Path(file.name).open().close()  # in the process that has the lock
        kept = not child_can_have(fcntl.lockf, file)
        print(f"lockf: it outlives the close of another descriptor of its file: {kept}")
