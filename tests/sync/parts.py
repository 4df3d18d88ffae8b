"""What the tests of this floor are made of: tasks that wait, or hold, and say what came of it.

Law of this file: each has a scope of its own, so that it can be cancelled alone, and says only what
has happened to it. They come one after the other, in whatever order the loop runs them: who was
named first stands first in a line.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

import pytest

from reactor import (
    Operation,
    Scope,
    Steps,
    Task,
    TaskGroup,
    WaitQueue,
    checkpoint,
    coroutine,
    sleep,
    wait,
)
from reactor.sync import CapacityLimiter, Condition, Lock, Semaphore
from reactor.testing import World
from tests.tasks.parts import Form, as_async_def

T = TypeVar("T")
Holdable = Lock | Semaphore | CapacityLimiter | Condition


class Way(Protocol):
    """A coroutine function that holds what it is given while body runs, in a way of its own."""

    def __call__(
        self, what: Holdable, body: Callable[[], Coroutine[Any, Any, T]], /
    ) -> Operation[T] | Coroutine[Any, Any, T]: ...


@coroutine
def by_with(what: Holdable, body: Callable[[], Coroutine[Any, Any, T]]) -> Steps[T]:
    """Hold as a generator does."""
    with (yield from what.acquire()):
        return (yield from wait(body()))


async def by_with_await(what: Holdable, body: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Hold as a generator does, in async def."""
    with await what.acquire():
        return await body()


async def by_async_with(what: Holdable, body: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Hold as async def does."""
    async with what:
        return await body()


async def by_hand(what: Holdable, body: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Hold without a `with`."""
    await what.acquire()
    try:
        return await body()
    finally:
        what.release()


each_way = pytest.mark.parametrize("way", [by_with, by_with_await, by_async_with, by_hand])
"""Marks a test to hold in each way that there is; its argument `way` is the function."""


class Stage:
    """Tasks by name, and what they said, in order."""

    def __init__(self, group: TaskGroup, form: Form = as_async_def) -> None:
        self.group = group
        self.said: list[str] = []
        self.tasks: dict[str, Task[None]] = {}
        self._form = form
        self._scopes: dict[str, Scope] = {}
        self._leave: dict[str, WaitQueue[None]] = {}
        self._came: set[str] = set()

    async def wait(self, name: str, make: Callable[[], Operation[object]]) -> None:
        """Have a task wait for what make makes, say what it got, and wait once more."""
        await self._begin(name, self._wait, make)

    async def hold(self, name: str, what: Holdable, way: Way = by_async_with) -> None:
        """Have a task hold what, until it is let out or cancelled, and wait once more."""
        self._leave[name] = WaitQueue()
        await self._begin(name, self._hold, what, way)

    def let_out(self, name: str) -> None:
        """Have the task of that name release what it holds."""
        assert self._leave[name].wake_one(None), f"{name} does not hold it"

    def cancel(self, name: str) -> None:
        """Cancel the task of that name."""
        self._scopes[name].cancel()

    async def settle(self) -> None:
        """Wait until nothing more can happen: time does not pass before."""
        await sleep(1)

    async def _begin(
        self, name: str, fn: Callable[..., Coroutine[Any, Any, None]], *args: Any
    ) -> None:
        self._scopes[name] = Scope()
        self.tasks[name] = self.group.spawn(self._play, name, fn, args)
        while name not in self._came:
            await checkpoint()

    async def _play(self, name: str, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._came.add(name)
        with self._scopes[name] as scope:
            try:
                await fn(name, *args)
            except Exception as error:
                self.said.append(f"{name}: {type(error).__name__}")
        if scope.cancelled_caught:
            self.said.append(f"{name} cancelled")

    async def _wait(self, name: str, make: Callable[[], Operation[object]]) -> None:
        answer = await self._form(make)
        self.said.append(f"{name} got {'it' if hasattr(answer, '__exit__') else answer}")
        await checkpoint()

    async def _hold(self, name: str, what: Holdable, way: Way) -> None:
        async def body() -> None:
            self.said.append(f"{name} in")
            try:
                await self._leave[name]
            finally:
                self.said.append(f"{name} out")

        await way(what, body)
        await checkpoint()


def played(
    world: World,
    script: Callable[[Stage], Coroutine[Any, Any, None]],
    form: Form = as_async_def,
) -> list[str]:
    """Play script on a stage, to the moment when nothing more can happen; return what was said."""
    said: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            stage = Stage(group, form)
            await script(stage)
            await stage.settle()
            said.extend(stage.said)
            group.cancel()

    world.run(main)
    return said
