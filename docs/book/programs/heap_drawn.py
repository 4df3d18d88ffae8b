"""A heap, drawn: what heapq promises of a list, and what it does not.

python3 -m docs.book.programs.heap_drawn
"""

from __future__ import annotations

import heapq

MOMENTS = [8, 5, 9, 2, 7, 6, 4]
WIDTH = 32


def drawing(heap: list[int]) -> list[str]:
    """Return heap as a tree: below number k stand numbers 2k + 1 and 2k + 2."""
    rows = []
    first, size = 0, 1
    while first < len(heap):
        row = heap[first : first + size]
        rows.append("".join(f"{moment:^{WIDTH // size}}" for moment in row).rstrip())
        first, size = first + size, 2 * size
    return rows


def lines() -> list[str]:
    heap: list[int] = []
    for moment in MOMENTS:
        heapq.heappush(heap, moment)
    told = [f"pushed  {MOMENTS}", f"kept    {heap}", "", *drawing(heap), ""]
    soonest = heapq.heappop(heap)
    return [*told, f"popped  {soonest}", "", *drawing(heap)]


if __name__ == "__main__":
    print("\n".join(lines()))
