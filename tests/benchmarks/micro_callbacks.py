"""Callbacks and timers, on our reactor and on loops like asyncio's: one text for both.

Law of this file: a measure starts nothing. It puts its first callback on the loop and returns a
list, which holds the CPU seconds of each thing done when the loop has stopped.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, Protocol

BURST: Final = 100
"""How much is asked for in one turn."""

FAR: Final = 3600.0


class Handle(Protocol):
    """What a call can be called off by."""

    def cancel(self) -> object:
        """Call it off."""


class Loop(Protocol):
    """What our reactor and asyncio's loops have in common."""

    def call_soon(self, callback: Callable[[], object], /) -> Handle:
        """Call callback in the next turn."""

    def call_later(self, seconds: float, callback: Callable[[], object], /) -> Handle:
        """Call callback when seconds have passed."""

    def stop(self) -> object:
        """Let the loop end."""


def nothing() -> None:
    """Be called."""


def _in_bursts(loop: Loop, count: int, burst: Callable[[], object]) -> list[float]:
    """Call burst in each of count / BURST turns, then stop."""
    result: list[float] = []
    left = count // BURST
    began = 0.0

    def step() -> None:
        nonlocal left, began
        began = began or time.process_time()
        if left:
            left -= 1
            burst()
            loop.call_soon(step)
        else:
            result.append((time.process_time() - began) / count)
            loop.stop()

    loop.call_soon(step)
    return result


def call_soon(loop: Loop, count: int) -> list[float]:
    """Calls that come in the next turn, each with a handle that could call it off."""

    def burst() -> None:
        soon = loop.call_soon
        for _ in range(BURST):
            soon(nothing)

    return _in_bursts(loop, count, burst)


def timers_cancelled(loop: Loop, count: int) -> list[float]:
    """Timers that are called off in the turn that made them."""

    def burst() -> None:
        for handle in [loop.call_later(FAR, nothing) for _ in range(BURST)]:
            handle.cancel()

    return _in_bursts(loop, count, burst)


def timers_cancelled_later(loop: Loop, count: int) -> list[float]:
    """Timers that are called off one turn after they were made."""
    before: list[Handle] = []

    def burst() -> None:
        for handle in before:
            handle.cancel()
        before[:] = [loop.call_later(FAR, nothing) for _ in range(BURST)]

    return _in_bursts(loop, count, burst)


def timers_fired(loop: Loop, count: int) -> list[float]:
    """Timers that come due at scattered moments, all past when the loop looks."""
    delays = [random.Random(place).random() * 0.001 for place in range(BURST)]

    def burst() -> None:
        for delay in delays:
            loop.call_later(delay, nothing)
        time.sleep(0.003)  # costs no CPU; a loop that counts in milliseconds has them due as well

    return _in_bursts(loop, count, burst)


def timers_pending(loop: Loop, count: int) -> list[float]:
    """As timers_cancelled_later, 50,000 of them, while count others wait."""
    some = random.Random(count)
    for _ in range(count):
        loop.call_later(FAR + FAR * some.random(), nothing)
    return timers_cancelled_later(loop, 50_000)


def timers_many(loop: Loop, count: int) -> list[float]:
    """Count timers in one go, due at scattered moments, added and fired."""
    result: list[float] = []
    some = random.Random(count)
    delays = [0.001 + some.random() * 0.001 for _ in range(count)]
    left = count
    began = 0.0

    def fired() -> None:
        nonlocal left
        left -= 1
        if not left:
            result.append((time.process_time() - began) / count)
            loop.stop()

    def start() -> None:
        nonlocal began
        began = time.process_time()
        for delay in delays:
            loop.call_later(delay, fired)
        time.sleep(0.005)

    loop.call_soon(start)
    return result


MEASURES: Final[dict[str, Callable[[Loop, int], list[float]]]] = {
    "call-soon": call_soon,
    "timers-cancelled": timers_cancelled,
    "timers-cancelled-later": timers_cancelled_later,
    "timers-fired": timers_fired,
    "timers-pending": timers_pending,
    "timers-many": timers_many,
}
