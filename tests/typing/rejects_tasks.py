"""What strict mypy refuses: lost waits, things that are no doors, calls that would fail later."""

from __future__ import annotations

from typing import Any

from reactor import (
    Operation,
    Reactor,
    Scope,
    Started,
    Steps,
    Task,
    TaskGroup,
    Trap,
    WaitQueue,
    all_of,
    checkpoint,
    coroutine,
    first_of,
    move_on_after,
    run,
    sleep,
    spawn_in,
    timeout_at,
    wait,
)


async def async_def(count: int) -> str:
    await sleep(1)
    return "x" * count


@coroutine
def generator(count: int) -> Steps[str]:
    yield from sleep(1)
    return "x" * count


@coroutine
def yields_what_is_no_door() -> Steps[None]:
    yield 5  # E: misc  Incompatible types in "yield" (actual type "int", expected type "Door")
    yield None  # E: misc
    yield  # E: misc
    yield generator(1)  # E: misc


class HasNoAbort(Trap[None]):
    def park(self, task: Task[Any]) -> None:
        task.wake()


incomplete = HasNoAbort()  # E: abstract


@coroutine
def a_bare_async_def_call_goes_through_wait() -> Steps[None]:
    yield from async_def(1)  # E: misc
    yield from wait(async_def(1))
    yield from wait(5)  # E: arg-type


@coroutine
def forgets_to_wait(task: Task[int], queue: WaitQueue[int], group: TaskGroup) -> Steps[None]:
    sleep(1)  # E: unused-awaitable
    checkpoint()  # E: unused-awaitable
    generator(1)  # E: unused-awaitable
    task.join()  # E: unused-awaitable
    wait(async_def(1))  # E: unused-awaitable
    async_def(1)  # E: unused-coroutine
    group.spawn(generator, 1).join()  # E: unused-awaitable
    yield from queue


@coroutine
def takes_the_answer_for_something_else(queue: WaitQueue[int]) -> Steps[str]:
    text: str = yield from queue  # E: assignment
    number: int = yield from generator(1)  # E: assignment
    nothing = yield from sleep(1)  # E: func-returns-value
    return (yield from queue)  # E: return-value


async def takes_the_answer_of_await_for_something_else(queue: WaitQueue[int]) -> str:
    text: str = await queue  # E: assignment
    number: int = await generator(1)  # E: assignment
    await 5  # E: misc
    return await queue  # E: return-value


@coroutine  # E: arg-type
async def marked_although_it_is_async_def() -> None:
    await sleep(1)


@coroutine  # E: arg-type
def marked_although_it_never_waits() -> int:
    return 5


async def spawns(group: TaskGroup) -> None:
    group.spawn(async_def)  # E: arg-type
    group.spawn(async_def, "three")  # E: arg-type
    group.spawn(async_def, 1, 2)  # E: arg-type
    group.spawn(generator, "three")  # E: arg-type
    group.spawn(async_def(3))  # E: arg-type
    group.spawn(print)  # E: arg-type
    group.spawn(sleep(1))  # E: arg-type
    group.spawn(len, "three")  # E: arg-type
    task: Task[int] = group.spawn(async_def, 3)  # E: arg-type
    task.result.upper()  # E: attr-defined


def runs() -> None:
    run(async_def)  # E: arg-type
    run(generator, "three")  # E: arg-type
    run(print)  # E: arg-type
    number: int = run(async_def, 3)  # E: assignment


def begins(reactor: Reactor) -> None:
    def ended(task: Task[int]) -> None:
        print(task.result)

    spawn_in(reactor, async_def, 3, ended=ended)  # E: misc
    spawn_in(reactor, async_def, "three")  # E: arg-type
    spawn_in(async_def, 3)  # E: arg-type  # E: arg-type


class HalfATrap(Trap[int]):
    """Overrides must fit."""

    def park(self) -> None:  # E: override
        pass

    def abort(self, task: Task[Any]) -> None:  # E: override
        pass


def waits_outside_of_a_coroutine(operation: Operation[int]) -> int:
    return operation  # E: return-value


def changes_a_shield(scope: Scope) -> None:
    scope.shield = True  # E: misc


def with_for_a_group() -> None:
    with TaskGroup() as group:  # E: var-annotated
        group.spawn(sleep, 1)


async def unready() -> None:
    pass


async def ready(started: Started[int], name: str) -> None:
    started("name")  # E: arg-type


async def starting(group: TaskGroup) -> None:
    await group.start(unready)  # E: arg-type
    await group.start(ready)  # E: arg-type
    await group.start(ready, 5)  # E: arg-type
    name: str = await group.start(ready, "name")  # E: arg-type


async def together() -> None:
    await all_of(async_def)  # E: arg-type
    await first_of(sleep(1))  # E: arg-type
    all_of(unready)  # E: unused-awaitable


def moments(scope: Scope) -> None:
    scope.deadline = "noon"  # E: assignment
    timeout_at("noon")  # E: arg-type


async def done_or_moved_on(queue: WaitQueue[int]) -> int:  # E: return
    with move_on_after(5):
        return await queue
