"""Tracer: what the loop tells whoever watches it.

Law of this file: a reactor without a tracer pays a comparison with None, and a tracer that fails
harms nobody: it is reported once and taken off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVarTuple

from .runnable import Runnable

Ts = TypeVarTuple("Ts")


class Tracer:
    """What a reactor tells, in the order in which it happens.

    Derive from it, write the hooks you want.
    """

    def turn(self, patience: float | None) -> None:
        """A turn begins, and may sleep for patience seconds; None: until something happens."""

    def wake(self, what: Runnable) -> None:
        """What it waited for has happened: what is on the ready queue now.

        Not told of what is queued at once: by call_soon, from other threads, by a signal.
        """

    def run(self, what: Runnable) -> None:
        """It is run now."""

    def park(self, what: Runnable, door: object) -> None:
        """A task waits, on door."""

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        """A task has ended; error is what it failed with, Cancelled among others."""


class GuardedTracer:
    """A tracer that may fail: report gets its first error, and it is not told any more."""

    def __init__(self, tracer: Tracer, report: Callable[[object, Exception], object]) -> None:
        self._tracer = tracer
        self._report = report
        self._off = False

    def turn(self, patience: float | None) -> None:
        """Pass it on."""
        self._tell(self._tracer.turn, patience)

    def wake(self, what: Runnable) -> None:
        """Pass it on."""
        self._tell(self._tracer.wake, what)

    def wakes(self, several: Iterable[Runnable]) -> None:
        """Pass on wake for each."""
        for what in several:
            self.wake(what)

    def run(self, what: Runnable) -> None:
        """Pass it on."""
        self._tell(self._tracer.run, what)

    def park(self, what: Runnable, door: object) -> None:
        """Pass it on."""
        self._tell(self._tracer.park, what, door)

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        """Pass it on."""
        self._tell(self._tracer.finish, what, error)

    def _tell(self, hook: Callable[[*Ts], object], *args: *Ts) -> None:
        if self._off:
            return
        try:
            hook(*args)
        except Exception as error:
            self._off = True
            self._report(self._tracer, error)
