"""Tracer: what the loop tells whoever watches it.

Law of this file: a reactor without a tracer pays next to nothing, since what would be told is told
by lists and parts that only a watched reactor has. A tracer that fails harms nobody: it is reported
once and taken off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Self, TypeVar, TypeVarTuple

from reactor.poller import Mechanism

from .note import Note
from .runnable import Runnable
from .timers import Timer

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Enough(Exception):  # noqa: N818 - to have enough is no fault
    """A hook raises it when it wants to hear no more of this reactor; nobody is told."""


class Tracer:
    """What a reactor tells, in the order in which it happens.

    Derive from it, write the hooks you want: those that are not written cost next to nothing. A
    descriptor is a number, and an event READ or WRITE. A hook that raises Enough is the last that
    is called.
    """

    # -- the reactor

    def begin(self, clock: Callable[[], float], poller: Mechanism) -> None:
        """A reactor takes this tracer, first of all; clock tells its time in seconds."""

    def end(self) -> None:
        """The reactor is closed; nothing is told of it any more."""

    # -- a turn

    def turn(self, patience: float | None) -> None:
        """A turn begins, and may sleep for patience seconds; None: until something happens.

        It is 0 if something is ready, and else ends with the timer that is due next.
        """

    def poll(self, events: Sequence[tuple[int, int]]) -> None:
        """The poller has returned: these descriptors are ready, in a mask of its own each."""

    def wake(self, what: Runnable) -> None:
        """It is on the ready queue now: what it waited for has happened, or it does not wait."""

    def run(self, what: Runnable) -> None:
        """It is run now. That ends when the next begins, or the next turn."""

    def error(self, what: Runnable, error: Exception) -> None:
        """It was run, and let error out; on_error hears of that next."""

    # -- timers

    def schedule(self, timer: Timer) -> None:
        """A timer was made, due at its when."""

    def cancel(self, timer: Timer) -> None:
        """It is called off: told right before, while it still knows what it would have called."""

    # -- descriptors

    def watch(self, fd: int, event: int, who: Runnable | None) -> None:
        """That the descriptor is ready for event is told to who from now on; None: to nobody."""

    def disarm(self, fd: int, event: int) -> None:
        """The poller is not asked for event any more."""

    def forget(self, fd: int) -> None:
        """The descriptor is not watched any more, and its number free for another."""

    # -- tasks

    def spawn(self, what: Runnable) -> None:
        """A task sets out; it is told before its first wake."""

    def throw(self, what: Runnable, error: BaseException) -> None:
        """A task will find error where it waits, when it runs next: Cancelled, for instance."""

    def park(self, what: Runnable, door: object) -> None:
        """A task waits, on door. Doors that queue it on the spot have told its wake before."""

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        """A task has ended; error is what it failed with, Cancelled among others."""


class GuardedTracer:
    """A tracer that may fail: report gets its first error, and it is not told any more.

    It has the hooks of a tracer, each as a function; one that nobody has written is `unheard`.
    """

    def __init__(self, tracer: Tracer, report: Callable[[object, Exception], object]) -> None:
        self._tracer = tracer
        self._report = report
        self._off = False
        guarded = self._guarded
        self.begin: Final = guarded(tracer.begin)
        self.end: Final = guarded(tracer.end)
        self.turn: Final = guarded(tracer.turn)
        self.poll: Final = guarded(tracer.poll)
        self.wake: Final = guarded(tracer.wake)
        self.run: Final = guarded(tracer.run)
        self.error: Final = guarded(tracer.error)
        self._made: Final = guarded(tracer.schedule)
        self.cancel: Final = guarded(tracer.cancel)
        hears_of_timers = self._made is not unheard or self.cancel is not unheard
        self.schedule: Final = self._schedule if hears_of_timers else unheard
        self.watch: Final = guarded(tracer.watch)
        self.disarm: Final = guarded(tracer.disarm)
        self.forget: Final = guarded(tracer.forget)
        self.spawn: Final = guarded(tracer.spawn)
        self.throw: Final = guarded(tracer.throw)
        self.park: Final = guarded(tracer.park)
        self.finish: Final = guarded(tracer.finish)

    def _schedule(self, timer: Timer) -> None:
        """Pass it on, and have the timer tell when it is called off."""
        if timer.note is None:
            timer.note = Note()
        timer.note.tell = self.cancel
        self._made(timer)

    def _guarded(self, hook: Callable[[*Ts], object]) -> Callable[[*Ts], None]:
        if getattr(hook, "__func__", None) in _UNWRITTEN:
            return unheard

        def tell(*args: *Ts) -> None:
            if not self._off:
                try:
                    hook(*args)
                except Enough:
                    self._off = True
                except Exception as error:
                    self._off = True
                    self._report(self._tracer, error)

        return tell


_UNWRITTEN: Final = frozenset(each for each in vars(Tracer).values() if callable(each))


def unheard(*args: object) -> None:
    """Tell nobody."""


def telling(tell: Callable[[T], None]) -> list[T]:
    """Return a list that tells of what is put at its end, unless nobody hears it."""
    return [] if tell is unheard else Telling(tell)


class Telling(list[T]):
    """A list that tells of each thing that is put at its end."""

    __slots__ = ("_tell",)

    def __init__(self, tell: Callable[[T], object]) -> None:
        super().__init__()
        self._tell = tell

    def append(self, what: T) -> None:
        """Put what at the end."""
        super().append(what)
        self._tell(what)

    # The types of list disagree with themselves here: of + it takes lists only.
    def __iadd__(self, several: Iterable[T], /) -> Self:  # type: ignore[misc, override]
        before = len(self)
        self.extend(several)  # at once, so that an interrupt finds all of them or none
        for what in self[before:]:
            self._tell(what)
        return self
