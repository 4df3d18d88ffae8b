"""Debug: what a reactor looks at only when it is asked to.

Law of this file: debugging changes what is said, never what is done.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Final

from .asked import is_on
from .guard import Guard
from .logs import log
from .note import Note
from .runnable import Handle, Runnable

_PACKAGE: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


def asked_for() -> bool:
    """Tell whether the environment asks for debugging, by REACTOR_DEBUG=1."""
    return is_on("REACTOR_DEBUG")


def caller() -> str:
    """Return the line, as file:number, that called into this package."""
    frame = sys._getframe()  # noqa: SLF001 - the documented way to the caller's frame
    while frame.f_code.co_filename.startswith(_PACKAGE) and frame.f_back is not None:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


class Debug:
    """Remembers where callbacks were scheduled, reports what runs for over slow seconds, and looks
    at the thread where that is not done always.
    """

    def __init__(self, clock: Callable[[], float], guard: Guard, slow: float = 0.1) -> None:
        self._clock = clock
        self._guard = guard
        self.check: Callable[[], None] = guard.check
        self.check_thread: Callable[[], None] = guard.check_thread
        self.slow: float = slow

    def scheduled(self, handle: Handle) -> None:
        """Refuse handle as Guard.check does, or note it."""
        self.check()
        self.note(handle)

    def note(self, handle: Handle) -> None:
        """Note on handle which line has scheduled it, and whose thread may call it off."""
        handle.note = Note(caller(), self.check_thread)

    def run(self, what: Runnable) -> None:
        """Run what, and report it if it was slow."""
        began = self._clock()
        try:
            what.run()
        finally:
            seconds = self._clock() - began
            if seconds > self.slow:
                log().warning("%r held the loop for %.3f seconds", what, seconds)


def log_error(what: object, error: Exception) -> None:
    """Log that what failed with error: a reactor's on_error, unless another is given."""
    log().error("%r failed", what, exc_info=error)
