"""Limits: scopes that end by themselves, for `with`.

Law of this file: timeout raises TimeoutError where it ends, move_on goes on behind it; `_at` takes
a moment on the reactor's clock where `_after`, or no word, takes a span. Both in seconds.
"""

from __future__ import annotations

from .scope import Scope


def timeout(seconds: float) -> Scope:
    """`with timeout(5):` cancels what is inside after so many seconds, and raises TimeoutError."""
    return Scope(seconds, raises=True)


def timeout_at(when: float) -> Scope:
    """Cancel what is inside when the clock shows when, and raise TimeoutError."""
    scope = Scope(raises=True)
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
