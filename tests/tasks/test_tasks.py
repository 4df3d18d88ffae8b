"""Tasks: how one begins, what it knows of itself, what it leaves behind."""

from __future__ import annotations

import gc
import weakref
from contextlib import suppress
from contextvars import ContextVar, copy_context
from typing import Any

import pytest

from reactor import (
    NotRunningError,
    ReactorError,
    Scope,
    Task,
    TaskCancelledError,
    TaskGroup,
    checkpoint,
    current_task,
    run,
    sleep,
    wait_readable,
)
from reactor.testing import World
from tests.tasks.parts import Cell, Pair, fail_with, for_ever, give

NAME: ContextVar[str] = ContextVar("NAME", default="nobody")


def test_a_task_takes_its_first_step_in_the_next_turn(world: World) -> None:
    order: list[str] = []

    async def child() -> None:
        order.append("child")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(child)
            order.append("spawned")

    world.run(main)

    assert order == ["spawned", "child"]


@pytest.mark.in_order("first come, first run")
def test_tasks_take_their_steps_in_the_order_in_which_they_became_ready(world: World) -> None:
    order: list[str] = []

    async def child(name: str) -> None:
        for step in "12":
            order.append(name + step)
            await checkpoint()

    async def main() -> None:
        async with TaskGroup() as group:
            for name in "abc":
                group.spawn(child, name)

    world.run(main)

    assert order == ["a1", "b1", "c1", "a2", "b2", "c2"]


# -- who runs here


def test_the_current_task_is_the_one_that_runs(world: World) -> None:
    seen: list[Task[None]] = []

    async def child() -> None:
        seen.append(current_task())
        await sleep(1)
        seen.append(current_task())

    async def main() -> None:
        async with TaskGroup() as group:
            task = group.spawn(child)
        assert seen == [task, task]

    world.run(main)


def test_there_is_no_current_task_in_a_callback(world: World) -> None:
    def callback() -> None:
        with pytest.raises(NotRunningError, match="no task is running here; call this from a"):
            current_task()

    async def main() -> None:
        current_task().reactor.call_soon(callback)
        await checkpoint()

    world.run(main)


def test_there_is_no_current_task_outside_of_run() -> None:
    with pytest.raises(NotRunningError):
        current_task()


def test_a_spawned_function_is_called_by_its_spawner(world: World) -> None:
    callers: list[object] = []

    async def main() -> object:
        def begin() -> object:
            callers.append(current_task())
            return checkpoint()

        async with TaskGroup() as group:
            group.spawn(begin)  # type: ignore[arg-type]  # what it makes is told too loosely
        return current_task()

    assert [world.run(main)] == callers


# -- context variables


def test_a_task_begins_with_a_copy_of_its_spawner_s_context(world: World) -> None:
    async def child() -> str:
        return NAME.get()

    async def main() -> str:
        NAME.set("spawner")
        async with TaskGroup() as group:
            task = group.spawn(child)
            NAME.set("set later")
        return task.result

    assert world.run(main) == "spawner"


def test_what_a_task_sets_it_keeps_across_waits_and_nobody_else_sees(world: World) -> None:
    async def child(name: str) -> str:
        NAME.set(name)
        await sleep(1)
        return NAME.get()

    async def main() -> tuple[str, ...]:
        async with TaskGroup() as group:
            tasks = [group.spawn(child, name) for name in ("ann", "bob")]
        return (*(task.result for task in tasks), NAME.get())

    assert world.run(main) == ("ann", "bob", "nobody")


def test_a_task_spawned_by_a_callback_has_the_callback_s_context(world: World) -> None:
    async def child() -> str:
        return NAME.get()

    async def main() -> str:
        tasks: list[Task[str]] = []
        context = copy_context()
        context.run(NAME.set, "callback")
        async with TaskGroup() as group:
            reactor = current_task().reactor
            reactor.call_soon(lambda: tasks.append(group.spawn(child)), context=context)
            await sleep(1)
        return tasks[0].result

    assert world.run(main) == "callback"


# -- the result


def test_a_result_is_there_when_the_task_is_done(world: World) -> None:
    async def main() -> tuple[bool, bool, str]:
        async with TaskGroup() as group:
            task = group.spawn(give, "gift")
            before = task.done
        return before, task.done, task.result

    assert world.run(main) == (False, True, "gift")


def test_there_is_no_result_before_the_end(world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            task = group.spawn(give, "gift")
            with pytest.raises(ReactorError, match="give, ready> is not done; join it"):
                _ = task.result

    world.run(main)


def test_the_result_of_one_that_failed_is_its_error(world: World) -> None:
    error = ValueError("failed")

    async def main() -> None:
        with pytest.raises(ExceptionGroup):
            async with TaskGroup() as group:
                task = group.spawn(fail_with, error)
        with pytest.raises(ValueError, match="failed") as info:
            _ = task.result
        assert info.value is error

    world.run(main)


def test_one_that_was_cancelled_has_no_result(world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            task = group.spawn(for_ever)
            group.cancel()
        assert task.done
        with pytest.raises(TaskCancelledError, match="for_ever, done> was cancelled; it has no"):
            _ = task.result

    world.run(main)


# -- repr


def test_a_task_shows_what_it_is_at(world: World) -> None:
    shown: list[str] = []

    async def child(cell: Cell) -> None:
        shown.append(repr(current_task()))
        await cell

    async def main() -> None:
        cell = Cell()
        async with TaskGroup() as group:
            task = group.spawn(child, cell)
            shown.append(repr(task))
            await sleep(1)
            shown.append(repr(task))
            cell.answer("go on")
            shown.append(repr(task))
        shown.append(repr(task))

    world.run(main)

    name = "test_a_task_shows_what_it_is_at.<locals>.child"
    assert shown == [
        f"<Task {name}, {state}>"
        for state in ("ready", "running", "waits on <Cell>", "ready", "done")
    ]


def test_a_task_shows_how_long_it_sleeps_and_what_it_reads(world: World, pair: Pair) -> None:
    near, _ = pair

    async def main() -> list[str]:
        async with TaskGroup() as group:
            tasks = [group.spawn(sleep, 2.5), group.spawn(wait_readable, near)]
            await sleep(1)
            shown = [repr(task) for task in tasks]
            group.cancel()
        return shown

    assert world.run(main) == [
        "<Task Sleep, waits on <Sleep 2.5 s>>",
        f"<Task wait_readable, waits on <Side fd={near.fileno()} reading>>",
    ]


class Kept:
    """Something that a task has."""


@pytest.mark.parametrize("ending", ["fails", "is cancelled", "is cancelled with its group"])
def test_what_a_task_had_is_let_go_at_its_end_without_the_garbage_collector(
    world: World, ending: str
) -> None:
    async def keeper(kept: Kept) -> None:
        if ending == "fails":
            raise ValueError
        await for_ever()

    async def main() -> weakref.ref[Kept]:
        kept = Kept()
        gone = weakref.ref(kept)
        with suppress(ExceptionGroup), Scope() as around:
            async with TaskGroup() as group:
                group.spawn(keeper, kept)
                await checkpoint()
                (around if ending == "is cancelled with its group" else group).cancel()
        return gone

    gc.collect()
    gc.disable()
    try:
        assert world.run(main)() is None
    finally:
        gc.enable()


def test_a_task_can_be_referred_to_weakly(world: World) -> None:
    async def main() -> bool:
        return weakref.ref(current_task())() is current_task()

    assert world.run(main)


def test_a_group_can_be_walked_through_while_its_tasks_end(world: World) -> None:
    async def main(results: list[int]) -> None:
        async with TaskGroup() as group:
            for number in range(3):
                group.spawn(give, number)
            results += [await task.join() for task in group.members()]

    results: list[int] = []
    world.run(main, results)

    assert results == [0, 1, 2]


def test_a_call_in_the_place_of_a_function_is_refused_with_what_to_write() -> None:
    async def main() -> None: ...

    called: Any = main()
    with pytest.raises(TypeError, match="cannot be called; give the function, not its call"):
        run(called)
    called.close()


def test_a_type_error_of_the_function_itself_is_its_own(world: World) -> None:
    wrong: Any = give
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        world.run(wrong)


@pytest.mark.in_order("one looks at another between its wake and its turn")
def test_a_task_that_is_queued_shows_that_it_is_ready_and_a_timer_whose_it_is(
    world: World,
) -> None:
    async def main(shown: list[str]) -> None:
        async with TaskGroup() as group:
            sleeper = group.spawn(sleep, 1)
            waiting = group.spawn(checkpoint)
            await checkpoint()
            shown += [repr(sleeper), repr(waiting), repr(checkpoint())]

    shown: list[str] = []
    world.run(main, shown)

    assert shown == [
        "<Task Sleep, waits on <Sleep 1 s>>",
        "<Task Checkpoint, ready>",
        "<Checkpoint>",
    ]
