"""Operations: one thing to wait for, in either kind of coroutine.

Law of this file: what `await` takes, `yield from` takes, and mypy infers the same type. A
generator function is marked to make it so; a bare `async def` call, which `yield from` refuses,
goes through wait.
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar, cast

from reactor.loop import asked_for

from .door import Operation, Steps, steps_of
from .forgotten import watched

_CO_GENERATOR: Final = 0x20
"""As `inspect` names it, which takes as long to import as all of this package."""

P = ParamSpec("P")
T = TypeVar("T")


def coroutine(fn: Callable[P, Steps[T]]) -> Callable[P, Operation[T]]:
    """Mark a generator function as a coroutine: what it returns can be awaited and yielded from.

    Nothing runs before that, and nothing at all if it is forgotten: mypy finds that
    (`unused-awaitable`), and with REACTOR_DEBUG=1 at the time of marking a RuntimeWarning says
    it. Raises TypeError for what is no generator function.
    """
    if not _yields(fn):
        raise TypeError(f"{fn!r} is no generator function; mark only functions that yield")
    if asked_for():
        return watched(fn)
    return cast("Callable[P, Operation[T]]", types.coroutine(fn))


def _yields(fn: Callable[..., object]) -> bool:
    while isinstance(fn, partial):
        fn = fn.func
    return bool(getattr(getattr(fn, "__code__", None), "co_flags", 0) & _CO_GENERATOR)


@coroutine
def wait(what: Awaitable[T]) -> Steps[T]:
    """Wait for an `async def` call, or what else can be awaited: `yield from wait(fetch())`."""
    steps: Any = what.__await__() if hasattr(what, "__await__") else steps_of(what)
    result: T = yield from steps
    return result
