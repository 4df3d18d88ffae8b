"""Runnable: the one kind of thing that the ready queue holds.

Law of this file: whatever is ready has a run(), and the loop knows nothing else about it. A
callback's handle, a due timer, a watch and a task are Runnables; a task puts itself on the queue,
with no handle in between.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import Context

from .guard import Guard


class Runnable:
    """What can be queued: derive from it and write run()."""

    __slots__ = ()

    def run(self) -> None:
        """Do what is to be done now.

        An Exception that comes out goes to the reactor's on_error.
        """
        raise NotImplementedError(f"{self!r} is queued, but has no run(); write one")

    def lose(self, side: object, error: Exception) -> None:
        """Hear that side, which this waited on, is gone: error says why.

        It comes while this is parked on side, or queued by it, or any time later, when it is to
        be ignored. run() follows in the first two cases, so whoever has nobody to tell makes sure
        that it does nothing then. An Exception that comes out goes to the reactor's on_error.
        """
        raise NotImplementedError(f"{self!r} waits on {side!r}, but has no lose(); write one")


class Failure(Runnable):
    """An error on its way to on_error from a place where no user code may run.

    what is the name of what failed.
    """

    __slots__ = ("_error", "_what")

    def __init__(self, what: str, error: Exception) -> None:
        self._what = what
        self._error = error

    def run(self) -> None:
        """Raise it."""
        raise self._error

    def __repr__(self) -> str:
        return self._what


class Handle(Runnable):
    """A call to come. Made by Reactor.call_soon and its kin.

    live says that it may still be made. Under debug, origin is the line that asked for it, and
    guard looks at the thread that cancels it.
    """

    __slots__ = ("_args", "_context", "_fn", "guard", "live", "origin")

    def __init__(
        self, fn: Callable[..., object], args: tuple[object, ...], context: Context | None
    ) -> None:
        self._fn = fn
        self._args = args
        self._context = context
        self.live = True
        self.origin: str | None = None
        self.guard: Guard | None = None

    def run(self) -> None:
        """Make the call, unless it was called off."""
        if self.live:
            self.live = False
            if self._context is None:  # as call does, without its price
                self._fn(*self._args)
            else:
                self._context.run(self._fn, *self._args)

    def call(self) -> None:
        """Make the call, whatever was before."""
        if self._context is None:
            self._fn(*self._args)
        else:
            self._context.run(self._fn, *self._args)

    def cancel(self) -> bool:
        """Call it off.

        Returns whether that was in time; what it would have called is let go at once. Under debug
        it raises WrongThreadError in another thread.
        """
        if self.guard is not None:
            self.guard.check_thread()
        if not self.live:
            return False
        self.live = False
        self._fn, self._args = _nothing, ()
        self._called_off()
        return True

    def _called_off(self) -> None:
        """Hear that it was called off in time."""

    def lose(self, side: object, error: Exception) -> None:
        """Call it off: a callback has nobody to tell."""
        self.cancel()

    def __repr__(self) -> str:
        what = "cancelled" if self._fn is _nothing else describe(self._fn)
        scheduled = "" if self.origin is None else f", scheduled at {self.origin}"
        return f"<{type(self).__name__} {what}{scheduled}>"


def _nothing() -> None:
    """Stand where the function of a cancelled handle stood."""


def describe(fn: Callable[..., object]) -> str:
    """Return the name of fn and where it is written, `serve (app.py:12)`; or whose method it is, if
    that is a Runnable: a timer that runs a task.
    """
    while isinstance(fn, functools.partial):
        fn = fn.func
    if isinstance(owner := getattr(fn, "__self__", None), Runnable):
        return repr(owner)
    name = getattr(fn, "__qualname__", None) or repr(fn)
    code = getattr(fn, "__code__", None)
    return name if code is None else f"{name} ({code.co_filename}:{code.co_firstlineno})"
