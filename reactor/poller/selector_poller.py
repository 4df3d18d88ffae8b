"""SelectorPoller: any selector of the standard library, or of yours, under our reactor.

Law of this file: hooks become calls of register, modify, unregister and select, and nothing else.
A selector that falls over a closed descriptor, as the standard select does, is told to drop it.
"""

from __future__ import annotations

import errno
from selectors import BaseSelector

from .base import Poller
from .mechanism import INVALID
from .select_poller import is_open


class SelectorPoller(Poller):
    """Adapts selector, which belongs to this from now on and is closed with it.

    A closed descriptor that was never dropped is told apart only where the selector raises for
    it. The standard selectors on poll report it as ready each time, and so does the one on epoll
    while a duplicate of it is open: drop before you close.
    """

    def __init__(self, selector: BaseSelector) -> None:
        super().__init__()
        self._selector = selector

    def add(self, fd: int, events: int) -> None:
        self._selector.register(fd, events)

    def change(self, fd: int, old: int, new: int) -> None:
        self._selector.modify(fd, new)

    def drop(self, fd: int, events: int) -> None:
        if fd in self._selector.get_map():
            self._selector.unregister(fd)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        try:
            return [(key.fd, events) for key, events in self._selector.select(timeout)]
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
        closed = [key.fd for key in self._selector.get_map().values() if not is_open(key.fd)]
        for fd in closed:
            self._selector.unregister(fd)
        return [(fd, INVALID) for fd in closed]

    def close(self) -> None:
        super().close()
        self._selector.close()
