"""Scheduler: calls to come.

Law of this file: a call is ready now, or due at a moment, or in the letter box where other
threads put theirs. Each is one Handle, which can call it off.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextvars import Context
from math import isnan
from typing import Final, TypeVarTuple

from .debug import Debug
from .guard import Guard
from .runnable import Handle, Runnable
from .timers import Timer, Timers
from .waker import Waker

Ts = TypeVarTuple("Ts")
Clock = Callable[[], float]


class Scheduler:
    """What a reactor has been asked to call.

    ready is the ready queue: append a Runnable to have it run. debug is None unless it was asked
    for, or the reactor has ended: then it refuses even what is not checked otherwise.
    """

    def __init__(self, clock: Clock, debug: bool) -> None:
        self.ready: Final[list[Runnable]] = []
        self._clock = clock
        self._guard = Guard(self)
        self.debug = Debug(clock, self._guard) if debug else None
        self._timers = Timers()
        self._letters: deque[Handle] = deque()
        self._waker = Waker()

    def now(self) -> float:
        """Read the clock, in seconds."""
        return self._clock()

    def call_soon(
        self, fn: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Handle:
        """Call fn(*args) once, in the next fourth step; first come, first run.

        context is what to run it in, the reactor's own unless given. cancel() on the handle calls
        it off.
        """
        handle = Handle(fn, args, context)
        if self.debug is not None:
            self.debug.scheduled(handle)
        self.ready.append(handle)
        return handle

    def call_later(
        self,
        seconds: float,
        fn: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> Timer:
        """Call fn(*args) once when seconds have passed, not before. Raises ValueError for NaN."""
        return self.call_at(self._clock() + seconds, fn, *args, context=context)

    def call_at(
        self, when: float, fn: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Timer:
        """Call fn(*args) once when the clock shows when, in seconds, or more.

        Raises ValueError for NaN.
        """
        if isnan(when):
            raise ValueError(f"the moment to call {fn!r} at is NaN; give seconds on the clock")
        timer = Timer(fn, args, context)
        timer.when, timer.timers = when, None
        if self.debug is not None:
            self.debug.scheduled(timer)
        self._timers.fresh.append(timer)
        return timer

    def call_threadsafe(
        self, fn: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Handle:
        """Call fn(*args) soon in the reactor's thread; any thread may ask for it.

        Raises ClosedError or ForkedError when it is too late for that, OSError as the system does.
        """
        handle = Handle(fn, args, context)
        if self.debug is not None:
            self.debug.note(handle)
        self._letters.append(handle)
        try:
            self._waker.ring()
        except OSError as error:
            raise self._guard.refusal() or error from None
        return handle

    def _open_letters(self) -> None:
        while self._letters:
            self.ready.append(self._letters.popleft())
