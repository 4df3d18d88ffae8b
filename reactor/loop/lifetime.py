"""Lifetime: in which thread a reactor runs, and how it ends.

Law of this file: a thread runs one reactor at a time. One that is closed gives back what it holds;
one that finds itself in a forked child lets go of what is the parent's, unregistering nothing. It
refuses from then on, either way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from operator import attrgetter
from types import FrameType
from typing import Any, Final, Protocol, Self, TypeVar

from reactor.errors import BusyError
from reactor.poller import Mechanism

from .asked import guests
from .debug import Debug
from .forks import tell_when_forked
from .runnable import Runnable
from .scheduler import Clock, Scheduler
from .sight import Sight
from .tracer import GuardedTracer

_moment: Final = attrgetter("when")


class Belonging(Protocol):
    """What a floor above keeps with a reactor, one of its kind: a pool of threads, for instance."""

    def close(self) -> None:
        """Give back what is held: the reactor is being closed."""

    def forked(self) -> None:
        """Let go, in a forked child, of what is the parent's."""


B = TypeVar("B", bound=Belonging)
Wait = Callable[[float | None], list[tuple[int, int]]]
"""What a turn sleeps in: the wait of a poller, which takes a patience in seconds, or something
round it.
"""


class Lifetime(Scheduler):
    """What a reactor does before its first turn and after its last."""

    def __init__(
        self, poller: Mechanism, clock: Clock, tracer: GuardedTracer | None, debug: bool
    ) -> None:
        super().__init__(poller, clock, tracer, debug)
        self.current: Runnable | None = None
        self._sleep: Wait = poller.wait
        self._batch: list[Runnable] = []
        self._running = self._stopping = False
        self._belongings: dict[Callable[..., Any], Any] = {}
        tell_when_forked(self)

    def _enter(self) -> None:
        self._guard.check()
        if here.reactor is not None:
            raise BusyError(f"{here.reactor!r} runs in this thread already; let it stop first")
        here.reactor = self
        self._running = True

    def _leave(self) -> None:
        here.reactor = None
        self._running = False

    @contextmanager
    def standing_in(self, what: Runnable) -> Generator[None]:
        """While inside, this reactor runs in this thread, and runs what: for what has to be done
        when the loop has ended.
        """
        outer = here.reactor, self.current
        here.reactor, self.current = self, what
        try:
            yield
        finally:
            here.reactor, self.current = outer

    def _end_child(self) -> None:
        """Raise ForkedError if a callback has forked, and this is the child."""
        if self._guard.forked:
            self._guard.check()

    def belonging(self, make: Callable[[Self], B]) -> B:
        """Return what make(reactor) made when this reactor was first asked for it.

        It is closed with the reactor, what was made last first. Raises as forget does, and
        ClosedError or ForkedError when it is too late to make one.
        """
        self._guard.check()
        if make not in self._belongings:
            self._belongings[make] = make(self)
        made: B = self._belongings[make]
        return made

    def around_wait(self, wrap: Callable[[Wait], Wait]) -> None:
        """Sleep in wrap(wait) instead of in wait, from the next turn on.

        It is called once a turn, in the reactor's thread, with the patience, and returns what wait
        returns. So it knows when the loop sleeps, and that it works meanwhile. Raises as forget
        does, and ClosedError or ForkedError.
        """
        self._guard.check()
        self._sleep = wrap(self._sleep)

    def _let_in(self, inspect: bool | None) -> None:
        try:
            for guest in guests(inspect):
                self.belonging(guest)
        except BaseException:
            self.close()
            raise

    # -- for whoever looks from another thread

    def sight(self) -> Sight:
        """Return a copy of what this holds; any thread may ask, at any time.

        Each part is copied at one stroke, one part after the other. Raises RuntimeError if one
        changed in the middle of that stroke, which is rare: ask again.
        """
        timers = [*self._timers.fresh, *(entry[2] for entry in list(self._timers.heap))]
        live = sorted((timer for timer in timers if timer.live), key=_moment)
        return Sight(self._poller, self._running, list(self.ready), self._sides.all(), live)

    def run_by(self, frame: FrameType | None) -> tuple[Runnable | None, list[FrameType]]:
        """Return what this runs at the moment, and the frames in which that stands, outermost
        first, given the innermost frame of its thread, as sys._current_frames has it. None if it
        runs nothing.
        """
        inside: list[FrameType] = []
        while frame is not None:
            if frame.f_code.co_name == "_run" and frame.f_locals.get("self") is self:
                return frame.f_locals.get("what"), inside[::-1]
            inside.append(frame)
            frame = frame.f_back
        return None, []

    # -- the end

    def close(self) -> None:
        """Give back the poller, the signals and the waker; what has not run will not. It may be
        called twice.

        Files that are watched stay open. Raises BusyError while it runs: stop it first.
        """
        guard = self._guard
        if guard.ended:
            return
        guard.check_thread()
        if self._running:
            raise BusyError(f"{self!r} cannot be closed while it runs; call stop() first")
        guard.closed = True
        with ExitStack() as stack:  # all of it is done, whatever one of them raises
            stack.callback(self._let_go)
            stack.callback(self._signals.close)
            if self.tracer is not None:
                stack.callback(self.tracer.end)
            for kept in self._belongings.values():
                stack.callback(kept.close)

    def forked(self) -> None:
        """In a forked child: let go of what is the parent's, unregistering nothing, and refuse
        from now on.
        """
        if not self._guard.closed:
            self._guard.forked = self._stopping = True
            self._leave()
            self._signals.forked()
            self._let_go()
            for kept in self._belongings.values():
                kept.forked()
            self._batch.clear()  # a child that returns from its callback must not run the parent's

    def _let_go(self) -> None:
        self.debug: Debug | None = Debug(self.now, self._guard)
        self._sides.close()
        self._poller.close()
        self._waker.close()
        self.ready.clear()
        self._letters.clear()
        self._timers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._guard.closed else "running" if self._running else "at rest"
        return f"<Reactor over {type(self._poller).__name__}, {state}>"


class _Here(threading.local):
    """What differs from thread to thread."""

    reactor: Any = None  # the Reactor that runs, one file further up


here: Final = _Here()
