"""What must hold, and what is aimed at: a table of facts, read by table.py.

Law of this file: a row is about one kind on one axis. More is better where it is compared with a
peer: how many times what the peer does ours does for the same CPU time. Less is better where it is
bytes, or instructions beside the bare loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.benchmarks import nine
from tests.benchmarks.kinds import COROUTINES, OURS


@dataclass(frozen=True, slots=True)
class Aim:
    """A row: ours on an axis, beside a peer (None: for bytes). aim is None if the floor is all."""

    axis: str
    ours: str
    peer: str | None
    floor: float
    aim: float | None
    less: bool = False

    def verdict(self, value: float) -> str:
        """Return what value, a median, has reached."""
        sign = -1.0 if self.less else 1.0
        if sign * value < sign * self.floor:
            return "NOT MET"
        if self.aim is None or sign * value < sign * self.aim:
            return "floor met"
        return "aim met"


_LINES: Final = tuple(f"{each}-lines" for each in COROUTINES)
_DATAGRAMS: Final = tuple(f"{each}-datagrams" for each in COROUTINES)
_MESSAGES: Final = tuple(f"{each}-messages" for each in OURS)

_Rows = tuple[tuple[tuple[str, ...], tuple[str, ...], str, float, float], ...]

_COMPARED: Final[_Rows] = (
    # axes, ours, peer, floor, aim
    (("echo", "ok"), ("callbacks",), "uvloop-protocol", 0.93, 1.05),
    (("echo", "ok"), ("callbacks",), "asyncio-protocol", 1.2, 1.35),
    (("echo", "ok"), ("callbacks",), "c", 0.77, 0.85),
    (("echo", "ok"), COROUTINES, "uvloop-protocol", 0.85, 1.0),
    (("echo", "ok"), COROUTINES, "uvloop-streams", 1.4, 1.7),
    (("echo", "ok"), COROUTINES, "asyncio-streams", 1.8, 2.1),
    (("echo", "ok"), COROUTINES, "uvloop-sock", 2.5, 3.0),
    (("echo", "ok"), COROUTINES, "trio", 3.0, 3.5),
    (("echo", "ok"), COROUTINES, "gevent", 1.6, 2.0),
    (("echo", "ok"), COROUTINES, "curio", 1.7, 2.0),
    (("large",), OURS, "asyncio-protocol", 1.0, 1.15),
    (("churn",), ("callbacks",), "uvloop-protocol", 1.05, 1.2),
    (("churn",), COROUTINES, "uvloop-protocol", 0.95, 1.05),
    (("call-soon",), ("reactor",), "asyncio", 3.0, 4.0),
    (("call-soon",), ("reactor",), "uvloop", 1.0, 1.2),
    (("timers-cancelled", "timers-cancelled-later"), ("reactor",), "uvloop", 2.8, 3.6),
    (("timers-fired",), ("reactor",), "uvloop", 0.7, 1.0),
    (("spawn",), COROUTINES, "asyncio", 1.6, 2.2),
    (("spawn",), COROUTINES, "uvloop", 1.0, 1.3),
    (("checkpoint", "waiters"), COROUTINES, "asyncio", 2.5, 4.0),
    (("checkpoint", "waiters"), COROUTINES, "uvloop", 1.1, 1.6),
    (("lines",), _LINES, "uvloop-lines", 1.2, 1.5),
    (("lines",), _LINES, "asyncio-lines", 1.9, 2.3),
    (("messages", "messages-large"), _MESSAGES, "uvloop-messages", 1.0, 1.2),
    (("messages", "messages-large"), _MESSAGES, "asyncio-messages", 1.1, 1.3),
    (("datagrams",), _DATAGRAMS, "asyncio-datagrams", 2.0, 3.0),
    (("datagrams",), _DATAGRAMS, "trio-datagrams", 2.0, 3.0),
    (("tls",), tuple(f"{each}-tls" for each in COROUTINES), "asyncio-tls", 1.0, 1.2),
    (("queue", "lock"), COROUTINES, "asyncio", 1.0, 1.5),
    (("start",), ("reactor",), "asyncio", 3.0, 4.0),
)


def _rows() -> Iterator[Aim]:
    for axes, kinds, peer, floor, aim in _COMPARED:
        for axis in axes:
            for ours in kinds:
                yield Aim(axis, ours, peer, floor, aim)
    for axis in ("echo", "ok"):
        for ours in OURS:
            yield Aim(axis, f"{ours}-idle", ours, 0.93, 0.98)
    yield Aim("memory", "callbacks", None, 600, 300, less=True)
    for ours in COROUTINES:
        yield Aim("memory", ours, None, 1_200, 1_000, less=True)
    for ours, twin in nine.pairs():
        yield Aim("nine", ours, twin, 1.0, 1.2)
    for ours, most in (("callbacks", 1.9), *((each, 2.7) for each in COROUTINES)):
        yield Aim("instructions", ours, "bare", most, None, less=True)


AIMS: Final = tuple(_rows())
