"""EpollPoller: the mechanism of Linux, man 7 epoll, level-triggered.

Law of this file: the kernel's set and ours are the same. epoll watches open files, not numbers: a
descriptor closed while a fork or a dup keeps its file open is reported for ever, and no call can
name it any more. So when the kernel no longer knows a descriptor that we drop, the set is made
anew.
"""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Callable
from typing import Final, Protocol

from .base import Poller
from .mechanism import READ, WRITE

EPOLLIN: Final = 0x001
EPOLLOUT: Final = 0x004

_FLAGS: Final = {READ: EPOLLIN, WRITE: EPOLLOUT, READ | WRITE: EPOLLIN | EPOLLOUT}
# It was closed; the last two mean that another file has the number by now.
_UNKNOWN: Final = (errno.EBADF, errno.ENOENT, errno.EPERM)
_NO_NUMBER: Final = (errno.EMFILE, errno.ENFILE)


class Epoll(Protocol):
    """What is used of `select.epoll`."""

    def register(self, fd: int, flags: int, /) -> None:
        """EPOLL_CTL_ADD, man 2 epoll_ctl."""

    def modify(self, fd: int, flags: int, /) -> None:
        """EPOLL_CTL_MOD."""

    def unregister(self, fd: int, /) -> None:
        """EPOLL_CTL_DEL."""

    def poll(self, timeout: float | None, maxevents: int, /) -> list[tuple[int, int]]:
        """Wait for timeout seconds at most, man 2 epoll_wait."""

    def fileno(self) -> int:
        """Return the descriptor of the set."""

    def close(self) -> None:
        """Close that descriptor."""


class EpollPoller(Poller):
    """Watches descriptors with epoll: waiting costs what is ready, not what is watched.

    epoll is a maker of epoll sets, `select.epoll` unless given. Raises OSError where there is
    none.
    """

    readable = ~EPOLLOUT
    writable = ~EPOLLIN

    def __init__(self, epoll: Callable[[], Epoll] | None = None) -> None:
        super().__init__()
        make = epoll or getattr(select, "epoll", None)
        if make is None:
            raise OSError(errno.ENOSYS, "this system has no epoll; use default_poller()")
        self._make: Callable[[], Epoll] = make
        self._epoll = self._make()
        # By descriptor: the system gives the lowest number that is free, so a byte each is less
        # than a dict of them. It is never empty, since a wait is for one event at the least.
        self._interest = bytearray(1)

    def fileno(self) -> int:
        """Return the descriptor of the set; it is readable when something in it is ready."""
        return self._epoll.fileno()

    def add(self, fd: int, events: int) -> None:
        self._epoll.register(fd, _FLAGS[events])
        if fd >= len(self._interest):
            self._interest += bytes(fd + 1 - len(self._interest))
        self._interest[fd] = events

    def change(self, fd: int, old: int, new: int) -> None:
        self._epoll.modify(fd, _FLAGS[new])
        self._interest[fd] = new

    def drop(self, fd: int, events: int) -> None:
        if fd < len(self._interest):
            self._interest[fd] = 0
        try:
            self._epoll.unregister(fd)
        except OSError as error:
            if error.errno not in _UNKNOWN:
                raise
            self._rebuild()

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        return self._epoll.poll(timeout, len(self._interest))

    def close(self) -> None:
        super().close()
        self._epoll.close()

    def _rebuild(self) -> None:
        """Make a new set, under the number of the old one, of those that are still open."""
        try:
            fresh = self._make()
        except OSError as error:
            if error.errno not in _NO_NUMBER:
                raise
            self._epoll.close()  # it has the one number that can be had
            self._epoll = fresh = self._make()
        for fd, events in enumerate(self._interest):
            if events:
                try:
                    fresh.register(fd, _FLAGS[events])
                except OSError as error:
                    if error.errno not in _UNKNOWN:
                        raise
        if fresh is not self._epoll:
            os.dup2(fresh.fileno(), self._epoll.fileno(), inheritable=False)
            fresh.close()
