"""Scheduler: calls to come, when asked, at a moment, or each time a descriptor or signal tells.

Law of this file: each call is one Handle, which can call it off. It is ready now, or due at a
moment, or in the letter box where other threads put theirs. Either side of a descriptor has one
waiter at a time, a task or a watch: a callback that waits again each time before it is called.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, Final, TypeVarTuple

from reactor.poller import Mechanism, fd_of

from .debug import Debug
from .guard import Guard
from .runnable import Handle, Runnable, within
from .sides import Side, Sides
from .signals import Signals, SignalWatch
from .timers import Timer, Timers
from .tracer import GuardedTracer, telling
from .waker import Waker
from .watches import Watch

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

Ts = TypeVarTuple("Ts")
Clock = Callable[[], float]
"""What tells the time, in seconds from any moment on; it never goes back."""


class Scheduler:
    """What a reactor has been asked to call and to watch.

    ready is the ready queue: append a Runnable to have it run. now() reads the clock, in seconds:
    it is the function that was given, and costs no call beside. tracer is None unless one was
    given. debug is None unless it was asked for, or the reactor has ended: then it refuses even
    what is not checked otherwise.
    """

    def __init__(
        self, poller: Mechanism, clock: Clock, tracer: GuardedTracer | None, debug: bool
    ) -> None:
        self.tracer: Final = tracer
        self.ready: Final[list[Runnable]] = [] if tracer is None else telling(tracer.wake)
        self._poller = poller
        self.now: Final = clock
        self._guard = Guard(self)
        self.debug: Debug | None = Debug(clock, self._guard) if debug else None
        self._timers = Timers([] if tracer is None else telling(tracer.schedule))
        self._letters: deque[Handle] = deque()
        self._waker = Waker()
        self._sides = Sides(poller, self.ready, tracer)
        self._signals = Signals(self._waker, self.ready)
        if tracer is not None:
            tracer.begin(clock, poller)
        try:
            self.on_readable(self._waker, self._hear)
        except OSError:
            self._waker.close()
            raise

    # -- calls

    def call_soon(
        self, fn: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Handle:
        """Call fn(*args) once, in the next fourth step; first come, first run.

        context is what to run it in, the reactor's own unless given. cancel() on the handle calls
        it off.
        """
        handle = Handle()
        handle.fn = fn if context is None else within(context, fn)
        handle.args = args
        handle.note = None
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
        when = self.now() + seconds
        timers = self._timers  # from here on as call_at does, without the price of a call
        if not when >= timers.soonest:
            timers.hasten(when, fn)
        timer = Timer()
        timer.when = when
        timer.fn = fn if context is None else within(context, fn)
        timer.args = args
        timer.note = None
        if self.debug is not None:
            self.debug.scheduled(timer)
        timers.fresh.append(timer)
        return timer

    def call_at(
        self, when: float, fn: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Timer:
        """Call fn(*args) once when the clock shows when, in seconds, or more.

        Raises ValueError for NaN.
        """
        timers = self._timers
        if not when >= timers.soonest:
            timers.hasten(when, fn)
        timer = Timer()
        timer.when = when
        timer.fill(fn, args, context)
        if self.debug is not None:
            self.debug.scheduled(timer)
        timers.fresh.append(timer)
        return timer

    def call_threadsafe(
        self, fn: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> Handle:
        """Call fn(*args) soon in the reactor's thread; any thread may ask for it.

        Raises ClosedError or ForkedError when it is too late for that, OSError as the system does.
        """
        handle = Handle().fill(fn, args, context)
        if self.debug is not None:
            self.debug.note(handle)
        self._letters.append(handle)
        try:
            self._waker.ring()
        except OSError as error:
            raise (self._guard.refusal() if self._guard.ended else error) from None
        return handle

    def _hear(self) -> None:
        """The waker rang: queue what has come."""
        try:
            self._waker.hush()
            self._signals.deliver()
            while self._letters:
                self.ready.append(self._letters[0])
                self._letters.popleft()
        except BaseException:  # an interrupt: the rest is not forgotten
            self._waker.ring()
            raise

    # -- waits

    def reading(self, file: FileDescriptorLike) -> Side:
        """Return the reading side of a descriptor, to wait on.

        The descriptor should be non-blocking.
        """
        self._guard.check()
        return self._sides.reading(fd_of(file))

    def reading_anew(self, file: FileDescriptorLike) -> Side:
        """Return the reading side of a descriptor that has just come into the caller's hands.

        Whatever waited on that number before was closed behind its back, and hears so now.
        """
        self._guard.check()
        return self._sides.reading_anew(fd_of(file))

    def writing(self, file: FileDescriptorLike) -> Side:
        """Return the writing side of a descriptor, to wait on.

        The descriptor should be non-blocking.
        """
        return self.reading(file).other

    def on_readable(
        self,
        file: FileDescriptorLike,
        fn: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> Watch:
        """Call fn(*args) in each turn that finds file readable.

        Raises BusyError if that side has a waiter.
        """
        return self._watch(self.reading(file), Watch().fill(fn, args, context))

    def on_writable(
        self,
        file: FileDescriptorLike,
        fn: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> Watch:
        """Call fn(*args) in each turn that finds file writable.

        Raises BusyError if that side has a waiter.
        """
        return self._watch(self.writing(file), Watch().fill(fn, args, context))

    def _watch(self, side: Side, watch: Watch) -> Watch:
        watch.begin(side)
        if self.debug is not None:
            self.debug.note(watch)
        return watch

    def forget(self, file: FileDescriptorLike) -> None:
        """Watch a descriptor no longer: to be called before every close.

        The operating system gives the number to the next file that is opened. Tasks that wait on
        it get ClosedError, callbacks are called off, and so is what the descriptor has queued but
        not run. One that nobody watches is no error.
        """
        self._guard.check_thread()
        self._sides.forget(fd_of(file))

    def on_signal(
        self, signum: int, fn: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> SignalWatch:
        """Call fn(*args) in the turn after each signal signum, until cancel() on the watch.

        The newest watch of a signal is called; when it is cancelled, the one before it, and in
        the end the handler of before is put back. Raises WrongThreadError off the main thread,
        OSError or ValueError as signal.signal does.
        """
        self._guard.check()
        watch = SignalWatch(self._signals, signum, fn, args, context)
        self._signals.watch(watch)
        if self.debug is not None:
            self.debug.note(watch)
        return watch
