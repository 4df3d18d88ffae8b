"""What strict mypy infers of coroutines: exactly what comes out of each wait, in either form."""

from __future__ import annotations

import socket
from collections.abc import Awaitable
from functools import partial
from typing import Any, TypeVar, assert_type

from reactor import (
    Cancelled,
    EndOfStream,
    Operation,
    Reactor,
    Scope,
    ScopeError,
    Started,
    Steps,
    Task,
    TaskCancelledError,
    TaskGroup,
    Timeout,
    Trap,
    WaitQueue,
    all_of,
    breathe,
    checkpoint,
    coroutine,
    current_task,
    first_of,
    move_on_after,
    move_on_at,
    run,
    sleep,
    spawn_in,
    timeout,
    timeout_at,
    wait,
    wait_readable,
    wait_writable,
)
from reactor.tasks import Breath, Checkpoint, Door, Sleep, roots_of, run_in
from reactor.testing import World

T = TypeVar("T")


@coroutine
def generator(count: int, *, of: str = "") -> Steps[list[str]]:
    yield from sleep(1)
    return [of] * count


async def async_def(count: int, of: str) -> list[str]:
    await sleep(1)
    return [of] * count


class Stream:
    """Methods are marked like functions."""

    @coroutine
    def receive(self, size: int) -> Steps[bytes]:
        yield from checkpoint()
        return bytes(size)

    @staticmethod
    @coroutine
    def connect(host: str) -> Steps[Stream]:
        yield from checkpoint()
        return Stream()

    @classmethod
    def parse(cls, line: bytes) -> Operation[int]:
        return cls().length(line)

    @coroutine
    def length(self, line: bytes) -> Steps[int]:
        yield from checkpoint()
        return len(line)


class Once(Trap[T]):
    """A box filled once: every task that waits gets the same value."""

    def __init__(self) -> None:
        self._parked: dict[Task[Any], None] = {}
        self._filled = False
        self._value: T | None = None

    def fill(self, value: T) -> None:
        if self._filled:
            raise ValueError(f"{self!r} is already filled; use a Queue for more than one value")
        self._filled, self._value = True, value
        parked, self._parked = self._parked, {}
        for task in parked:
            task.wake(value)

    def park(self, task: Task[Any]) -> None:
        if self._filled:
            task.wake(self._value)
        else:
            self._parked[task] = None

    def abort(self, task: Task[Any]) -> bool:
        if task not in self._parked:
            return False
        del self._parked[task]
        return True


@coroutine
def in_a_generator(queue: WaitQueue[float], box: Once[tuple[int, str]]) -> Steps[None]:
    assert_type((yield from sleep(1)), None)
    assert_type((yield from checkpoint()), None)
    assert_type((yield from queue), float)
    assert_type((yield from box), tuple[int, str])
    assert_type((yield from generator(3, of="x")), list[str])
    assert_type((yield from wait(async_def(3, "x"))), list[str])
    assert_type((yield from wait(box)), tuple[int, str])
    assert_type((yield from wait_readable(0)), None)
    assert_type((yield from wait_writable(socket.socket())), None)
    stream = yield from Stream.connect("localhost")
    assert_type(stream, Stream)
    assert_type((yield from stream.receive(512)), bytes)
    assert_type((yield from Stream.parse(b"12")), int)
    with timeout(5) as scope, move_on_after(3, shield=True), Scope():
        assert_type(scope, Timeout)
    yield current_task().reactor.reading(0)


async def in_async_def(queue: WaitQueue[float], box: Once[tuple[int, str]]) -> None:
    assert_type(await sleep(1), None)
    assert_type(await checkpoint(), None)
    assert_type(await queue, float)
    assert_type(await box, tuple[int, str])
    assert_type(await generator(3, of="x"), list[str])
    assert_type(await async_def(3, "x"), list[str])
    assert_type(await wait_readable(0), None)
    stream = await Stream.connect("localhost")
    assert_type(stream, Stream)
    assert_type(await stream.receive(512), bytes)


def a_shield_is_fixed(scope: Scope) -> bool:
    return scope.shield


async def groups(box: Once[tuple[int, str]]) -> None:
    async with TaskGroup() as group:
        assert_type(group, TaskGroup)
        assert_type(group.spawn(async_def, 3, "x"), Task[list[str]])
        assert_type(group.spawn(generator, 3), Task[list[str]])
        assert_type(group.spawn(sleep, 1), Task[None])
        assert_type(group.spawn(Stream().receive, 512), Task[bytes])
        assert_type(group.spawn(lambda: box), Task[tuple[int, str]])
        task = group.spawn(generator, 3)
        assert_type(await task.join(), list[str])
        assert_type(task.result, list[str])
        assert_type(task.done, bool)


async def ready(started: Started[int], name: str) -> None:
    started(len(name))


async def just_ready(started: Started[None]) -> None:
    started()
    started(None)


async def starting() -> None:
    async with TaskGroup() as group:
        assert_type(await group.start(ready, "name"), int)
        await group.start(just_ready)


@coroutine
def starting_in_a_generator(group: TaskGroup) -> Steps[int]:
    return (yield from group.start(ready, "name"))


async def together() -> None:
    numbers = await all_of(partial(async_def, 1, "of"), partial(generator, 1, of="it"))
    assert_type(numbers, list[list[str]])
    assert_type(await first_of(checkpoint, partial(sleep, 1)), None)


def moments(scope: Scope) -> float:
    with timeout_at(1.5), move_on_at(2, shield=True):
        scope.deadline = 2
        scope.deadline += 1.5
    return scope.deadline


@coroutine
def groups_in_a_generator() -> Steps[None]:
    group = TaskGroup()
    assert_type((yield from group.run(async_def, 3, "x")), list[str] | None)
    task = group.spawn(generator, 3)
    assert_type((yield from task.join()), list[str])


def in_ordinary_code(world: World) -> None:
    assert_type(run(async_def, 3, "x"), list[str])
    assert_type(run(generator, 3), list[str])
    assert_type(run(sleep, 1.5), None)
    assert_type(run_in(world.reactor, Stream().receive, 512), bytes)

    def ended(task: Task[bytes]) -> None:
        assert_type(task.result, bytes)

    assert_type(spawn_in(world.reactor, Stream().receive, 512, ended=ended), Scope)
    spawn_in(world.reactor, Stream().receive, 512).cancel()
    assert_type(world.run(async_def, 3, "x"), list[str])


def a_sleep_is_a_sleep() -> Sleep:
    return sleep(1)


def a_marked_generator_makes_operations() -> Operation[list[str]]:
    return generator(3)


def an_operation_is_awaitable(operation: Operation[T]) -> Awaitable[T]:
    return operation


def a_trap_is_an_operation(trap: Trap[T]) -> Operation[T]:
    return trap


def traps_are_doors(trap: Trap[T], reactor: Reactor) -> list[Door]:
    return [trap, breathe(), checkpoint(), reactor.reading(0)]


def what_is_made_without_waiting(reactor: Reactor) -> tuple[Breath, Checkpoint]:
    assert_type(roots_of(reactor), tuple[TaskGroup, ...])
    return breathe(), checkpoint()


async def what_goes_wrong(task: Task[bytes]) -> bytes:
    try:
        return await task.join()
    except TaskCancelledError:
        return b""
    except EndOfStream as error:
        assert_type(error.partial, bytes)
        return error.partial
    except (ScopeError, Cancelled) as error:
        assert_type(error, ScopeError | Cancelled)
        raise


async def done_in_time_or_not_at_all() -> int:
    with timeout(5):
        return await Once[int]()


async def done_by_noon_or_not_at_all() -> int:
    with timeout_at(12.0):
        return await Once[int]()
