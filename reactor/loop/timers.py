"""Timers: what is due, and how long we may sleep.

Law of this file: most timers are timeouts, which exist to be cancelled. So a new one rests in a
list until the loop has to sleep, or until one may be due, and most never see the heap. Cancelling
is no business of this file: one that is cancelled stays where it is until it is come across, when
the list moves or at the top of the heap, or until there are twice as many, and some, as were live
when that list or heap was last cleaned. Timers due at the same moment run in the order in which
they were made. An interrupt may find one in two places, but never in none; it runs once.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import inf, isnan
from operator import attrgetter
from typing import Final

from .runnable import Handle, Runnable

_FEW: Final = 100  # so many that are cancelled may rest with the new ones, in memory still warm
_MANY: Final = 1_000  # and so many in the heap, which is dearer to clean

_moment: Final = attrgetter("when")


class Timer(Handle):
    """A call that is due at a moment. Made by Reactor.call_at and call_later."""

    __slots__ = ("when",)
    when: float


class Timers:
    """All the timers of one reactor: fresh holds the new ones, append to it; heap the others.

    Nothing is due before soonest: call hasten with every moment that is not after it. When more
    than room are fresh, call tidy.
    """

    __slots__ = ("_most", "_serial", "fresh", "heap", "room", "soonest")

    def __init__(self, fresh: list[Timer]) -> None:
        self.fresh: list[Timer] = fresh
        self.heap: list[tuple[float, int, Timer]] = []
        self.soonest: float = inf
        self.room: int = _FEW
        self._serial = 0
        self._most = _MANY  # the heap is cleaned when it has more

    def hasten(self, when: float, fn: object) -> None:
        """Hear that fn is to be called sooner than anything else. Raises ValueError for NaN."""
        if isnan(when):
            raise ValueError(f"the moment to call {fn!r} at is NaN; give seconds on the clock")
        self.soonest = when

    def next_due(self) -> float:
        """Return when the earliest live timer is due; infinity if there is none."""
        if self.fresh:
            self._settle()
        heap = self.heap
        while heap and heap[0][2].args is None:
            heappop(heap)
        self.soonest = heap[0][0] if heap else inf
        return self.soonest

    def expire(self, now: float, ready: list[Runnable]) -> None:
        """Move what is due by now to ready."""
        due: list[Timer] = []
        heap = self.heap
        try:
            while heap and heap[0][0] <= now:
                due.append(heap[0][2])
                heappop(heap)
            due += [timer for timer in self.fresh if timer.when <= now]
            self.fresh[:] = [timer for timer in self.fresh if timer.when > now]
            due.sort(key=_moment)  # which leaves those of the same moment as they are
            ready += [timer for timer in due if timer.args is not None]
        except BaseException:  # an interrupt; those that are queued already will not run twice
            self.fresh[:0] = due
            raise
        self.next_due()

    def tidy(self) -> None:
        """Let go of the fresh ones that are cancelled; the others rest on."""
        self.fresh[:] = [timer for timer in self.fresh if timer.args is not None]
        self.room = _FEW + 2 * len(self.fresh)

    def clear(self) -> None:
        """Let go of every timer."""
        self.fresh.clear()
        self.heap.clear()

    def _settle(self) -> None:
        """Move the fresh timers that are still live into the heap."""
        entries: list[tuple[float, int, Timer]] = []
        for timer in self.fresh:
            if timer.args is not None:
                self._serial += 1
                entries.append((timer.when, self._serial, timer))
        if len(entries) > len(self.heap):
            self.heap = sorted(self.heap + entries)  # which is a heap; most come sorted already
        else:
            for entry in entries:
                heappush(self.heap, entry)
        self.fresh.clear()
        if len(self.heap) > self._most:
            heapify(live := [entry for entry in self.heap if entry[2].args is not None])
            self.heap = live
            self._most = _MANY + 2 * len(self.heap)
