"""Exercise 1: how long a turn may sleep."""

from __future__ import annotations

from typing import Any


def patience(ready: int, deadlines: list[float], now: float) -> float | None:
    if ready:
        return 0.0
    if not deadlines:
        return None
    return max(0.0, min(deadlines) - now)


def check(mine: Any) -> None:
    assert mine.patience(0, [5.0, 3.0], 1.0) == 2.0
    assert mine.patience(0, [3.0], 4.0) == 0.0, "what is late is due now"
    assert mine.patience(1, [3.0], 1.0) == 0.0, "something is ready"
    assert mine.patience(0, [], 1.0) is None, "nobody has to be woken"
