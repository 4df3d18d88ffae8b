"""The axes: what is measured, of whom.

Law of this file: an axis is a row of facts, and how it is measured stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from tests.benchmarks import instructions, kinds, micro, programs, system_calls, under_load
from tests.benchmarks.kinds import IDLE, OURS, speaking
from tests.benchmarks.rounds import Costs, Tell
from tests.benchmarks.under_load import Load

ALL: Final = speaking("bytes")
PLAIN: Final = tuple(kind for kind in ALL if kind not in IDLE)
LARGE: Final = (*OURS, "asyncio-protocol", "uvloop-protocol", "bare", "c")
CHURN: Final = LARGE  # rloop leaves a client who half-closes waiting for the end
MEMORY: Final = (*OURS, "asyncio-protocol", "asyncio-streams", "uvloop-protocol", "trio", "gevent")
COUNTED: Final = ("bare", *OURS)
CALLED: Final = ("bare", *OURS, "asyncio-protocol", "asyncio-streams", "uvloop-protocol", "trio")

MICROSECONDS: Final = ("us", 1e6)
MILLISECONDS: Final = ("ms", 1e3)
MOST_ROUNDS_OF_MEMORY: Final = 3


@dataclass(frozen=True, slots=True)
class Axis:
    """What is measured of names: measure(those that are here, rounds, tell).

    unit is how the figures are shown, with how many of it make one. base is whom the others are
    shown beside. reason says why a name cannot be measured here, None if it can; lacking the same
    of the whole axis.
    """

    title: str
    names: tuple[str, ...]
    base: str
    measure: Callable[[list[str], int, Tell], Costs]
    unit: tuple[str, float] = MICROSECONDS
    reason: Callable[[str], str | None] = kinds.missing
    lacking: Callable[[], str | None] = lambda: None


def _loaded(title: str, names: tuple[str, ...], load: Load, base: str = "uvloop-protocol") -> Axis:
    return Axis(title, names, base, partial(under_load.under_load, load))


def _memory(names: list[str], rounds: int, tell: Tell) -> Costs:
    return under_load.memory(names, min(rounds, MOST_ROUNDS_OF_MEMORY), tell)


def _counted(
    count: Callable[..., Costs], load: Load, names: list[str], _: int, tell: Tell
) -> Costs:
    return count(load.mode, load.size, names, tell)


def _micro(title: str, measure: str, names: tuple[str, ...]) -> Axis:
    return Axis(title, names, "uvloop", partial(programs.micro, measure), reason=micro.needs)


ECHO: Final = Load("echo", 1024)
OK: Final = Load("ok", 40)

AXES: Final = {
    "echo": _loaded("echo of 1 KiB, 10 connections", ALL, ECHO),
    "ok": _loaded("OK to 40 bytes, 10 connections", ALL, OK),
    "large": _loaded("echo of 128 KiB, 10 connections", LARGE, Load("echo", 131_072)),
    "churn": _loaded("a client who asks once, 10 at a time", CHURN, Load("echo", 64, churn=True)),
    "lines": _loaded(
        "echo of a line of 40 bytes, 10 connections",
        speaking("line"),
        Load("echo", 40),
        "uvloop-lines",
    ),
    "messages": _loaded(
        "echo of a message of 1 KiB, 10 connections",
        speaking("message"),
        ECHO,
        "uvloop-messages",
    ),
    "messages-large": _loaded(
        "echo of a message of 1 MiB, 10 connections",
        speaking("message"),
        Load("echo", 1_048_576),
        "uvloop-messages",
    ),
    "datagrams": _loaded(
        "a datagram of 1 KiB answered, 10 at a time",
        speaking("datagram"),
        ECHO,
        "uvloop-datagrams",
    ),
    "tls": _loaded("echo of 1 KiB over TLS, 10 connections", speaking("tls"), ECHO, "uvloop-tls"),
    "call-soon": _micro("call_soon, with a handle", "call-soon", micro.CALLBACKS),
    "timers-cancelled": _micro(
        "a timer, cancelled in its turn", "timers-cancelled", micro.CALLBACKS
    ),
    "timers-cancelled-later": _micro(
        "a timer, cancelled a turn later", "timers-cancelled-later", micro.CALLBACKS
    ),
    "timers-fired": _micro("a timer that fires", "timers-fired", micro.CALLBACKS),
    "spawn": _micro("a task spawned and joined", "spawn", micro.TASKS),
    "checkpoint": _micro("a switch by checkpoint", "checkpoint", micro.TASKS),
    "waiters": _micro("a switch by a line of waiters", "waiters", micro.TASKS),
    "queue": _micro("an item through a queue", "queue", micro.TASKS),
    "lock": _micro("a lock handed over", "lock", micro.TASKS),
    "memory": Axis(
        "memory of an idle connection, of 5,000", MEMORY, "uvloop-protocol", _memory, ("bytes", 1)
    ),
    "start": Axis(
        "import and first turn",
        ("reactor", "asyncio"),
        "asyncio",
        programs.start,
        MILLISECONDS,
        reason=lambda name: None,
    ),
    "calls": Axis(
        "system calls of a 1 KiB echo",
        CALLED,
        "bare",
        partial(_counted, system_calls.system_calls, ECHO),
        ("calls", 1),
        lacking=system_calls.lacking,
    ),
    "instructions": Axis(
        "instructions of a 1 KiB echo",
        COUNTED,
        "bare",
        partial(_counted, instructions.instructions, ECHO),
        ("instr.", 1),
        lacking=instructions.lacking,
    ),
    "instructions-ok": Axis(
        "instructions of an OK",
        COUNTED,
        "bare",
        partial(_counted, instructions.instructions, OK),
        ("instr.", 1),
        lacking=instructions.lacking,
    ),
}
"""Those of a short run, by name."""

SIZES: Final = {"64B": 64, "1KiB": 1024, "16KiB": 16_384, "128KiB": 131_072}
CONNECTIONS: Final = (1, 10, 100, 1_000)

GRID: Final = {
    f"{name}x{number}": _loaded(
        f"echo of {name}, {number:,} connections", PLAIN, Load("echo", size, number)
    )
    for name, size in SIZES.items()
    for number in CONNECTIONS
}
"""Echo of every size on every number of connections."""
