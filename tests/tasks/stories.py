"""What the ten laws are told with: a tracer that writes, something to run, Ctrl-C, a poller."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import TracebackType
from typing import Self

from reactor import Runnable, Tracer, sleep
from reactor.poller import SelectPoller


class Story(Tracer):
    """Writes down what the loop does."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def turn(self, patience: float | None) -> None:
        self.lines.append(f"turn {patience}")

    def wake(self, what: Runnable) -> None:
        self.lines.append(f"wake {what!r}")

    def run(self, what: Runnable) -> None:
        self.lines.append(f"run {what!r}")

    def park(self, what: Runnable, door: object) -> None:
        self.lines.append(f"park {what!r}")

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        self.lines.append(f"finish {what!r}")


class Named(Runnable):
    """Something with a run(), and a name to know it by; calls then, if there is one."""

    def __init__(self, name: str, then: Callable[[], object] = bool) -> None:
        self._name = name
        self._then = then

    def run(self) -> None:
        self._then()

    def __repr__(self) -> str:
        return self._name


class CtrlC:
    """Lets a test send SIGINT to itself; Python's own handler is there, and put back."""

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, signal.default_int_handler)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    async def press(self) -> None:
        signal.raise_signal(signal.SIGINT)
        await sleep(30)


class Asked(SelectPoller):
    """A poller that writes down what it is asked to watch."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def add(self, fd: int, events: int) -> None:
        self.calls.append("add")
        super().add(fd, events)

    def drop(self, fd: int, events: int) -> None:
        self.calls.append("drop")
        super().drop(fd, events)
