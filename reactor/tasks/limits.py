"""Limits: scopes that end by themselves, for `with`.

Law of this file: timeout raises TimeoutError where it ends, move_on goes on behind it; `_at` takes
a moment on the reactor's clock where `_after`, or no word, takes a span. Both in seconds.
"""

from __future__ import annotations

from math import inf
from typing import Literal

from .current import current_task
from .scope import Scope


class Timeout(Scope):
    """A scope that raises TimeoutError when it was cancelled; made by timeout and timeout_at.

    So what is behind it is reached only if what is inside was done, and mypy knows.
    """

    __slots__ = ()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> Literal[False]:
        if super().__exit__(kind, error, trace):
            raise self._error(current_task().reactor.now() >= self.deadline) from error
        return False

    def _error(self, late: bool) -> TimeoutError:
        if self.seconds == inf:
            what = "not done by" if late else "cancelled before"
            return TimeoutError(f"{what} {self.deadline:g} s on the reactor's clock")
        what = "not done within" if late else "cancelled before the end of its"
        return TimeoutError(f"{what} {self.seconds:g} seconds")


def timeout(seconds: float) -> Timeout:
    """`with timeout(5):` cancels what is inside after so many seconds, and raises TimeoutError."""
    return Timeout(seconds)


def timeout_at(when: float) -> Timeout:
    """Cancel what is inside when the clock shows when, and raise TimeoutError."""
    scope = Timeout()
    scope.deadline = when
    return scope


def move_on_after(seconds: float, *, shield: bool = False) -> Scope:
    """Cancel what is inside when seconds have passed, and go on behind it; cancelled_caught
    tells.
    """
    return Scope(seconds, shield=shield)


def move_on_at(when: float, *, shield: bool = False) -> Scope:
    """Cancel what is inside when the clock shows when, and go on behind it; cancelled_caught
    tells.
    """
    scope = Scope(shield=shield)
    scope.deadline = when
    return scope
