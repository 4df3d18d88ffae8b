"""Forks: what is done first of all in a forked child.

Law of this file: one hook, over a weak set, made when this is imported; a program that never
forks pays nothing.
"""

from __future__ import annotations

import os
from typing import Final, Protocol
from weakref import WeakSet


class Inherited(Protocol):
    """What has something to do in a child that inherits it."""

    def forked(self) -> None:
        """Let go, in the child, of what belongs to the parent."""


_inherited: Final[WeakSet[Inherited]] = WeakSet()


def tell_when_forked(what: Inherited) -> None:
    """Call what.forked() in every child that is forked from now on, as long as what lives."""
    _inherited.add(what)


def _in_child() -> None:
    for what in list(_inherited):
        what.forked()


os.register_at_fork(after_in_child=_in_child)
