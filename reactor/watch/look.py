"""Look: what an inspector says of its reactor.

Law of this file: all of it may be done in another thread, while the loop turns or is stuck, and
changes nothing. What is gone through is copied first, and looked at again where it changed in the
middle of that; so the parts of an answer may be some microseconds apart. A repr is somebody's
code: one that fails is told of, and the rest goes on.
"""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from math import isfinite
from typing import Any, Final, TypeVar

from reactor.errors import ClosedError, ForkedError, ReactorError
from reactor.loop import Reactor, Side, Sight, Timer
from reactor.poller import READ
from reactor.tasks import Roots, Scope, Task

from .explanation import Place, branches, outside, stack_of, steadily
from .now import innermost, places_of, whole
from .pulse import Pulse

ROWS: Final = 10_000
"""So many tasks, descriptors or timers are told of; left_out says how many more there are."""

LINES: Final = 100
"""So many lines of a stack are told of, the innermost."""

LETTERS: Final = 400
"""So long is a text at most."""

PATIENCE: Final = 0.25
"""So many seconds are waited for a loop that is asked to show how late it is."""

T = TypeVar("T")
Answer = dict[str, Any]
"""What can be said in JSON."""


class Look:
    """Looks at a reactor, from any thread; made in the reactor's."""

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._roots = reactor.belonging(Roots)
        self._pulse = reactor.belonging(Pulse)
        self._thread = threading.current_thread()
        self._parts: dict[str, Callable[[], Answer]] = {
            "tasks": self._tasks,
            "stack": self._stack,
            "descriptors": self._descriptors,
            "timers": self._timers,
            "lag": self._lag,
        }

    def answer(self, request: Answer) -> Answer:
        """Return what request asks for. Raises ReactorError for a part that there is not."""
        parts = request.get("parts", [])
        if not isinstance(parts, list) or not all(part in self._parts for part in map(str, parts)):
            raise ReactorError(f"parts {parts!r} are not known; ask for {', '.join(self._parts)}")
        said = self._head()
        for part in dict.fromkeys(map(str, parts)):
            said[part] = self._parts[part]()
        return said

    def _head(self) -> Answer:
        """What is always told: whose reactor this is, and its pulse."""
        sight, pulse = self._sight(), self._pulse
        awake, since, asleep = pulse.awake, pulse.since, pulse.asleep
        now = self._reactor.now()
        in_this_state = max(now - since, 0.0)
        return {
            "pid": os.getpid(),
            "program": [_cut(word) for word in islice(sys.orig_argv, 20)],
            "python": platform.python_version(),
            "poller": type(sight.poller).__name__,
            "thread": self._thread.name,
            "state": "at rest" if not sight.running else "at work" if awake else "asleep",
            "in_this_state": in_this_state,
            "turns": pulse.turns,
            "events": pulse.events,
            "asleep": asleep + (0.0 if awake else in_this_state),
            "seconds": now - pulse.began,
            "task_count": sum(isinstance(what, Task) for _, what in self._branches()),
            "ready_count": len(sight.ready),
        }

    def _sight(self) -> Sight:
        for sight in steadily(lambda: [self._reactor.sight()]):
            return sight
        raise ReactorError("it changes too fast to be looked at; ask again")

    def _branches(self) -> Iterator[tuple[int, Scope | Task[Any]]]:
        for root in list(self._roots.groups):
            yield from branches(root)

    # -- the parts

    def _tasks(self) -> Answer:
        return _table(self._branches(), _told)

    def _stack(self) -> Answer:
        """What the reactor's thread does at this moment."""
        frames = whole(frame := innermost(self._pulse.thread))
        what, _ = self._reactor.run_by(frame)
        runs = self._reactor.current or what  # who, rather than whose timer
        places = places_of(frames)
        del frame, frames  # they lead to all that stands in them
        return {"runs": None if runs is None else _said(runs), "places": _shown(places)}

    def _descriptors(self) -> Answer:
        return _table((side for side in self._sight().sides if side.fd >= 0), _described)

    def _timers(self) -> Answer:
        now = self._reactor.now()

        def due(timer: Timer) -> Answer:
            seconds = timer.when - now
            return {"seconds": seconds if isfinite(seconds) else None, "text": _said(timer)}

        return _table(iter(self._sight().timers), due)

    def _lag(self) -> Answer:
        """How long the loop takes to come to a call, in seconds; None if it does not come.

        One that does not run is not asked: calls would pile up until it does.
        """
        if not self._sight().running:
            return {"seconds": None}
        came = threading.Event()
        asked = time.monotonic()
        try:
            self._reactor.call_threadsafe(came.set)
        except (ClosedError, ForkedError, OSError):
            return {"seconds": None}
        return {"seconds": time.monotonic() - asked if came.wait(PATIENCE) else None}


def _told(branch: tuple[int, Scope | Task[Any]]) -> Answer:
    depth, what = branch
    row: Answer = {"depth": depth, "text": _said(what)}
    if isinstance(what, Task):
        row |= {"task": _cut(what.name), "stack": _shown(outside(stack_of(what)))}
    return row


def _described(side: Side) -> Answer:
    return {
        "fd": side.fd,
        "side": "reading" if side.event == READ else "writing",
        "armed": side.armed,
        "waiter": _said(side.waiter) if side.waiting else None,
    }


def _table(items: Iterator[T], row_of: Callable[[T], Answer]) -> Answer:
    rows = [row_of(item) for item in islice(items, ROWS)]
    return {"rows": rows, "left_out": sum(1 for _ in items)}


def _shown(places: list[Place]) -> list[list[object]]:
    return [[_cut(place.function), _cut(place.file), place.line] for place in places[-LINES:]]


def _said(what: object) -> str:
    try:
        return _cut(repr(what))
    except Exception as error:
        return _cut(f"<{type(what).__name__}, whose repr raises {type(error).__name__}>")


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 3]}..."
