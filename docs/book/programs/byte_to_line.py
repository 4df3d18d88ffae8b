"""From a byte on the wire to the line after `yield from`: each call that is made, as it is made.

Python tells a profiler of every call and return; this one writes down those of the loop. It is told
nothing by hand. Linux only.

    python3 -m docs.book.programs.byte_to_line
"""

from __future__ import annotations

import socket
import sys
from types import FrameType
from typing import Any

from reactor import Reactor, Steps, coroutine, spawn_in
from reactor.net import Connection
from reactor.poller import EpollPoller

OF_THE_KERNEL = {"poll", "register", "read"}
NOT_THE_TURN = {"_enter", "_leave", "_end_child", "check"}


class Calls:
    """Inside a `with` block: what is called, indented by how deep."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._depth = 0

    def _profile(self, frame: FrameType, event: str, what: Any) -> None:
        if event == "c_call" and what.__name__ in OF_THE_KERNEL:
            self._write(f"{what.__qualname__}: a system call")
        elif event == "call" and _counts(frame):
            resumed = " goes on" if frame.f_lasti > 10 and frame.f_code.co_flags & 0x20 else ""
            self._write(frame.f_code.co_qualname + resumed)
            self._depth += 1
        elif event == "return" and _counts(frame):
            self._depth -= 1

    def _write(self, line: str) -> None:
        self.lines.append("  " * self._depth + line)

    def __enter__(self) -> None:
        sys.setprofile(self._profile)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        sys.setprofile(None)


def _counts(frame: FrameType) -> bool:
    module = frame.f_globals.get("__name__", "")
    inside = module.startswith("reactor.") or frame.f_code.co_name in {"reader", "the_next_line"}
    return inside and frame.f_code.co_name not in NOT_THE_TURN


def the_next_line(data: bytes) -> None:
    """Stand for what a program does with what it received."""


@coroutine
def reader(connection: Connection) -> Steps[None]:
    while data := (yield from connection.receive(512)):
        the_next_line(data)


def turns() -> list[list[str]]:
    """Return the calls of three turns: a first wait, a byte, and another byte."""
    told = []
    with Reactor(EpollPoller()) as reactor:
        ours, theirs = socket.socketpair()
        connection = Connection(reactor, ours)
        scope = spawn_in(reactor, reader, connection)
        for data in (b"", b"!", b"!"):
            if data:
                theirs.send(data)
            calls = Calls()
            with calls:
                reactor.turn()
            told.append(calls.lines[: -1 if calls.lines[-1].endswith("__exit__") else None])
        scope.cancel()
        reactor.turn()
        connection.close()
        theirs.close()
    return told


if __name__ == "__main__":
    first, second, third = turns()
    print("the task begins, and waits for the first time", *first, sep="\n")
    print("a byte comes", *second, sep="\n")
    print("another byte comes", *("the same" if third == second else third,), sep="\n")
