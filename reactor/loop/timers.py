"""Timers: what is due, and how long we may sleep.

Law of this file: most timers are timeouts, which exist to be cancelled. So a new one rests in a
list until the turn needs the heap, and a cancelled one stays in the heap until it comes to the
top or until the cancelled outnumber the live. Cancelling is O(1), and one that is cancelled in
the turn that made it costs the heap nothing. Timers due at the same moment run in the order in
which they were made. An interrupt may find one in two places, but never in none; it runs once.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import inf

from .runnable import Handle, Runnable

_FEW = 64  # below so many cancelled ones the heap is not worth cleaning


class Timer(Handle):
    """A call that is due at a moment. Made by Reactor.call_at and call_later."""

    __slots__ = ("timers", "when")
    when: float
    timers: Timers | None  # whose heap this is in, to be told of a cancellation

    def _called_off(self) -> None:
        if self.timers is not None:
            self.timers.note_cancelled()


class Timers:
    """All the timers of one reactor: fresh holds the new ones, append to it; heap the others."""

    __slots__ = ("_cancelled", "_serial", "fresh", "heap")

    def __init__(self) -> None:
        self.fresh: list[Timer] = []
        self.heap: list[tuple[float, int, Timer]] = []
        self._serial = 0
        self._cancelled = 0

    def next_due(self) -> float:
        """Return when the earliest live timer is due; infinity if there is none."""
        if self.fresh:
            self._settle()
        heap = self.heap
        while heap and not heap[0][2].live:
            heappop(heap)
            self._cancelled -= 1
        return heap[0][0] if heap else inf

    def expire(self, now: float, ready: list[Runnable]) -> None:
        """Move what is due by now to ready."""
        while self.next_due() <= now:
            timer = self.heap[0][2]
            ready.append(timer)
            heappop(self.heap)
            timer.timers = None

    def note_cancelled(self) -> None:
        """Hear that a timer in the heap was cancelled; clean up when there are too many of them."""
        self._cancelled += 1
        if self._cancelled > _FEW and self._cancelled * 2 > len(self.heap):
            self.heap = [entry for entry in self.heap if entry[2].live]
            heapify(self.heap)
            self._cancelled = 0

    def clear(self) -> None:
        """Let go of every timer."""
        self.fresh.clear()
        self.heap.clear()

    def _settle(self) -> None:
        """Move the fresh timers that are still live into the heap."""
        entries = []
        for timer in self.fresh:
            if timer.live:
                timer.timers = self
                self._serial += 1
                entries.append((timer.when, self._serial, timer))
        if len(entries) > len(self.heap):
            self.heap = sorted(self.heap + entries)  # which is a heap; most come sorted already
        else:
            for entry in entries:
                heappush(self.heap, entry)
        self.fresh.clear()
