"""What a timeout costs that is cancelled: comparisons of moments, counted, in three designs.

python3 -m docs.book.programs.timeouts_counted
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random

from reactor.testing import World

TIMEOUTS = 300

compared = [0]


class Moment(float):
    """A moment that counts how often it is compared."""

    def __lt__(self, other: float) -> bool:
        compared[0] += 1
        return float(self) < float(other)

    def __ge__(self, other: float) -> bool:
        compared[0] += 1
        return float(self) >= float(other)

    def __eq__(self, other: object) -> bool:
        compared[0] += 1
        return float(self) == other

    __hash__ = float.__hash__


def removed_at_once(moments: list[Moment], order: list[int]) -> None:
    """Keep a heap of live timers only: whoever cancels has to find his, and mend the heap."""
    heap: list[tuple[Moment, int]] = []
    for number, moment in enumerate(moments):
        heapq.heappush(heap, (moment, number))
    for number in order:
        heap.remove((moments[number], number))
        heapq.heapify(heap)


class Placed:
    """A heap whose timers know their place in it, so that nobody has to look for one."""

    def __init__(self, moments: list[Moment]) -> None:
        self._moments = moments
        self._heap: list[int] = []  # numbers of timers
        self._places: dict[int, int] = {}

    def push(self, number: int) -> None:
        self._heap.append(number)
        self._rise(len(self._heap) - 1)

    def remove(self, number: int) -> None:
        place, last = self._places[number], self._heap.pop()
        if last != number:
            self._heap[place] = last
            self._sink(self._rise(place))

    def _rise(self, place: int) -> int:
        """Let who stands at place rise as far as it goes; return where it ends."""
        while place and self._swap_if_sooner(place, (place - 1) // 2):
            place = (place - 1) // 2
        self._places[self._heap[place]] = place
        return place

    def _sink(self, place: int) -> None:
        while (below := 2 * place + 1) < len(self._heap):
            if below + 1 < len(self._heap) and self._is_sooner(below + 1, below):
                below += 1
            if not self._swap_if_sooner(below, place):
                return
            place = below

    def _is_sooner(self, place: int, other: int) -> bool:
        return self._moments[self._heap[place]] < self._moments[self._heap[other]]

    def _swap_if_sooner(self, place: int, above: int) -> bool:
        if sooner := self._is_sooner(place, above):
            heap = self._heap
            heap[place], heap[above] = heap[above], heap[place]
            self._places[heap[place]], self._places[heap[above]] = place, above
        return sooner


def removed_by_its_place(moments: list[Moment], order: list[int]) -> None:
    """The same, in a heap that knows where each stands: this is how C libraries do it."""
    heap = Placed(moments)
    for number in range(len(moments)):
        heap.push(number)
    for number in order:
        heap.remove(number)


def left_in_the_heap(moments: list[Moment], order: list[int]) -> None:
    """Keep the cancelled ones in the heap, marked, until they come to the top."""
    heap: list[tuple[Moment, int]] = []
    for number, moment in enumerate(moments):
        heapq.heappush(heap, (moment, number))
    cancelled = set(order)
    while heap and heap[0][1] in cancelled:
        heapq.heappop(heap)


def left_in_a_list(moments: list[Moment], order: list[int]) -> None:
    """Keep the new ones in a list until the loop has to sleep: this is our reactor."""
    with World() as world:
        timers = [world.reactor.call_at(moment, int) for moment in moments]
        for number in order:
            timers[number].cancel()
        world.reactor.call_later(1.0, world.reactor.stop)
        world.reactor.run()


def count(design: Callable[[list[Moment], list[int]], None]) -> float:
    """Return how many comparisons a timeout costs that is made and then cancelled."""
    chance = Random(7)
    moments = [Moment(60.0 + chance.random()) for _ in range(TIMEOUTS)]
    order = chance.sample(range(TIMEOUTS), TIMEOUTS)
    compared[0] = 0
    design(moments, order)
    return compared[0] / TIMEOUTS


def lines() -> list[str]:
    designs = [removed_at_once, removed_by_its_place, left_in_the_heap, left_in_a_list]
    return [
        f"{TIMEOUTS} timeouts made, and cancelled    comparisons for each",
        "",
        *(f"{design.__name__:<33} {count(design):>10.0f}" for design in designs),
    ]


if __name__ == "__main__":
    print("\n".join(lines()))
