"""Traps: the door between a task and whoever wakes it."""

from __future__ import annotations

from typing import Any

import pytest

from reactor import (
    Cancelled,
    ReactorError,
    Scope,
    Task,
    TaskGroup,
    Trap,
    checkpoint,
    current_task,
    move_on_after,
    sleep,
)
from reactor.testing import World
from tests.tasks.parts import Cell, Failing, Form, each_form, fail_after, for_ever, now


async def collect(cell: Cell, answers: list[str]) -> None:
    """Note what cell answers."""
    answers.append(await cell)


def test_a_task_waits_until_its_trap_answers(world: World) -> None:
    cell, answers = Cell(), list[str]()

    async def main() -> list[str]:
        async with TaskGroup() as group:
            group.spawn(collect, cell, answers)
            await sleep(5)
            before = list(answers)
            cell.answer("five o'clock")
        return before

    assert world.run(main) == []
    assert answers == ["five o'clock"]


@each_form
@pytest.mark.parametrize(
    "error", [ValueError("no"), SystemExit(4), Cancelled(), KeyboardInterrupt()]
)
def test_what_park_raises_is_raised_at_the_await(
    error: BaseException, form: Form, world: World
) -> None:
    async def main() -> float:
        with pytest.raises(type(error)) as info:
            await form(lambda: Failing(park=error))
        assert info.value is error
        await sleep(1)
        return now()

    assert world.run(main) == 1.0


def test_a_park_that_raises_stop_iteration_does_not_end_the_task(world: World) -> None:
    async def main() -> float:
        with pytest.raises(RuntimeError, match="generator raised StopIteration"):
            await Failing(park=StopIteration("not the end"))
        await sleep(1)
        return now()

    assert world.run(main) == 1.0


def test_a_trap_may_fail_the_task_on_the_spot(world: World) -> None:
    class Refusal(Trap[None]):
        def park(self, task: Task[Any]) -> None:
            task.fail(ValueError("not today"))

        def abort(self, task: Task[Any]) -> bool:
            raise AssertionError("nobody ever waits here")

    async def main() -> None:
        await Refusal()

    with pytest.raises(ValueError, match="not today"):
        world.run(main)


def test_a_trap_may_fail_the_task_later(world: World) -> None:
    cell = Cell()

    async def main() -> None:
        task = current_task()
        task.reactor.call_later(1, task.fail, ValueError("too late"))
        await cell

    with pytest.raises(ValueError, match="too late"):
        world.run(main)


def test_a_trap_without_park_or_abort_says_what_is_missing(world: World) -> None:
    class Nothing(Trap[None]):
        pass

    async def main() -> None:
        nothing: Any = Nothing
        with pytest.raises(NotImplementedError, match=r"Nothing .* has no park\(task\)"):
            await nothing()
        with pytest.raises(NotImplementedError, match=r"Nothing .* has no abort\(task\)"):
            nothing().abort(current_task())

    world.run(main)


def test_a_trap_that_answers_twice_is_told_so_and_the_first_answer_holds(world: World) -> None:
    cell, answers = Cell(), list[str]()

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(collect, cell, answers)
            await sleep(1)
            cell.answer("first")
            with pytest.raises(ReactorError, match="is not parked; a trap answers each park once"):
                cell.answer("second")

    world.run(main)

    assert answers == ["first"]


def test_a_trap_that_answers_twice_on_the_spot_is_told_so(world: World) -> None:
    class Hasty(Trap[str]):
        def park(self, task: Task[Any]) -> None:
            task.wake("first")
            with pytest.raises(ReactorError, match="is not parked"):
                task.wake("second")

        def abort(self, task: Task[Any]) -> bool:
            raise AssertionError("nobody ever waits here")

    async def main() -> str:
        return await Hasty()

    assert world.run(main) == "first"


def test_a_task_that_has_ended_cannot_be_woken(world: World) -> None:
    cell, answers = Cell(), list[str]()

    async def main() -> None:
        async with TaskGroup() as group:
            task = group.spawn(collect, cell, answers)
            await sleep(1)
            cell.answer("first")
            await task.join()
            with pytest.raises(ReactorError, match="collect, done> is not parked"):
                cell.answer("second")

    world.run(main)


def test_a_running_task_cannot_be_woken(world: World) -> None:
    async def main() -> None:
        for wait in (sleep(1), checkpoint()):
            await wait
            with pytest.raises(ReactorError, match="main, running> is not parked"):
                current_task().wake()

    world.run(main)


def test_what_abort_raises_is_raised_at_the_await(world: World) -> None:
    async def main() -> bool:
        with move_on_after(1) as scope:
            with pytest.raises(ValueError, match="cannot let go"):
                await Failing(abort=ValueError("cannot let go"))
            await checkpoint()
        return scope.cancelled_caught

    assert world.run(main)


def test_an_abort_that_fails_does_not_keep_the_others_from_being_cancelled(world: World) -> None:
    async def stubborn() -> None:
        await Failing(abort=ValueError("cannot let go"))

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(stubborn)
            group.spawn(for_ever)
            group.spawn(fail_after, 1, KeyError("first"))

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    assert [type(error) for error in info.value.exceptions] == [KeyError, ValueError]


def test_a_trap_that_cancels_the_task_that_it_parks_does_cancel_it(world: World) -> None:
    class Tripwire(Trap[None]):
        def park(self, task: Task[Any]) -> None:
            scope.cancel()

        def abort(self, task: Task[Any]) -> bool:
            return True

    async def main() -> bool:
        with scope:
            await Tripwire()
        return scope.cancelled_caught

    scope = Scope()

    assert world.run(main)
