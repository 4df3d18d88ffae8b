"""Forgotten: operations that nobody waits for, found under REACTOR_DEBUG=1.

Law of this file: an operation that is let go before anyone has awaited it says so, and where it
was made. Without debugging nothing of this is in the way.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

from reactor.errors import ReactorError
from reactor.loop import caller

from .door import Operation, Steps

P = ParamSpec("P")
T = TypeVar("T")


def watched(fn: Callable[P, Steps[T]]) -> Callable[P, Operation[T]]:
    """Return fn with operations that warn when they are forgotten."""

    @functools.wraps(fn)
    def make(*args: P.args, **kwargs: P.kwargs) -> Operation[T]:
        return _Watched(getattr(fn, "__qualname__", repr(fn)), fn(*args, **kwargs))

    return make


class _Watched(Generic[T]):
    """An operation that says so if nobody waits for it."""

    def __init__(self, name: str, steps: Steps[T]) -> None:
        self.__qualname__ = name
        self._steps = steps
        self._origin = caller()
        self._waited_for = False

    def __await__(self) -> Steps[T]:
        if self._waited_for:
            raise ReactorError(f"{self.__qualname__}, called at {self._origin}, was awaited before")
        self._waited_for = True
        return self._steps

    __iter__ = __await__

    def __del__(self) -> None:
        if not self._waited_for:
            text = f"{self.__qualname__}, called at {self._origin}, was never awaited; await it"
            warnings.warn(text, RuntimeWarning, stacklevel=2, source=self)
