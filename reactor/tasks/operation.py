"""Operations: one thing to wait for, in either kind of coroutine.

Law of this file: what `await` takes, `yield from` takes, and mypy infers the same type. A
generator function is marked to make it so; a bare `async def` call, which `yield from` refuses,
goes through wait.
"""

from __future__ import annotations

import functools
import inspect
import types
import warnings
from collections.abc import Awaitable, Callable
from typing import Any, Generic, ParamSpec, TypeVar, cast

from reactor.loop import asked_for, caller

from .door import Operation, Steps, steps_of

P = ParamSpec("P")
T = TypeVar("T")


def coroutine(fn: Callable[P, Steps[T]]) -> Callable[P, Operation[T]]:
    """Mark a generator function as a coroutine: what it returns can be awaited and yielded from.

    Nothing runs before that, and nothing at all if it is forgotten: mypy finds that
    (`unused-awaitable`), and with REACTOR_DEBUG=1 at the time of marking a RuntimeWarning says
    it. Raises TypeError for what is no generator function.
    """
    if not inspect.isgeneratorfunction(fn):
        raise TypeError(f"{fn!r} is no generator function; mark only functions that yield")
    if not asked_for():
        return cast("Callable[P, Operation[T]]", types.coroutine(fn))

    @functools.wraps(fn)
    def watched(*args: P.args, **kwargs: P.kwargs) -> Operation[T]:
        return _Watched(getattr(fn, "__qualname__", repr(fn)), fn(*args, **kwargs))

    return watched


class _Watched(Generic[T]):
    """An operation that says so if nobody waits for it."""

    def __init__(self, name: str, steps: Steps[T]) -> None:
        self.__qualname__ = name
        self._steps = steps
        self._origin = caller()
        self._waited_for = False

    def __await__(self) -> Steps[T]:
        self._waited_for = True
        return self._steps

    __iter__ = __await__

    def __del__(self) -> None:
        if not self._waited_for:
            text = f"{self.__qualname__}, called at {self._origin}, was never awaited; await it"
            warnings.warn(text, RuntimeWarning, stacklevel=2, source=self)


@coroutine
def wait(what: Awaitable[T]) -> Steps[T]:
    """Wait for an `async def` call, or what else can be awaited: `yield from wait(fetch())`."""
    steps: Any = what.__await__() if hasattr(what, "__await__") else steps_of(what)
    result: T = yield from steps
    return result
