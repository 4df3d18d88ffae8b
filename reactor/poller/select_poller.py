"""SelectPoller: the oldest mechanism and the one that is everywhere, man 2 select.

Law of this file: a set of 1,024 bits, so a descriptor above 1,023 is refused at the door. One
closed descriptor spoils the whole call (EBADF, without saying which), so then each is tried, and
the closed ones are told as INVALID and dropped.
"""

from __future__ import annotations

import errno
import os
import select
from typing import Final

from .base import Poller
from .mechanism import INVALID, READ, WRITE

FD_SETSIZE: Final = 1024
"""How many descriptors a set has room for; the first that does not fit."""


class SelectPoller(Poller):
    """Watches descriptors with select: up to number 1,023, and waiting costs what is watched.

    select has no word for a writer that is hung up but takes no more (man 2 select, the table of
    poll's notifications): only its reader is told. Whoever writes is told of an error all the
    same.
    """

    def __init__(self) -> None:
        super().__init__()
        self._readers: dict[int, None] = {}  # in order of arrival, and so are the answers
        self._writers: dict[int, None] = {}

    def add(self, fd: int, events: int) -> None:
        if fd >= FD_SETSIZE:
            raise OSError(
                errno.EMFILE,
                f"fd {fd} does not fit into select's set, which ends at {FD_SETSIZE - 1}; "
                "use PollPoller or default_poller()",
            )
        refuse_closed(fd)
        self._note(fd, events)

    def change(self, fd: int, old: int, new: int) -> None:
        self.drop(fd, old)
        self._note(fd, new)

    def drop(self, fd: int, events: int) -> None:
        self._readers.pop(fd, None)
        self._writers.pop(fd, None)

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        try:
            readers, writers, _ = select.select(self._readers, self._writers, (), timeout)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            return self._drop_closed()
        masks = dict.fromkeys(readers, READ)
        for fd in writers:
            masks[fd] = masks.get(fd, 0) | WRITE
        return list(masks.items())

    def _note(self, fd: int, events: int) -> None:
        if events & READ:
            self._readers[fd] = None
        if events & WRITE:
            self._writers[fd] = None

    def _drop_closed(self) -> list[tuple[int, int]]:
        closed = [fd for fd in self._readers | self._writers if not is_open(fd)]
        for fd in closed:
            self.drop(fd, READ | WRITE)
        return [(fd, INVALID) for fd in closed]


def refuse_closed(fd: int) -> None:
    """Raise OSError (EBADF) if fd is not the number of an open file: select and poll would not say
    so before they wait.
    """
    os.fstat(fd)


def is_open(fd: int) -> bool:
    """Tell whether fd is the number of an open file."""
    try:
        refuse_closed(fd)
    except OSError:
        return False
    return True
