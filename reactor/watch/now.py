"""Now: what a loop runs at this moment, seen from another thread.

Law of this file: the loop does nothing for it. Its thread's stack says it all: the frame of the
fourth step knows what it runs, and the frames below it are where that stands.
"""

from __future__ import annotations

import os
import sys
from types import FrameType
from typing import Final, NamedTuple

from reactor.loop import Reactor, Runnable

from .explanation import Place

_PACKAGE: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
_RUN: Final = Reactor._run.__code__  # noqa: SLF001 - the step has no other name


class Running(NamedTuple):
    """What a loop runs, and where that stands: the places from its own function inwards, but for
    those in this package; all of them, if all are there.
    """

    what: Runnable
    stack: tuple[Place, ...]


def running_now(reactor: Reactor, thread: int) -> Running | None:
    """Return what reactor runs in thread, one of threading.get_ident; None if it runs nothing, or
    not there.
    """
    frame: FrameType | None = sys._current_frames().get(thread)  # noqa: SLF001 - documented
    below: list[Place] = []
    while frame is not None:
        if frame.f_code is _RUN and frame.f_locals.get("self") is reactor:
            what: Runnable | None = frame.f_locals.get("what")
            return None if what is None else Running(what, _outside(below[::-1]))
        code = frame.f_code
        below.append(Place(code.co_qualname, code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return None


def _outside(places: list[Place]) -> tuple[Place, ...]:
    outside = tuple(place for place in places if not place.file.startswith(_PACKAGE))
    return outside or tuple(places)
