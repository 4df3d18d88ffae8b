"""Where the reports of a watchdog come in, and a time that passes when it sleeps."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from reactor import Reactor
from reactor.watch import Hold, Watchdog


class Kennel:
    """Where the reports of a watchdog come in: hold() blocks until one of them is enough."""

    def __init__(self, is_enough: Callable[[list[Hold]], bool] = bool) -> None:
        self.holds: list[Hold] = []
        self._is_enough = is_enough
        self._came = threading.Event()

    def report(self, hold: Hold) -> None:
        self.holds.append(hold)
        if self._is_enough(self.holds):
            self._came.set()

    def hold(self) -> None:
        self._came.wait()


def stop_later(reactor: Reactor) -> None:
    """Stop, in a turn after the next rest."""
    reactor.call_later(0.0, reactor.call_soon, reactor.call_later, 0.0, reactor.stop)


class VirtualTime:
    """Time that passes when the watchdog sleeps, and no sooner: as much as it asks for, and jump
    seconds more in which the process was stopped. meanwhile() is what else happens.
    """

    def __init__(self, jump: float = 0.0) -> None:
        self.passed = 0.0
        self.worked = 0.0
        self.naps = 0
        self.meanwhile: Callable[[], object] = int
        self.bell = _Bell(self)
        self._jump = jump
        self._waiting: list[tuple[int, threading.Event]] = []

    def clock(self) -> float:
        return time.monotonic() + self.passed

    def spent(self) -> float:
        return self.worked

    def sleep(self, seconds: float) -> None:
        self.meanwhile()
        self.passed += seconds + self._jump
        self.worked += seconds
        self.naps += 1
        for naps, event in self._waiting:
            if self.naps >= naps:
                event.set()

    def wait_for(self, naps: int) -> None:
        """Block until the watchdog has slept so many times more."""
        event = threading.Event()
        self._waiting.append((self.naps + naps, event))
        event.wait()


class _Bell(threading.Condition):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self._time.sleep(timeout)
        self.release()  # as a real one does: whoever rings gets in
        os.sched_yield() if hasattr(os, "sched_yield") else time.sleep(0)
        self.acquire()
        return False


def watched(
    reactor: Reactor, virtual: VirtualTime, report: Callable[[Hold], object], seconds: float = 10.0
) -> Watchdog:
    return Watchdog(reactor, seconds, report, spent=virtual.spent, bell=virtual.bell)
