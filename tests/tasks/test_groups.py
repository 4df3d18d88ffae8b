"""Task groups: tasks that end together."""

from __future__ import annotations

from typing import Any

import pytest

from reactor import (
    ClosedError,
    Scope,
    ScopeError,
    TaskGroup,
    checkpoint,
    current_task,
    move_on_after,
    sleep,
)
from reactor.testing import World
from tests.tasks.parts import for_ever, give, now, tell_end


def test_a_group_is_left_when_all_its_tasks_have_ended(world: World) -> None:
    async def main() -> float:
        async with TaskGroup() as group:
            group.spawn(sleep, 3)
            group.spawn(sleep, 5)
        return now()

    assert world.run(main) == 5.0


def test_a_group_without_tasks_is_left_at_once(world: World) -> None:
    order: list[str] = []

    async def main() -> None:
        current_task().reactor.call_soon(order.append, "other")
        async with TaskGroup():
            pass
        order.append("main")

    world.run(main)

    assert order == ["main"]


def test_a_group_waits_for_tasks_that_its_tasks_spawn(world: World) -> None:
    async def child(group: TaskGroup) -> None:
        await sleep(1)
        group.spawn(sleep, 9)

    async def main() -> float:
        async with TaskGroup() as group:
            group.spawn(child, group)
        return now()

    assert world.run(main) == 10.0


def test_a_callback_may_spawn_when_the_last_task_has_just_ended(world: World) -> None:
    async def main() -> float:
        async with TaskGroup() as group:
            task = group.spawn(sleep, 1)
            current_task().reactor.call_at(1.0, group.spawn, sleep, 4)
            assert not task.done
        return now()

    assert world.run(main) == 5.0


def test_a_task_lives_in_its_group_and_not_in_its_spawner(world: World) -> None:
    async def spawner(group: TaskGroup) -> None:
        group.spawn(sleep, 9)

    async def main() -> tuple[float, float]:
        async with TaskGroup() as outer:
            async with TaskGroup() as inner:
                await inner.spawn(spawner, outer).join()
            inner_ended = now()
        return inner_ended, now()

    assert world.run(main) == (0.0, 9.0)


def test_members_are_the_tasks_that_have_not_ended_in_order(world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            tasks = [group.spawn(sleep, seconds) for seconds in (1, 3, 2)]
            await sleep(1.5)
            assert list(group.members()) == tasks[1:]
        assert list(group.members()) == []

    world.run(main)


def test_a_plain_scope_has_no_members(world: World) -> None:
    async def main() -> None:
        with Scope() as scope:
            assert list(scope.members()) == []

    world.run(main)


def test_cancel_ends_body_and_tasks(world: World) -> None:
    log: list[str] = []

    async def main() -> float:
        async with TaskGroup() as group:
            group.spawn(tell_end, log, "a")
            group.spawn(tell_end, log, "b")
            current_task().reactor.call_later(1, group.cancel)
            await tell_end(log, "body")
        log.append("behind")
        return now()

    assert world.run(main) == 1.0
    assert log.pop() == "behind"
    assert sorted(log) == ["a cancelled", "b cancelled", "body cancelled"]


def test_the_body_that_is_done_is_cancelled_where_it_waits_for_the_tasks(world: World) -> None:
    async def main() -> tuple[float, bool]:
        with move_on_after(2) as scope:
            async with TaskGroup() as group:
                group.spawn(for_ever)
        return now(), scope.cancelled_caught

    assert world.run(main) == (2.0, True)


@pytest.mark.in_order("of a sleep and a timer due together, the older is first")
def test_a_group_whose_tasks_end_in_the_turn_of_the_cancellation_is_left_normally(
    world: World,
) -> None:
    log: list[str] = []

    async def main() -> None:
        with Scope() as scope:
            async with TaskGroup() as group:
                group.spawn(sleep, 1)
                await checkpoint()  # so that the sleep is due before the cancellation
                current_task().reactor.call_at(1.0, scope.cancel)
            log.append("left")
            await checkpoint()
            log.append("not reached")

    world.run(main)

    assert log == ["left"]


def test_a_task_spawned_into_a_cancelled_group_starts_and_is_cancelled_at_its_first_park(
    world: World,
) -> None:
    log: list[str] = []

    async def child() -> None:
        try:
            log.append("begun")
            await checkpoint()
            log.append("not reached")
        finally:
            log.append("ended")

    async def main() -> None:
        async with TaskGroup() as group:
            group.cancel()
            group.spawn(child)

    world.run(main)

    assert log == ["begun", "ended"]


def test_a_task_that_was_spawned_before_the_cancellation_and_has_not_begun_starts_too(
    world: World,
) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(tell_end, log, "child")
            group.cancel()

    world.run(main)

    assert log == ["child cancelled"]


def test_a_group_inside_a_cancelled_scope_is_cancelled(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        with Scope() as scope:
            scope.cancel()
            async with TaskGroup() as group:
                group.spawn(tell_end, log, "child")
        log.append(f"caught: {scope.cancelled_caught}")

    world.run(main)

    assert log == ["child cancelled", "caught: True"]


def test_a_group_that_is_cancelled_again_while_it_waits_in_vain_waits_on(world: World) -> None:
    async def careful() -> None:
        with Scope(shield=True):
            await sleep(9)

    async def main() -> float:
        with move_on_after(3), move_on_after(2):
            async with TaskGroup() as group:
                group.spawn(careful)
                await sleep(1)
                group.cancel()
        return now()

    assert world.run(main) == 9.0


def test_nothing_is_spawned_into_a_group_before_it_is_open() -> None:
    with pytest.raises(ClosedError, match="<TaskGroup> is not open; spawn inside of `async with`"):
        TaskGroup().spawn(for_ever)


def test_nothing_is_spawned_into_a_group_that_was_left(world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            pass
        with pytest.raises(ClosedError, match="is not open"):
            group.spawn(for_ever)

    world.run(main)


def test_a_spawn_with_wrong_arguments_fails_where_it_is_made(world: World) -> None:
    untyped: Any = give

    async def main() -> None:
        async with TaskGroup() as group:
            with pytest.raises(TypeError, match="positional argument"):
                group.spawn(untyped, 1, 2)

    world.run(main)


def test_a_group_is_not_for_with(world: World) -> None:
    async def main() -> None:
        with pytest.raises(TypeError, match="waits when it is left; write `async with`"):
            TaskGroup().__enter__()

    world.run(main)


def test_a_group_is_opened_once(world: World) -> None:
    async def main() -> None:
        group = TaskGroup()
        async with group:
            with pytest.raises(ScopeError, match="was entered before"):
                await group.run(for_ever)
        with pytest.raises(ScopeError, match="was entered before"):
            async with group:
                pass

    world.run(main)
