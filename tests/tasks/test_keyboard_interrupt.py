"""KeyboardInterrupt inside a task: it leaves the loop, and waits for nobody."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from reactor import (
    Scope,
    TaskCancelledError,
    TaskGroup,
    WaitQueue,
    checkpoint,
    current_task,
    sleep,
)
from reactor.testing import World
from tests.tasks.parts import Heard, fail_with, for_ever, tell_end


def test_an_interrupt_in_a_child_leaves_the_loop_at_once(seed: int | None) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(tell_end, log, "sibling")
            await checkpoint()
            group.spawn(fail_with, KeyboardInterrupt())
            await tell_end(log, "body")

    with World(seed=seed) as world, pytest.raises(KeyboardInterrupt):
        world.run(main)

    assert log == ["sibling closed", "body closed"]


def test_an_interrupt_in_the_body_does_not_wait_for_the_tasks(seed: int | None) -> None:
    log: list[str] = []

    async def careful() -> None:
        with Scope(shield=True):
            await tell_end(log, "child")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(careful)
            await sleep(1)
            raise KeyboardInterrupt

    with World(seed=seed) as world, pytest.raises(KeyboardInterrupt):
        world.run(main)

    assert log == ["child closed"]
    assert world.clock.now == 1.0


def test_an_interrupt_in_the_body_is_not_replaced_by_failures_which_are_reported(
    seed: int | None,
) -> None:
    heard = Heard()

    async def clumsy() -> None:
        try:
            await for_ever()
        finally:
            raise ValueError("while it was closed")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(clumsy)
            group.spawn(fail_with, ValueError("before"))
            try:
                await for_ever()
            finally:
                raise KeyboardInterrupt

    with World(on_error=heard, seed=seed) as world, pytest.raises(KeyboardInterrupt):
        world.run(main)

    assert sorted(str(error) for error in heard.errors) == ["before", "while it was closed"]


def test_a_program_may_go_on_behind_an_interrupt_that_it_catches(seed: int | None) -> None:
    joined: list[str] = []

    async def joiner(task: Any) -> None:
        with pytest.raises(TaskCancelledError):
            await task.join()
        joined.append("joiner")

    async def interrupted(outer: TaskGroup) -> None:
        async with TaskGroup() as group:
            outer.spawn(joiner, group.spawn(for_ever))
            await checkpoint()
            await checkpoint()
            raise KeyboardInterrupt

    async def main() -> str:
        async with TaskGroup() as outer:
            with pytest.raises(KeyboardInterrupt):
                await interrupted(outer)
            await sleep(1)
        return "went on"

    with World(seed=seed) as world:
        assert world.run(main) == "went on"

    assert joined == ["joiner"]


def test_a_task_that_was_closed_while_it_was_queued_is_not_run(seed: int | None) -> None:
    heard = Heard()

    async def main() -> None:
        start = WaitQueue[None]()
        with suppress(KeyboardInterrupt):
            async with TaskGroup() as group:
                reactor = current_task().reactor
                reactor.call_soon(start.wake_one, None)
                reactor.call_soon(group.spawn, for_ever)  # queued behind main, in the same turn
                await start
                raise KeyboardInterrupt
        await checkpoint()

    with World(on_error=heard, seed=seed) as world:
        world.run(main)

    assert heard.errors == []
