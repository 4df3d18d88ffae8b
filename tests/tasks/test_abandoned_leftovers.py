"""Leftovers: nothing of an abandoned task stays with the reactor or gets lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial
from typing import Any

import pytest

from reactor import (
    ClosedError,
    DeadlockError,
    ReactorError,
    TaskCancelledError,
    TaskGroup,
    checkpoint,
    current_task,
    sleep,
    timeout,
    wait_readable,
)
from reactor.testing import World
from tests.tasks.parts import Failing, Heard, Notes, Pair, abandoned, fail_with, for_ever, give

NAME: ContextVar[str] = ContextVar("NAME", default="nobody")


@pytest.mark.parametrize(
    "wait", [pytest.param(checkpoint, id="checkpoint"), pytest.param(partial(sleep, 0), id="sleep")]
)
def test_a_task_that_is_ready_is_closed_and_not_run_later(
    wait: Callable[[], Awaitable[None]],
    seed: int | None,
) -> None:
    log: list[str] = []

    async def child() -> None:
        try:
            await wait()
            log.append("not reached")
        finally:
            log.append("closed")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(child)
            await checkpoint()
            current_task().reactor.stop()
            await for_ever()

    with World(seed=seed) as world:
        with pytest.raises(ReactorError, match="was stopped"):
            world.run(main)
        world.run(give, "next")

    assert log == ["closed"]


def test_what_waits_on_a_descriptor_lets_go_of_it(pair: Pair, seed: int | None) -> None:
    near, far = pair

    async def main() -> None:
        current_task().reactor.call_soon(current_task().reactor.stop)
        await wait_readable(near)

    with World(seed=seed) as world:
        with pytest.raises(ReactorError, match="was stopped"):
            world.run(main)
        far.send(b"x")
        world.run(wait_readable, near)


def test_the_alarm_of_a_task_goes_with_it(world: World) -> None:
    async def main() -> None:
        with timeout(1000):
            current_task().reactor.stop()
            await for_ever()

    with pytest.raises(ReactorError, match="was stopped"):
        world.run(main)
    with pytest.raises(DeadlockError, match="at 0 s"):
        world.reactor.run()


def test_a_trap_whose_abort_fails_is_reported_and_its_task_is_closed(seed: int | None) -> None:
    log: list[str] = []

    async def main() -> None:
        try:
            await Failing(abort=ValueError("cannot let go"))
        finally:
            log.append("closed")

    heard = abandoned(main, seed=seed)

    assert [str(error) for error in heard.errors] == ["cannot let go"]
    assert log == ["closed"]


def test_nothing_is_spawned_into_the_group_of_an_abandoned_task(seed: int | None) -> None:
    async def child(group: TaskGroup) -> None:
        try:
            await for_ever()
        finally:
            group.spawn(for_ever)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(child, group)

    heard = abandoned(main, seed=seed)

    assert [type(error) for error in heard.errors] == [ClosedError]


def test_a_task_spawned_into_an_outer_group_by_one_that_is_closed_is_closed_too(
    seed: int | None,
) -> None:
    tasks: list[Any] = []

    async def child(group: TaskGroup) -> None:
        try:
            await for_ever()
        finally:
            tasks.append(group.spawn(for_ever))

    async def main() -> None:
        async with TaskGroup() as outer, TaskGroup() as inner:
            inner.spawn(child, outer)

    heard = abandoned(main, seed=seed)

    assert heard.errors == []
    assert tasks[0].done


def test_a_body_that_spawns_while_it_is_closed_is_refused_and_that_is_reported(
    seed: int | None,
) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            try:
                await for_ever()
            finally:
                group.spawn(for_ever)

    (reported,) = abandoned(main, seed=seed).errors

    assert isinstance(reported, ExceptionGroup)
    assert isinstance(reported.exceptions[0], ClosedError)


@pytest.mark.in_order("both end in one turn, the interrupt last")
def test_failures_that_were_on_their_way_to_the_body_are_reported(seed: int | None) -> None:
    heard = Heard()

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(fail_with, ValueError("on its way"))
            group.spawn(fail_with, KeyboardInterrupt())

    with World(on_error=heard, seed=seed) as world, pytest.raises(KeyboardInterrupt):
        world.run(main)

    (reported,) = heard.errors
    assert isinstance(reported, ExceptionGroup)
    assert [str(error) for error in reported.exceptions] == ["on its way"]


def test_an_abandoned_task_is_done_and_counts_as_cancelled(seed: int | None) -> None:
    tasks: list[Any] = []

    async def main() -> None:
        async with TaskGroup() as group:
            tasks.append(group.spawn(for_ever))

    abandoned(main, seed=seed)

    assert tasks[0].done
    with pytest.raises(TaskCancelledError):
        _ = tasks[0].result


def test_a_tracer_hears_of_the_end_of_an_abandoned_task(seed: int | None) -> None:
    notes = Notes()

    with World(tracer=notes, seed=seed) as world, pytest.raises(DeadlockError):
        world.run(for_ever)

    assert notes.lines[-1] == "for_ever ends with Cancelled()"
