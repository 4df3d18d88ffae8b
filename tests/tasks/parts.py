"""What the tests of the tasks are made of: traps that are played, someone who takes notes.

Law of this file: a part does what its name says and nothing else, so that what is seen was done by
the tasks.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from math import inf
from typing import Any, Protocol, TypeVar

import pytest

from reactor import (
    Cancelled,
    DeadlockError,
    Operation,
    Runnable,
    Steps,
    Task,
    TaskGroup,
    Tracer,
    Trap,
    coroutine,
    current_task,
    sleep,
)
from reactor.testing import World

T = TypeVar("T")
Pair = tuple[socket.socket, socket.socket]


class Form(Protocol):
    """A coroutine function of one kind, which waits for what make makes and returns the answer."""

    def __call__(
        self, make: Callable[[], Operation[T]], /
    ) -> Operation[T] | Coroutine[Any, Any, T]: ...


@coroutine
def as_generator(make: Callable[[], Operation[T]]) -> Steps[T]:
    """Wait by `yield from`."""
    return (yield from make())


async def as_async_def(make: Callable[[], Operation[T]]) -> T:
    """Wait by `await`."""
    return await make()


each_form = pytest.mark.parametrize(
    "form",
    [pytest.param(as_generator, id="generator"), pytest.param(as_async_def, id="async def")],
)
"""Marks a test to run in either kind of coroutine; its argument `form` is the function."""


class Ready(Trap[int]):
    """Answers on the spot: how often it was asked."""

    def __init__(self) -> None:
        self.parks = 0

    def park(self, task: Task[Any]) -> None:
        self.parks += 1
        task.wake(self.parks)

    def abort(self, task: Task[Any]) -> bool:
        raise AssertionError("a task that was answered is not parked")


class Failing(Trap[None]):
    """Raises error in park, or in abort only."""

    def __init__(self, *, park: BaseException | None = None, abort: Exception | None = None):
        self._park = park
        self._abort = abort

    def park(self, task: Task[Any]) -> None:
        if self._park is not None:
            raise self._park

    def abort(self, task: Task[Any]) -> bool:
        if self._abort is not None:
            raise self._abort
        return True


class Cell(Trap[str]):
    """Holds one task, which whoever holds the cell may answer, as often as it likes."""

    def __init__(self) -> None:
        self.task: Task[Any] | None = None

    def park(self, task: Task[Any]) -> None:
        self.task = task

    def abort(self, task: Task[Any]) -> bool:
        self.task = None
        return True

    def answer(self, answer: str) -> None:
        """Wake the task that is, or was, here."""
        assert self.task is not None
        self.task.wake(answer)

    def __repr__(self) -> str:
        return "<Cell>"


class Heard:
    """An on_error that notes what it hears."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.names: list[str] = []

    def __call__(self, what: object, error: Exception) -> None:
        self.errors.append(error)
        self.names.append(repr(what))


class Unmoved(Tracer):
    """Hears everything and does nothing."""

    def turn(self, patience: float | None) -> None:
        pass

    def wake(self, what: Runnable) -> None:
        pass

    def run(self, what: Runnable) -> None:
        pass

    def park(self, what: Runnable, door: object) -> None:
        pass

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        pass


class Turns(Unmoved):
    """Counts turns, and tells idle ones, in which nothing was run."""

    def __init__(self) -> None:
        self.runs: list[int] = []  # of each turn

    def turn(self, patience: float | None) -> None:
        self.runs.append(0)

    def run(self, what: Runnable) -> None:
        self.runs[-1] += 1

    def idle(self) -> int:
        """Return how many turns have run nothing."""
        return self.runs.count(0)


class Notes(Unmoved):
    """Notes what tasks do: name and deed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def spawn(self, what: Runnable) -> None:
        self._note(what, "sets out")

    def wake(self, what: Runnable) -> None:
        self._note(what, "wakes")

    def run(self, what: Runnable) -> None:
        self._note(what, "runs")

    def park(self, what: Runnable, door: object) -> None:
        self._note(what, f"parks on {door!r}")

    def throw(self, what: Runnable, error: BaseException) -> None:
        self._note(what, f"faces {error!r}")

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        self._note(what, f"ends with {error!r}")

    def _note(self, what: Runnable, deed: str) -> None:
        if isinstance(what, Task):
            self.lines.append(f"{name_of(what)} {deed}")


def fill(sock: socket.socket) -> None:
    """Send until not a byte more goes in."""
    with suppress(BlockingIOError):
        while sock.send(bytes(1 << 16)):
            pass


def drain(sock: socket.socket) -> None:
    """Receive until not a byte more comes out."""
    with suppress(BlockingIOError):
        while sock.recv(1 << 16):
            pass


def name_of(task: Task[Any]) -> str:
    """Return the name of the function that task runs."""
    return repr(task).removeprefix("<Task ").partition(",")[0].rpartition(".")[2]


def now() -> float:
    """Return the time on the clock of the reactor that runs."""
    return current_task().reactor.now()


async def for_ever() -> None:
    """Wait until cancelled."""
    await sleep(inf)


async def chain(links: int, log: list[str] | None = None) -> None:
    """Spawn a task in a group, which does so too, and so on; the last waits until cancelled."""
    async with TaskGroup() as group:
        if links > 1:
            group.spawn(chain, links - 1, log)
        else:
            await tell_end([] if log is None else log, "for_ever")


async def fail_with(error: BaseException) -> None:
    """Raise error."""
    raise error


async def fail_after(seconds: float, error: BaseException) -> None:
    """Raise error when seconds have passed."""
    await sleep(seconds)
    raise error


async def give(answer: T) -> T:
    """Return answer after a second."""
    await sleep(1)
    return answer


async def tell_end(log: list[str], name: str) -> None:
    """Wait until cancelled, and note what ended the wait."""
    try:
        await for_ever()
    except Cancelled:
        log.append(f"{name} cancelled")
        raise
    except GeneratorExit:
        log.append(f"{name} closed")
        raise


def messages(error: BaseException) -> list[str]:
    """Return what the members of an exception group say, or the error itself."""
    if isinstance(error, BaseExceptionGroup):
        return [said for member in error.exceptions for said in messages(member)]
    return [str(error)]


def abandoned(fn: Callable[[], Any], *, seed: int | None) -> Heard:
    """Run fn until nothing can happen any more; return what was reported behind it."""
    heard = Heard()
    with World(on_error=heard, seed=seed) as world:
        with pytest.raises(DeadlockError):
            world.run(fn)
        assert world.reactor.ready == []
    return heard
