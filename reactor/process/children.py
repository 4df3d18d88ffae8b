"""Children: the processes of one reactor.

Law of this file: each child is looked at by its own number, never "any child", so what other parts
of the program have started stays theirs. Where there are no descriptors for processes, SIGCHLD is
listened to as long as somebody lives.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import ExitStack
from subprocess import Popen
from typing import Any

from reactor.loop import Reactor, SignalWatch
from reactor.sync import CapacityLimiter

from .child import Child, has_pidfds


class Children:
    """The processes of one reactor that live; made by children_of, ended with the reactor.

    by_signal says whether the loop hears of an end by SIGCHLD. That is so where the system has no
    pidfd (Linux has, since 5.3), and may be set; it works in the main thread only. calls limits how
    many calls of in_process are under way at once: as many as there are processors, unless its
    total is set.
    """

    __slots__ = ("_living", "_reactor", "_watch", "by_signal", "calls")

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._living: dict[Child, None] = {}
        self._watch: SignalWatch | None = None
        self.by_signal: bool = not has_pidfds()
        self.calls: CapacityLimiter = CapacityLimiter(os.cpu_count() or 1)

    def start(self, make: Callable[[], Popen[Any]]) -> Child:
        """Start a process and return it. Raises as make does, and what keeps the loop from hearing
        of its end: OSError, and WrongThreadError off the main thread without pidfds.
        """
        if self.by_signal and self._watch is None:
            self._watch = self._reactor.on_signal(signal.SIGCHLD, self._look)
        try:
            child = Child(self, self._reactor, make(), pidfd=not self.by_signal)
            if not child.ended:
                self._living[child] = None
        finally:
            self._rest()
        return child

    def _look(self) -> None:
        """A child has ended, or several: signals that come together count once."""
        for child in list(self._living):
            child.look()

    def buried(self, child: Child) -> None:
        """Keep child no longer."""
        self._living.pop(child, None)
        self._rest()

    def _rest(self) -> None:
        """Listen to SIGCHLD no longer, if nobody lives."""
        if self._watch is not None and not self._living:
            self._watch.cancel()
            self._watch = None

    def close(self) -> None:
        """Kill and reap those who live: nobody is left who would."""
        with ExitStack() as stack:
            for child in self._living:
                stack.callback(child.put_to_death)

    def forked(self) -> None:
        """Have none, in a forked child: they are the parent's."""
        for child in list(self._living):
            child.forked()

    def __repr__(self) -> str:
        return f"<Children, {len(self._living)} alive>"


def children_of(reactor: Reactor) -> Children:
    """Return the processes of reactor, and their settings: `children_of(reactor).calls.total = 4`.

    Raises as Reactor.belonging does: in another thread, or when the reactor has ended.
    """
    return reactor.belonging(Children)
