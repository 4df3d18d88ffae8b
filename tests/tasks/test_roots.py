"""spawn_in: tasks that callbacks begin."""

from __future__ import annotations

import pytest

from reactor import (
    Cancelled,
    ClosedError,
    DeadlockError,
    NotRunningError,
    Reactor,
    Scope,
    Task,
    TaskGroup,
    checkpoint,
    current_task,
    move_on_after,
    running,
    sleep,
    spawn_in,
)
from reactor.tasks import roots_of
from reactor.testing import World
from tests.tasks.parts import Form, each_form, fail_with, for_ever, give


@each_form
def test_a_callback_begins_a_task_and_is_told_its_result(world: World, form: Form) -> None:
    told: list[tuple[str, float]] = []

    async def work() -> str:
        await form(lambda: sleep(1))
        assert running() is world.reactor
        return "done"

    def ended(task: Task[str]) -> None:
        with pytest.raises(NotRunningError, match="no task is running here"):
            current_task()
        told.append((task.result, world.clock.now))

    def begin() -> None:
        spawn_in(world.reactor, work, ended=ended)

    world.reactor.call_at(1, begin)
    world.run_until(5)

    assert told == [("done", 2.0)]


def test_it_may_be_begun_before_the_reactor_runs_and_takes_arguments(world: World) -> None:
    tasks: list[Task[str]] = []
    spawn_in(world.reactor, give, "me", ended=tasks.append)
    assert tasks == []
    world.run_until(2)

    assert tasks[0].result == "me"


def test_a_failure_is_told_by_the_task(world: World) -> None:
    tasks: list[Task[None]] = []
    error = ValueError("mine")
    spawn_in(world.reactor, fail_with, error, ended=tasks.append)
    world.run_until(1)

    assert tasks[0].error is error


def test_a_failure_that_nobody_asks_for_is_reported(seed: int | None) -> None:
    heard: list[Exception] = []
    error = ValueError("mine")
    with World(on_error=lambda what, error: heard.append(error), seed=seed) as world:
        spawn_in(world.reactor, fail_with, error)
        world.run_until(1)

    assert heard == [error]


def test_an_exit_leaves_run(world: World) -> None:
    spawn_in(world.reactor, fail_with, SystemExit(3))
    with pytest.raises(SystemExit):
        world.run_until(1)


def test_an_interrupt_leaves_run_at_once(world: World) -> None:
    spawn_in(world.reactor, fail_with, KeyboardInterrupt(), ended=lambda task: None)
    with pytest.raises(KeyboardInterrupt):
        world.run_until(1)
    world.run_until(2)


def test_it_is_called_off_through_its_scope(world: World) -> None:
    log: list[str] = []

    async def work() -> None:
        try:
            await for_ever()
        finally:
            log.append("cleaned up")
            await checkpoint()

    def ended(task: Task[None]) -> None:
        log.append(f"ended, {isinstance(task.error, Cancelled)}")

    scope = spawn_in(world.reactor, work, ended=ended)
    assert isinstance(scope, Scope)
    world.reactor.call_at(1, scope.cancel)
    world.run_until(2)

    assert log == ["cleaned up", "ended, True"]


def test_one_that_is_called_off_is_no_failure(world: World) -> None:
    scope = spawn_in(world.reactor, for_ever)
    scope.cancel()
    world.run_until(1)

    assert roots_of(world.reactor) == ()


def test_its_groups_and_deadlines_are_like_those_of_any_task(world: World) -> None:
    tasks: list[Task[float]] = []

    async def work() -> float:
        async with TaskGroup() as group:
            with move_on_after(3):
                await group.spawn(for_ever).join()
            group.cancel()
        return world.clock.now

    spawn_in(world.reactor, work, ended=tasks.append)
    world.run_until(5)

    assert tasks[0].result == 3.0


def test_a_task_may_begin_one_that_outlives_it(world: World) -> None:
    told: list[int] = []

    async def work() -> int:
        await sleep(2)
        return 2

    async def main() -> None:
        spawn_in(world.reactor, work, ended=lambda task: told.append(task.result))
        await sleep(1)

    world.run(main)
    assert told == []
    world.run_until(3)

    assert told == [2]


def test_a_deadlock_tells_of_it(world: World) -> None:
    async def stuck() -> None:
        await for_ever()

    async def main() -> None:
        spawn_in(world.reactor, stuck)
        await for_ever()

    with pytest.raises(DeadlockError, match=r"(?s)main.*stuck"):
        world.run(main)


def test_a_reactor_that_is_closed_closes_it_where_it_stands_and_tells_nobody(
    seed: int | None,
) -> None:
    log: list[str] = []

    async def work() -> None:
        try:
            await for_ever()
        finally:
            log.append("cleaned up")

    with World(seed=seed) as world:
        spawn_in(world.reactor, work, ended=lambda task: log.append("ended"))
        spawn_in(world.reactor, work, ended=lambda task: log.append("ended"))
        world.run_until(1)

    assert log == ["cleaned up", "cleaned up"]


def test_what_it_fails_with_when_it_is_closed_is_reported(seed: int | None) -> None:
    heard: list[str] = []

    async def work() -> None:
        try:
            await for_ever()
        finally:
            raise ValueError("mine")

    with World(on_error=lambda what, error: heard.append(str(error)), seed=seed) as world:
        spawn_in(world.reactor, work)
        world.run_until(1)

    assert heard == ["mine"]


def test_one_that_has_not_begun_is_closed_too(seed: int | None) -> None:
    log: list[str] = []
    with World(seed=seed) as world:
        spawn_in(world.reactor, give, 1, ended=lambda task: log.append("ended"))

    assert log == []


def test_what_cannot_be_waited_for_is_refused_and_leaves_nothing(world: World) -> None:
    with pytest.raises(TypeError, match="cannot be waited for"):
        spawn_in(world.reactor, len, [])  # type: ignore[arg-type]

    assert roots_of(world.reactor) == ()


def test_a_closed_reactor_refuses() -> None:
    reactor = Reactor()
    reactor.close()
    with pytest.raises(ClosedError):
        spawn_in(reactor, give, 1)


def test_a_stray_cancelled_is_no_failure(world: World) -> None:
    spawn_in(world.reactor, fail_with, Cancelled())
    world.run_until(1)

    assert roots_of(world.reactor) == ()
