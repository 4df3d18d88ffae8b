"""Now: what a loop runs at this moment, seen from another thread.

Law of this file: the loop does nothing for it. Its thread's stack says it all: the frame of the
fourth step knows what it runs, and the frames below it are where that stands.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FrameType
from typing import NamedTuple

from reactor.loop import Reactor, Runnable

from .explanation import Place, outside, place_of


class Running(NamedTuple):
    """What a loop runs, and where that stands: the places from its own function inwards, but for
    those in this package; the last, if all are there.
    """

    what: Runnable
    stack: tuple[Place, ...]


def running_now(reactor: Reactor, thread: int) -> Running | None:
    """Return what reactor runs in thread, one of threading.get_ident; None if it runs nothing, or
    not there.
    """
    what, frames = reactor.run_by(innermost(thread))
    return None if what is None else Running(what, tuple(places_of(frames)))


def innermost(thread: int) -> FrameType | None:
    """Return the frame in which a thread is; None if there is no such thread."""
    return sys._current_frames().get(thread)  # noqa: SLF001 - documented


def whole(frame: FrameType | None) -> list[FrameType]:
    """Return frame and all round it, outermost first."""
    frames: list[FrameType] = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames[::-1]


def places_of(frames: Sequence[FrameType]) -> list[Place]:
    """Return where frames stand, but for those in this package; the last, if all are there."""
    return outside([place_of(frame) for frame in frames])
