"""Started: how a task tells whoever started it that it is ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from reactor.errors import ReactorError

V = TypeVar("V")


class Started(Generic[V]):
    """Given to what TaskGroup.start starts: call it when the task is ready, with what the starter
    is to get.
    """

    __slots__ = ("_fn", "_heard", "_values")

    def __init__(self, fn: object, heard: Callable[[], object]) -> None:
        self._fn = fn
        self._heard = heard
        self._values: list[V] = []

    @overload
    def __call__(self: Started[None]) -> None: ...
    @overload
    def __call__(self, value: V) -> None: ...
    def __call__(self, value: Any = None) -> None:
        """Say that the task is ready. Raises ReactorError the second time."""
        if self._values:
            raise ReactorError(f"{self._fn!r} has called started before; a task is ready once")
        self._values.append(value)
        self._heard()

    @property
    def value(self) -> V:
        """What it was called with. Raises ReactorError if it was not."""
        if not self._values:
            raise ReactorError(
                f"{self._fn!r} ended, and never called started; call it when all is ready"
            )
        return self._values[0]

    def __repr__(self) -> str:
        return f"<Started of {self._fn!r}>"
