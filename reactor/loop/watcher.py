"""Watcher: waits on descriptors and signals.

Law of this file: either side of a descriptor has one waiter at a time, a task or a callback; a
signal has one callback. A watch is a callback that waits again each time before it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, TypeVarTuple

from reactor.poller import Mechanism, fd_of

from .scheduler import Clock, Scheduler
from .sides import Side, Sides, Watch
from .signals import Signals, SignalWatch

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

Ts = TypeVarTuple("Ts")


class Watcher(Scheduler):
    """What a reactor has been asked to watch."""

    def __init__(self, poller: Mechanism, clock: Clock, debug: bool) -> None:
        super().__init__(clock, debug)
        self._poller = poller
        self._sides = Sides(poller, self.ready)
        self._signals = Signals(self._waker, self.ready)
        self.on_readable(self._waker, self._hear)

    def _hear(self) -> None:
        """The waker rang."""
        self._waker.hush()
        self._signals.deliver()
        self._open_letters()

    def reading(self, file: FileDescriptorLike) -> Side:
        """Return the reading side of a descriptor, to wait on.

        The descriptor should be non-blocking.
        """
        self._guard.check()
        return self._sides.reading(fd_of(file))

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
        return self._watch(self.reading(file), Watch(fn, args, context))

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
        return self._watch(self.writing(file), Watch(fn, args, context))

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
