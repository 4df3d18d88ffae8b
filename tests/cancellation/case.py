"""Case: a program round one operation, which may be cancelled at any moment of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

from tests.cancellation.trial import Trial

Program: TypeAlias = Callable[[Trial], Coroutine[Any, Any, None]]
"""Begins the operation, has happen what it waits for, waits for its end, and checks what holds."""


class Case(NamedTuple):
    """A program that tries operations.

    parks is how often they park at least when nobody cancels them, and linger how many seconds
    they may take to end once they are cancelled. One in real_time takes threads, processes or the
    network, which a World knows nothing of.
    """

    operations: tuple[str, ...]
    program: Program
    parks: int
    linger: float
    real_time: bool

    @property
    def name(self) -> str:
        """What the case is shown as."""
        return f"{self.operations[0]}-{getattr(self.program, '__name__', 'case')}"


def case(
    *operations: str, parks: int = 1, linger: float = 0.0, real_time: bool = False
) -> Callable[[Program], Case]:
    """Make a case of the function that this stands over."""

    def made(program: Program) -> Case:
        return Case(operations, program, parks, linger, real_time)

    return made


def cases_of(*modules: ModuleType) -> list[Case]:
    """Return the cases that stand in modules."""
    found: list[Case] = []
    for one in (one for module in modules for one in vars(module).values()):
        if isinstance(one, Case):
            found.append(one)
        elif isinstance(one, list):
            found += one
    return found
