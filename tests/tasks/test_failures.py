"""Failures: an error goes to the group of the task, and none is ever lost."""

from __future__ import annotations

import pytest

from reactor import Cancelled, ReactorError, Scope, TaskGroup, checkpoint, move_on_after, sleep
from reactor.testing import World
from tests.tasks.parts import fail_after, fail_with, for_ever, messages, now, tell_end


def test_a_failure_comes_out_as_a_group_of_one(world: World) -> None:
    error = ValueError("alone")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(fail_with, error)

    with pytest.raises(ExceptionGroup, match="1 failure in a task group") as info:
        world.run(main)

    assert info.value.exceptions == (error,)


def test_the_first_failure_cancels_body_and_tasks(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(tell_end, log, "sibling")
            group.spawn(fail_after, 1, ValueError("first"))
            await tell_end(log, "body")

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    assert messages(info.value) == ["first"]
    assert sorted(log) == ["body cancelled", "sibling cancelled"]
    assert world.clock.now == 1.0


def test_a_body_that_fails_cancels_the_tasks_and_is_in_the_group(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(tell_end, log, "child")
            await checkpoint()
            raise ValueError("body")

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    assert messages(info.value) == ["body"]
    assert log == ["child cancelled"]


def test_failures_of_one_turn_all_come_out_in_order(world: World) -> None:
    failed: list[str] = []

    async def fail(name: str) -> None:
        failed.append(name)
        raise ValueError(name)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(fail, "a")
            group.spawn(fail, "b")
            await checkpoint()
            await fail("body")

    with pytest.raises(ExceptionGroup, match="3 failures in a task group") as info:
        world.run(main)

    assert messages(info.value) == failed


def test_a_task_that_fails_while_it_is_cancelled_is_heard_too(world: World) -> None:
    async def clumsy() -> None:
        try:
            await for_ever()
        finally:
            raise ValueError("second")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(clumsy)
            group.spawn(fail_after, 1, ValueError("first"))

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    assert messages(info.value) == ["first", "second"]


def test_a_child_that_fails_while_the_body_is_in_a_shield_waits_for_the_body(
    world: World,
) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(fail_after, 1, ValueError("child"))
            with Scope(shield=True):
                await sleep(5)
            log.append(f"shield done at {now():g}")
            await checkpoint()
            log.append("not reached")

    with pytest.raises(ExceptionGroup):
        world.run(main)

    assert log == ["shield done at 5"]


def test_a_failure_beats_the_cancellation_of_what_is_around(world: World) -> None:
    async def clumsy() -> None:
        try:
            await for_ever()
        finally:
            raise ValueError("in the end")

    async def main() -> None:
        with move_on_after(1):
            async with TaskGroup() as group:
                group.spawn(clumsy)

    with pytest.raises(ExceptionGroup, match="1 failure in a task group"):
        world.run(main)


def test_failures_of_nested_groups_come_nested(world: World) -> None:
    async def child() -> None:
        async with TaskGroup() as inner:
            inner.spawn(fail_with, ValueError("deep"))

    async def main() -> None:
        async with TaskGroup() as outer:
            outer.spawn(child)

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    (inner,) = info.value.exceptions
    assert isinstance(inner, ExceptionGroup)
    assert messages(inner) == ["deep"]


def test_a_failure_that_is_no_exception_comes_out_in_a_group_of_its_kind(world: World) -> None:
    class Quit(BaseException):
        """Somebody's own."""

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(fail_with, Quit("quit"))

    with pytest.raises(BaseExceptionGroup) as info:
        world.run(main)

    assert messages(info.value) == ["quit"]


def test_a_task_that_raises_generator_exit_has_failed(world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(fail_with, GeneratorExit("odd"))

    with pytest.raises(BaseExceptionGroup) as info:
        world.run(main)

    assert messages(info.value) == ["odd"]


def test_a_task_that_raises_cancelled_by_itself_has_failed(world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(fail_with, Cancelled())

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    (error,) = info.value.exceptions
    assert isinstance(error, ReactorError)
    assert "fail_with, done> raised Cancelled, but nothing cancelled it" in str(error)
    assert isinstance(error.__cause__, Cancelled)


def test_a_body_that_raises_cancelled_by_itself_has_failed_and_its_tasks_are_cancelled(
    world: World,
) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(sleep, 1000)
            raise Cancelled

    with pytest.raises(ExceptionGroup, match="1 failure in a task group") as info:
        world.run(main)

    assert "raised Cancelled, but nothing cancelled it" in messages(info.value)[0]
    assert world.clock.now == 0.0
