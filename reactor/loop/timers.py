"""Timers: what is due, and how long we may sleep.

Law of this file: most timers are timeouts, which exist to be cancelled. So a new one rests in a
list until the turn needs the heap, and a cancelled one stays in the heap until it comes to the
top or until the cancelled outnumber the live. Cancelling is O(1), and one that is cancelled in
the turn that made it costs the heap nothing. Timers due at the same moment run in the order in
which they were made.
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
    """All the timers of one reactor.

    fresh holds the new ones: append to it. Nothing in the heap is due before soonest, a moment on
    the reactor's clock; infinity when the heap is empty.
    """

    __slots__ = ("_cancelled", "_heap", "_serial", "fresh", "soonest")

    def __init__(self) -> None:
        self.fresh: list[Timer] = []
        self.soonest = inf
        self._heap: list[tuple[float, int, Timer]] = []
        self._serial = 0
        self._cancelled = 0

    def next(self) -> float:
        """Return when the earliest live timer is due; infinity if there is none."""
        if self.fresh:
            self._settle()
        heap = self._heap
        while heap and not heap[0][2].live:
            heappop(heap)
            self._cancelled -= 1
        self.soonest = heap[0][0] if heap else inf
        return self.soonest

    def expire(self, now: float, ready: list[Runnable]) -> None:
        """Move what is due by now to ready."""
        while self.next() <= now:
            timer = heappop(self._heap)[2]
            timer.timers = None
            ready.append(timer)

    def note_cancelled(self) -> None:
        """Hear that a timer in the heap was cancelled; clean up when there are too many of them."""
        self._cancelled += 1
        if self._cancelled > _FEW and self._cancelled * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].live]
            heapify(self._heap)
            self._cancelled = 0

    def clear(self) -> None:
        """Let go of every timer."""
        self.fresh.clear()
        self._heap.clear()

    def _settle(self) -> None:
        """Move the fresh timers that are still live into the heap."""
        fresh, self.fresh = self.fresh, []
        heap = self._heap
        bulk = len(fresh) > len(heap)
        for timer in fresh:
            if timer.live:
                timer.timers = self
                self._serial += 1
                entry = (timer.when, self._serial, timer)
                heap.append(entry) if bulk else heappush(heap, entry)
        if bulk:
            heap.sort()  # a sorted list is a heap, and timers mostly come sorted already
