"""Asked: what the environment wants done to each reactor of a program, though the program says
nothing of it.

Law of this file: what is asked for stands on a floor above, so it is found by its name, when it is
asked for and not before. Who does not ask loads nothing and pays nothing.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from typing import Any, Final

from reactor.errors import ReactorError

from .tracer import Tracer

INSPECTOR: Final = "reactor.watch:Inspector"
WATCHDOG: Final = "reactor.watch:watchdog_asked_for"


def is_on(variable: str) -> bool:
    """Tell whether a variable of the environment asks for something: it is neither empty nor 0."""
    return os.environ.get(variable, "") not in ("", "0")


def tracer_asked_for() -> Tracer | None:
    """Return a tracer as REACTOR_TRACER=MODULE:NAME asks for it, of what name() in that module
    makes; None if there is no such variable.

    Raises ReactorError if nothing has that name.
    """
    name = os.environ.get("REACTOR_TRACER", "")
    tracer: Tracer | None = named(name, "REACTOR_TRACER")() if name else None
    return tracer


def guests(inspect: bool | None) -> Iterator[Any]:
    """Yield what makes those who are to look into a reactor: an inspector if inspect or, where that
    is None, REACTOR_INSPECT says so; and a watchdog if there is REACTOR_WATCHDOG. Nobody looks into
    one where inspect is False.

    Raises ReactorError if they are not there.
    """
    if inspect is False:
        return
    if inspect or is_on("REACTOR_INSPECT"):
        yield named(INSPECTOR, "inspect")
    if is_on("REACTOR_WATCHDOG"):
        yield named(WATCHDOG, "REACTOR_WATCHDOG")


def named(name: str, wanted_by: str) -> Any:
    """Return what MODULE:NAME stands for. Raises ReactorError if nothing does."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ReactorError(
            f"{wanted_by} asks for {name!r}, which is not there: {error}; write MODULE:NAME"
        ) from error
