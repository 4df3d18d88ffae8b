"""Explain: who waits for what, on which line, in which group; and nothing is changed by asking."""

from __future__ import annotations

import re
import runpy
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from functools import partial
from math import inf
from typing import Any

import pytest

from reactor import (
    DeadlockError,
    Operation,
    Scope,
    Steps,
    Task,
    TaskGroup,
    WaitQueue,
    checkpoint,
    coroutine,
    current_task,
    move_on_after,
    run,
    sleep,
    wait,
)
from reactor.net import Stream
from reactor.tasks import Door, roots_of
from reactor.testing import Network, World
from reactor.watch import Place, explain, stack_of
from reactor.watch.explanation import outside

HERE = re.escape(__file__)


class Never(WaitQueue[None]):
    """Nobody is ever woken here."""

    def __repr__(self) -> str:
        return "<Never>"


async def in_async_def() -> None:
    await Never()


@coroutine
def in_generator() -> Steps[None]:
    yield from Never()


@coroutine
def at_a_bare_door() -> Steps[None]:
    yield Never()


@coroutine
def through_wait() -> Steps[None]:
    yield from wait(in_async_def())


async def through_a_generator() -> None:
    await through_wait()


async def numbers() -> AsyncIterator[int]:
    await in_async_def()
    yield 1


async def through_an_async_generator() -> None:
    async for _ in numbers():
        pass


@coroutine
def through_group_run() -> Steps[None]:
    yield from TaskGroup().run(in_async_def)


class OfItsOwn:
    """Something to wait for that is driven by what does not say whom it drives."""

    def __await__(self) -> Generator[Door, Any, None]:
        return in_async_def().__await__()


async def through_of_its_own() -> None:
    await OfItsOwn()


class OfNobody:
    """Something to wait for that drives nobody."""

    def __await__(self) -> Iterator[Door]:
        return iter([Never()])


async def through_of_nobody() -> None:
    await OfNobody()  # type: ignore[misc] # as a program would that is not checked


def functions_of(make: Callable[[], Any]) -> list[str]:
    """Return the functions in which a task of make() stands when it waits, those of tests only."""
    found: list[str] = []

    async def look() -> None:
        async with TaskGroup() as group:
            task = group.spawn(make)
            await checkpoint()
            await checkpoint()
            found.extend(place.function for place in stack_of(task) if place.file == __file__)
            group.cancel()

    with World() as world:
        world.run(look)
    return found


@pytest.mark.parametrize(
    ("make", "stack"),
    [
        (in_async_def, ["in_async_def"]),
        (in_generator, ["in_generator"]),
        (at_a_bare_door, ["at_a_bare_door"]),
        (through_wait, ["through_wait", "in_async_def"]),
        (through_a_generator, ["through_a_generator", "through_wait", "in_async_def"]),
        (
            through_an_async_generator,
            ["through_an_async_generator", "numbers", "in_async_def"],
        ),
        (through_group_run, ["through_group_run", "in_async_def"]),
        (through_of_its_own, ["through_of_its_own", "in_async_def"]),
        (through_of_nobody, ["through_of_nobody"]),
        (OfItsOwn, ["in_async_def"]),
        (Never, []),
    ],
)
def test_a_stack_leads_from_the_task_to_where_it_waits(
    make: Callable[[], Any], stack: list[str]
) -> None:
    assert functions_of(make) == stack


def test_a_place_says_where_it_is(world: World) -> None:
    async def main() -> str:
        async with TaskGroup() as group:
            task = group.spawn(in_async_def)
            await sleep(1)
            place = stack_of(task)[0]
            group.cancel()
        return str(place)

    line = in_async_def.__code__.co_firstlineno + 1
    assert world.run(main) == f"in_async_def ({__file__}:{line})"


def test_a_task_that_has_ended_stands_nowhere(world: World) -> None:
    tasks: list[Task[Any]] = []

    async def main() -> None:
        async with TaskGroup() as group:
            tasks.extend((group.spawn(checkpoint), group.spawn(in_time)))

    async def in_time() -> None:
        await sleep(1)

    world.run(main)
    assert [stack_of(task) for task in tasks] == [[], []]


def test_one_that_has_not_begun_stands_at_its_first_line(world: World) -> None:
    async def main() -> list[str]:
        async with TaskGroup() as group:
            task = group.spawn(in_async_def)
            places = stack_of(task)
            group.cancel()
        return [place.function for place in places]

    assert world.run(main) == ["in_async_def"]


def test_of_the_task_that_runs_its_own_function_is_known(world: World) -> None:
    async def main() -> list[str]:
        return [place.function.rpartition(".")[2] for place in stack_of(current_task())]

    assert world.run(main) == ["main"]


# -- the tree


async def worker(queue: WaitQueue[None]) -> None:
    with move_on_after(60):
        await queue


async def boss() -> None:
    async with TaskGroup() as outer:
        outer.spawn(worker, Never())
        outer.spawn(in_async_def)
        async with TaskGroup() as inner:
            inner.spawn(in_generator)
            with Scope():
                await sleep(1)
                text = explain(current_task().reactor)
            for group in (inner, outer):
                group.cancel()
        raise LookupError(text)


def test_the_tree_shows_tasks_in_their_scopes_and_groups(world: World) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        world.run(boss)

    text = str(caught.value.exceptions[0])
    shown = re.sub(rf"{HERE}:\d+", "here", text)
    assert shown.splitlines() == [
        "<Task boss, running>",
        "  at boss (here)",
        "  in <TaskGroup>",
        "    <Task worker, waits on <Never>>",
        "      at worker (here)",
        "      in <Scope of 60 s>",
        "    <Task in_async_def, waits on <Never>>",
        "      at in_async_def (here)",
        "  in <TaskGroup>",
        "    <Task in_generator, waits on <Never>>",
        "      at in_generator (here)",
        "  in <Scope>",
    ]


def test_where_all_of_a_stack_is_ours_the_innermost_is_shown(world: World) -> None:
    async def main() -> str:
        async with TaskGroup() as group:
            group.spawn(Never)
            group.spawn(TaskGroup().run, sleep, inf)
            await sleep(1)
            text = explain(current_task().reactor)
            group.cancel()
        return text

    lines = world.run(main).splitlines()

    assert [line.partition("(")[0] for line in lines if "  at " in line][1:] == [
        "      at Trap.__await__ ",
        "      at Trap.__await__ ",
    ]


def test_groups_may_stand_in_groups_as_deep_as_they_like(world: World) -> None:
    async def nest(depth: int) -> None:
        async with TaskGroup() as group:
            if depth:
                group.spawn(nest, depth - 1)
            await sleep(inf)

    with pytest.raises(DeadlockError) as deadlock:
        world.run(nest, 2000)

    assert str(deadlock.value).count("<Task ") == 2001


def test_a_reactor_at_rest_has_nobody_to_show(world: World) -> None:
    assert explain(world.reactor) == ""
    assert roots_of(world.reactor) == ()
    world.run(checkpoint)
    assert roots_of(world.reactor) == ()


def test_a_real_reactor_can_be_asked_too() -> None:
    async def main() -> str:
        await checkpoint()
        return explain(current_task().reactor)

    assert run(main).startswith(
        "<Task test_a_real_reactor_can_be_asked_too.<locals>.main, running>"
    )


def test_asking_changes_nothing(world: World) -> None:
    async def main() -> float:
        async with TaskGroup() as group:
            task = group.spawn(sleep, 2)
            for _ in range(3):
                await checkpoint()
                assert explain(task.reactor) == explain(task.reactor)
        return world.clock.now

    assert world.run(main) == 2.0


# -- deadlocks


def test_a_deadlock_tells_who_waits_for_what(world: World) -> None:
    line = in_async_def.__code__.co_firstlineno + 1
    with pytest.raises(DeadlockError) as deadlock:
        world.run(in_async_def)

    assert str(deadlock.value).splitlines() == [
        (
            "at 0 s nothing can happen any more: no timer is set and no watched descriptor is "
            "ready; whoever waits, waits for ever:"
        ),
        "<Task in_async_def, waits on <Never>>",
        f"  at in_async_def ({__file__}:{line})",
    ]


def test_two_who_wait_for_each_other_are_both_told(world: World, network: Network) -> None:
    async def polite(stream: Stream) -> None:
        await stream.receive()  # each lets the other speak first
        await stream.send_all(b"hello")

    async def main() -> None:
        near, far = network.stream_pair()
        async with TaskGroup() as group:
            group.spawn(polite, near)
            group.spawn(polite, far)

    with pytest.raises(DeadlockError) as deadlock:
        world.run(main)

    told = str(deadlock.value)
    assert "polite, waits on <data on <MemoryStream peer='far'>>>" in told
    assert "polite, waits on <data on <MemoryStream peer='near'>>>" in told


def test_main_tasks_side_by_side_are_told_apart(world: World) -> None:
    """One cannot be run inside another; but one after the other leaves nothing behind."""
    waiting: list[Callable[[], Operation[None] | Awaitable[None]]] = [in_generator, in_async_def]
    for fn in waiting:
        with pytest.raises(DeadlockError) as deadlock:
            world.run(partial(fn))  # type: ignore[arg-type] # of either kind
        assert str(deadlock.value).count("<Task ") == 1


def test_what_runs_a_module_as_a_program_is_not_of_the_program() -> None:
    theirs = Place("main", "app.py", 3)

    assert outside([Place("_run_code", runpy.run_module.__code__.co_filename, 88), theirs]) == [
        theirs
    ]
