"""Child: a process that this program has started, as long as it is one's own.

Law of this file: a child is reaped once, here, by its number. Until then the system keeps that
number, so a signal cannot hit a stranger; from then on none is sent.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from subprocess import Popen
from typing import Any, Final, Protocol

from reactor.loop import Reactor
from reactor.tasks import Steps, WaitQueue, coroutine

_pidfd_open: Final[Any] = getattr(os, "pidfd_open", None)  # Linux 5.3
_pidfd_send_signal: Final[Any] = getattr(signal, "pidfd_send_signal", None)


class Family(Protocol):
    """Whose child it is."""

    def buried(self, child: Child) -> None:
        """Hear that child has ended and was reaped."""


class Child:
    """A process, from its start until it is reaped.

    With pidfd the loop hears of its end through a descriptor; else whoever hears of SIGCHLD calls
    look. ended says whether it is over here; status is the returncode then, None if somebody else
    has taken it.
    """

    __slots__ = ("_family", "_pidfd", "_popen", "_reactor", "_waiting", "ended", "pid", "status")

    def __init__(self, family: Family, reactor: Reactor, popen: Popen[Any], *, pidfd: bool) -> None:
        self._family = family
        self._reactor = reactor
        self._popen = popen
        self._pidfd = -1
        self._waiting: WaitQueue[None] = WaitQueue()
        self.pid: int = popen.pid
        self.ended: bool = False
        self.status: int | None = None
        if pidfd:
            try:
                self._watch()
            except BaseException:
                self.put_to_death()
                raise

    def _watch(self) -> None:
        """Have the loop look when the process ends: its pidfd is readable then (man 2
        pidfd_open).
        """
        try:
            self._pidfd = _pidfd_open(self.pid)
        except ProcessLookupError:  # reaped already, by somebody else
            self.look()
        else:
            self._reactor.reading_anew(self._pidfd)
            self._reactor.on_readable(self._pidfd, self.look)

    @property
    def state(self) -> str:
        """How it is, in words."""
        if not self.ended:
            return "alive"
        if self.status is None:
            return "ended unseen"
        return end_of(self.status)

    def look(self) -> bool:
        """Reap it if it has ended; return whether it has."""
        if not self.ended:
            self._reap(os.WNOHANG)
        return self.ended

    def _reap(self, options: int) -> None:
        try:
            pid, status = os.waitpid(self.pid, options)
        except ChildProcessError:
            self._end(None)
        else:
            if pid:
                self._end(os.waitstatus_to_exitcode(status))

    def _end(self, status: int | None) -> None:
        self.ended, self.status = True, status
        self._popen.returncode = status or 0  # else it would wait for the child by itself
        if self._pidfd >= 0:
            fd, self._pidfd = self._pidfd, -1
            self._reactor.forget(fd)
            os.close(fd)
        self._family.buried(self)
        self._waiting.wake_all(None)

    @coroutine
    def gone(self) -> Steps[None]:
        """Wait for its end, without parking if that is past."""
        while not self.ended:
            yield self._waiting

    def send(self, signum: int) -> bool:
        """Send a signal, unless it has ended; return whether it was sent. Raises OSError."""
        if self.look():
            return False
        if self._pidfd >= 0:
            _pidfd_send_signal(self._pidfd, signum)
        else:
            os.kill(self.pid, signum)
        return True

    def put_to_death(self) -> None:
        """Kill and reap it, where nobody can wait: here and now. Raises OSError."""
        if self.send(signal.SIGKILL):
            self._reap(0)

    def forked(self) -> None:
        """In a forked child: it is the parent's child, not ours."""
        self._end(None)


def end_of(returncode: int) -> str:
    """Return in words how a process ended: `ended with status 1`, `ended by SIGTERM`."""
    if returncode >= 0:
        return f"ended with status {returncode}"
    try:
        return f"ended by {signal.Signals(-returncode).name}"
    except ValueError:  # a real-time signal
        return f"ended by signal {-returncode}"


def has_pidfds(pidfd_open: Callable[[int], int] | None = _pidfd_open) -> bool:
    """Tell whether the system has descriptors for processes, and allows them: an old kernel, or a
    jail, may not.
    """
    if pidfd_open is None or _pidfd_send_signal is None:
        return False
    try:
        os.close(pidfd_open(os.getpid()))
    except OSError as error:
        return error.errno not in (errno.ENOSYS, errno.EPERM)
    return True
