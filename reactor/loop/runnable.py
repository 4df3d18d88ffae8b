"""Runnable: the one kind of thing that the ready queue holds.

Law of this file: whatever is ready has a run(), and the loop knows nothing else about it. A
callback's handle, a due timer, a watch and a task are Runnables; a task puts itself on the queue,
with no handle in between.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import Context
from typing import Self

from .note import Note


class Runnable:
    """What can be queued: derive from it and write run()."""

    __slots__ = ("__weakref__",)  # whoever looks keeps a number for it, and not it itself

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
    """A call to come: fn(*args). Made by Reactor.call_soon and its kin.

    args is None when it has been made or called off. note is there if debug or a tracer looks.
    """

    # There is no __init__: whoever makes one fills it in, on the spot where every call counts. That
    # takes half the time, until Python 3.13.
    __slots__ = ("args", "fn", "note")
    args: tuple[object, ...] | None
    fn: Callable[..., object]
    note: Note | None

    def fill(
        self, fn: Callable[..., object], args: tuple[object, ...], context: Context | None
    ) -> Self:
        """Have it call fn(*args), in context unless that is None; return it."""
        self.fn = fn if context is None else within(context, fn)
        self.args = args
        self.note = None
        return self

    def run(self) -> None:
        """Make the call, unless it was called off."""
        args = self.args
        if args is not None:
            self.args = None
            self.fn(*args)

    def cancel(self) -> bool:
        """Call it off.

        Returns whether that was in time; what it would have called is let go at once. Under debug
        it raises WrongThreadError in another thread.
        """
        if self.note is not None:
            self.note.check()
        if self.args is None:
            return False
        self.args = None
        if self.note is not None:
            self.note.tell(self)
        self.fn = _nothing
        return True

    @property
    def live(self) -> bool:
        """Whether it may still be made."""
        return self.args is not None

    @property
    def origin(self) -> str | None:
        """The line that asked for it, as file:number; known under debug."""
        return None if self.note is None else self.note.line

    def lose(self, side: object, error: Exception) -> None:
        """Call it off: a callback has nobody to tell."""
        self.cancel()

    def __repr__(self) -> str:
        what = "cancelled" if self.fn is _nothing else describe(self.fn)
        scheduled = "" if self.origin is None else f", scheduled at {self.origin}"
        return f"<{type(self).__name__} {what}{scheduled}>"


def within(context: Context, fn: Callable[..., object]) -> Callable[..., object]:
    """Return what calls fn in context."""
    return functools.partial(context.run, fn)


def _nothing() -> None:
    """Stand where the function of a cancelled handle stood."""


def unwrapped(fn: Callable[..., object]) -> Callable[..., object]:
    """Return what is called in the end: fn without partials, and without the context it runs in."""
    while isinstance(fn, functools.partial):
        in_context = fn.args and isinstance(getattr(fn.func, "__self__", None), Context)
        fn = fn.args[0] if in_context else fn.func
    return fn


def describe(fn: Callable[..., object]) -> str:
    """Return the name of fn and where it is written, `serve (app.py:12)`; or whose method it is, if
    that is a Runnable: a timer that runs a task.
    """
    fn = unwrapped(fn)
    if isinstance(owner := getattr(fn, "__self__", None), Runnable):
        return repr(owner)
    name = getattr(fn, "__qualname__", None) or repr(fn)
    code = getattr(fn, "__code__", None)
    return name if code is None else f"{name} ({code.co_filename}:{code.co_firstlineno})"
