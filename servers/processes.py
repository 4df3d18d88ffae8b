"""Processes: children that are forked, reaped, and never left behind.

Law of this file: a child does not outlive its parent. Each holds the reading end of a pipe whose
writing end the parent alone has; when that end closes, by a stop or by the parent's death, every
child sees the end of the pipe and leaves. A child never returns into its parent's code.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NoReturn, Self, TypeVarTuple

from servers.journal import Journal, Process

Ts = TypeVarTuple("Ts")

_HEARD: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)


class Children:
    """The children of this process. Leaving a `with` block kills those that are still there.

    lifeline is the end of the pipe that a child watches: it becomes readable when it is time to go.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.lifeline, self._held = os.pipe()
        self._pids: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._pids)

    def fork(self, work: Callable[[*Ts], object], *args: *Ts) -> int:
        """Call work(*args) in a new child and return its pid; the child ends when work returns.

        It begins with the default handlers for SIGINT, SIGTERM and SIGCHLD, which wait until it
        calls hear_signals, so that none comes before its own are there. It ends with 0, with
        the code of a SystemExit, or with 1: after an OSError, which the journal is told, or after
        the traceback of another exception. Raises OSError if the system refuses (`man 2 fork`).
        """
        # A signal that comes in between waits, so that no handler of the parent runs in the child.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        try:
            pid = os.fork()
            if pid == 0:
                self._live(work, *args)
            self._pids[pid] = None
            return pid
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _live(self, work: Callable[[*Ts], object], *args: *Ts) -> NoReturn:
        code: object = 1
        try:
            signal.set_wakeup_fd(-1)
            for signum in _HEARD:
                signal.signal(signum, signal.SIG_DFL)
            self.release()
            work(*args)
            code = 0
        except SystemExit as leaving:
            code = leaving.code
        except OSError as error:  # no descriptor for a loop of its own
            self._journal.refused(Process(os.getpid()), error)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code if isinstance(code, int) else 1)

    def reap(self) -> list[tuple[int, int]]:
        """Return who has ended: its pid and exit code, or minus the signal that killed it.

        Never waits. To be called after each SIGCHLD, one of which may stand for several children.
        """
        gone = []
        for pid in list(self._pids):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._pids[pid]
                gone.append((pid, os.waitstatus_to_exitcode(status)))
        return gone

    def release(self) -> None:
        """Let go of the lifeline: whoever watches it leaves. May be called twice."""
        held, self._held = self._held, -1
        if held >= 0:
            os.close(held)

    def kill(self) -> None:
        """Kill every child that is still there; they are reaped as ever."""
        for pid in self._pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.release()
        self.kill()
        for pid in self._pids:
            os.waitpid(pid, 0)
        os.close(self.lifeline)


def hear_signals() -> None:
    """In a child: let in the signals that have waited since the fork."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)


def ending(code: int) -> str:
    """Return in words how a child ended, from what `Children.reap` tells."""
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
