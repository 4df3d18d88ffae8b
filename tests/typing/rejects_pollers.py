"""What strict mypy refuses of pollers."""

from __future__ import annotations

import asyncio
import select
import sys

from reactor.poller import (
    READ,
    EpollPoller,
    KqueuePoller,
    Mechanism,
    Poller,
    PollPoller,
    SelectorPoller,
    bounded,
    default_poller,
    fd_of,
)

poller = default_poller()

poller.register("a name", READ)  # E: arg-type
poller.register(0, "r")  # E: arg-type
poller.register(0)  # E: call-arg
poller.modify(None, READ)  # E: arg-type
poller.select("1")  # E: arg-type
poller.select().events  # E: attr-defined
del poller.get_map()[0]  # E: attr-defined
poller.get_map()[0] = poller.get_key(0)  # E: index

poller.add(sys.stdin, READ)  # E: arg-type
poller.wait(bounded(1)).fd  # E: attr-defined
bounded(1) + 1  # E: operator
fd_of([])  # E: arg-type

PollPoller(select.select)  # E: arg-type
EpollPoller(select.poll)  # E: arg-type
KqueuePoller(object())  # E: arg-type
SelectorPoller()  # E: call-arg
SelectorPoller(EpollPoller)  # E: arg-type
asyncio.SelectorEventLoop(EpollPoller)  # E: arg-type


class Halfway:
    """It can begin to watch, and never stop."""

    readable = writable = READ

    def add(self, fd: int, events: int) -> None: ...
    def close(self) -> None: ...

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        return []


mechanism: Mechanism = Halfway()  # E: assignment


class Misread(Poller):
    """Its hooks ask for something else."""

    def add(self, fd: str, events: int) -> None: ...  # E: override
    def wait(self, timeout: float) -> list[tuple[int, int]]:  # E: override
        return []
