"""PollPoller: POSIX's better select, man 2 poll.

Law of this file: the kernel keeps nothing between two waits, so the list of descriptors goes to
it each time, and one that was closed is told by POLLNVAL until it is dropped.
"""

from __future__ import annotations

import errno
import select
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from .base import Poller
from .mechanism import READ, WRITE
from .select_poller import refuse_closed

POLLIN: Final = 0x001
POLLOUT: Final = 0x004

_FLAGS: Final = {READ: POLLIN, WRITE: POLLOUT, READ | WRITE: POLLIN | POLLOUT}


class Poll(Protocol):
    """What is used of `select.poll()`."""

    def register(self, fd: int, flags: int, /) -> None:
        """Put fd on the list."""

    def modify(self, fd: int, flags: int, /) -> None:
        """Change what is asked about fd."""

    def unregister(self, fd: int, /) -> None:
        """Take fd off the list."""

    def poll(self, timeout: float | None, /) -> list[tuple[int, int]]:
        """Wait for timeout milliseconds at most, man 2 poll."""


class PollPoller(Poller):
    """Watches descriptors with poll: any number of them, and waiting costs what is watched.

    poll is a maker of poll objects, `select.poll` unless given. Raises OSError where there is
    none.
    """

    readable = ~POLLOUT
    writable = ~POLLIN

    def __init__(self, poll: Callable[[], Poll] | None = None) -> None:
        super().__init__()
        make = poll or getattr(select, "poll", None)
        if make is None:
            raise OSError(errno.ENOSYS, "this system has no poll; use default_poller()")
        self._poll: Poll = make()

    def add(self, fd: int, events: int) -> None:
        refuse_closed(fd)
        self._poll.register(fd, _FLAGS[events])

    def change(self, fd: int, old: int, new: int) -> None:
        self._poll.modify(fd, _FLAGS[new])

    def drop(self, fd: int, events: int) -> None:
        with suppress(KeyError):  # it was not watched
            self._poll.unregister(fd)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        return self._poll.poll(None if timeout is None else timeout * 1000)
