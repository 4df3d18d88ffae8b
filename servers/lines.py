"""Lines: what a journal writes on, line by line, with several threads and processes beside it.

Law of this file: a line is one write, so that lines never mix; and a log that is full, closed or
gone costs lines, never a client and never the time of a stop. Who waits for room waits PATIENCE at
the most, and not at all while lines are being lost.
"""

from __future__ import annotations

import errno
import os
import select
import stat
from typing import Any, Final

PATIENCE: Final = 0.1
"""How long a server waits for room in its log before it begins to lose lines, in seconds."""


class Lines:
    """Writes lines to a descriptor, which stays its owner's."""

    __slots__ = ("_can_wait", "_fd", "_gone", "_loser", "_lost")

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._gone = False  # nobody will ever read them
        self._lost = 0  # lines for which there was no room
        self._loser = 0  # the process that has lost them
        self._can_wait = hasattr(os, "RWF_NOWAIT") and _is_pipe_or_socket(fd)

    def have_room(self) -> bool:
        """Tell whether a line can be written now; one that can not counts as lost.

        A line that would fail has room.
        """
        if self._gone:
            return False
        if self._loser != os.getpid():
            self._lost = 0  # a child has not lost what its parent had
        room = select.poll()  # each time: threads must not poll one object at once
        room.register(self._fd, select.POLLOUT)
        if room.poll(0 if self._lost else PATIENCE * 1000):
            return True
        self._lose()
        return False

    def take_lost(self) -> int:
        """Return how many lines were lost since this was asked last."""
        lost, self._lost = self._lost, 0
        return lost

    def write(self, line: str) -> None:
        """Write a line, or lose it."""
        try:
            self._put(line.encode("ascii", "backslashreplace") + b"\n")
        except BlockingIOError:
            self._lose()  # another thread or process has taken the room
        except OSError as error:
            # A disk that is full may have room again, a reader who is gone does not come back.
            self._gone = error.errno in (errno.EPIPE, errno.EBADF)

    def _put(self, line: bytes) -> None:
        # Whoever waits in a write may wait for ever. So a pipe and a socket are told not to have
        # that, where they can be (man 2 pwritev2, RWF_NOWAIT: Linux, and not the oldest).
        if self._can_wait:
            linux: Any = os
            try:
                linux.pwritev(self._fd, [line], -1, linux.RWF_NOWAIT)
            except OSError as error:
                if error.errno != errno.EOPNOTSUPP:
                    raise
                self._can_wait = False
            else:
                return
        os.write(self._fd, line)

    def _lose(self) -> None:
        self._lost += 1
        self._loser = os.getpid()


def _is_pipe_or_socket(fd: int) -> bool:
    try:
        mode = os.fstat(fd).st_mode
    except OSError:
        return False  # it is closed, as a write will tell
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
