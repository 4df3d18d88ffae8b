"""What the tests call in other interpreters: functions of a module, as pickle wants them.

Law of this file: it imports little, since each call imports it anew.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from typing import Any, NoReturn


class OddError(Exception):
    """An error with a constructor of its own, which pickle does not know how to call."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


class Unsendable:
    """Something that does not go through a pipe."""

    def __reduce__(self) -> NoReturn:
        raise TypeError("not to be sent")


class Unwelcome:
    """Something that can be sent, and not be received."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (_refuse, (os.getpid(),))


def _refuse(pid: int) -> None:
    if os.getpid() != pid:
        raise TypeError("not to be received")


def repeat(what: str, times: int) -> str:
    """Return what, times over."""
    return what * times


def fail(message: str) -> NoReturn:
    """Raise ValueError."""
    raise ValueError(message)


def fail_oddly() -> NoReturn:
    """Raise an error that cannot be brought back."""
    raise OddError(1, 2)


def fail_unsendably() -> NoReturn:
    """Raise an error that cannot be sent."""
    raise ValueError(Unsendable())


def stop_iteration() -> NoReturn:
    """Raise what no coroutine can pass on."""
    raise StopIteration(5)


def unsendable() -> Unsendable:
    """Return what cannot be sent."""
    return Unsendable()


def unwelcome() -> Unwelcome:
    """Return what cannot be received."""
    return Unwelcome()


def surroundings() -> tuple[int, list[str], bool]:
    """Return the process, the arguments, and whether any of reactor was imported."""
    return os.getpid(), sys.argv, "reactor" in sys.modules


def die(signum: int) -> None:
    """End by a signal."""
    os.kill(os.getpid(), signum)


def fork_and_die() -> None:
    """Leave a child behind, and die without an answer."""
    if not os.fork():
        time.sleep(60)
    os._exit(4)


def sit(fifo: str) -> None:
    """Say so in a file, then do nothing for long."""
    _say(fifo)
    time.sleep(60)


def hang(fifo: str) -> str:
    """Return, and do not end: say so when the answer is sent."""
    atexit.register(sit, fifo)
    return "answer"


def _say(fifo: str) -> None:
    with open(fifo, "w") as file:
        file.write(f"{os.getpid()}\n")


def linger(path: str) -> str:
    """Return, and leave a thread that goes on until SIGTERM ends it all."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    threading.Thread(target=_wait_and_tell, args=[path]).start()
    return "answer"


def _wait_and_tell(path: str) -> None:
    time.sleep(0.05)
    with open(path, "w") as file:
        file.write("done")


def interrupted() -> str:
    """Get Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)
    return "went on"


def flags() -> tuple[int, list[str]]:
    """Return how this interpreter was started."""
    return sys.flags.optimize, sys.warnoptions


def leave(status: int) -> NoReturn:
    """End without an answer."""
    os._exit(status)
