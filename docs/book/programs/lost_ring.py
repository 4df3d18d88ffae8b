"""The order of a hand-over, every way that it can go: put, then ring; and ring, then put.

A thread that hands a reply over does two things, and so does the loop that hears the ring: it takes
the byte away, and what is in the queue. All orders in which these can mix are tried, while the ring
of an earlier reply has just woken the loop.

    python3 -m docs.book.programs.lost_ring
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations


def interleavings(thread: list[str], loop: list[str]) -> Iterator[list[str]]:
    """Yield each way to mix the two, in which either keeps its own order."""
    places = range(len(thread) + len(loop))
    for chosen in combinations(places, len(thread)):
        one, other = iter(thread), iter(loop)
        yield [next(one) if place in chosen else next(other) for place in places]


def stranded(steps: list[str]) -> bool:
    """Return whether a reply lies in the queue in the end, and nothing rings."""
    rings, queued = True, 1  # the earlier reply
    for step in steps:
        if step == "ring":
            rings = True
        elif step == "put":
            queued += 1
        elif step == "hush":
            rings = False
        elif step == "take all":
            queued = 0
    return queued > 0 and not rings


def lines() -> list[str]:
    told = []
    for thread in (["put", "ring"], ["ring", "put"]):
        for loop in (["hush", "take all"], ["take all", "hush"]):
            found = [steps for steps in interleavings(thread, loop) if stranded(steps)]
            how = f"thread: {', '.join(thread):<12}loop: {', '.join(loop):<16}"
            told.append(how + (f"lost by {', '.join(found[0])}" if found else "never lost"))
    return told


if __name__ == "__main__":
    print("\n".join(lines()))
