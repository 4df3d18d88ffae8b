"""TaskGroup.run: what `async with` does, for generators."""

from __future__ import annotations

from typing import Any

import pytest

from reactor import Steps, TaskGroup, checkpoint, coroutine, current_task, move_on_after, sleep
from reactor.testing import World
from tests.tasks.parts import for_ever, give, now


def test_run_returns_what_the_body_returned(world: World) -> None:
    @coroutine
    def main() -> Steps[tuple[str | None, float]]:
        group = TaskGroup()

        @coroutine
        def body() -> Steps[str]:
            group.spawn(sleep, 4)
            yield from checkpoint()
            return "body"

        return (yield from group.run(body)), now()

    assert world.run(main) == ("body", 4.0)


def test_run_returns_none_if_the_group_was_cancelled(world: World) -> None:
    @coroutine
    def main() -> Steps[str | None]:
        group = TaskGroup()
        current_task().reactor.call_later(1, group.cancel)
        return (yield from group.run(for_ever_and, "a day"))

    async def for_ever_and(more: str) -> str:
        await for_ever()
        return more

    assert world.run(main) is None


def test_run_lets_the_cancellation_of_what_is_around_pass(world: World) -> None:
    @coroutine
    def main() -> Steps[bool]:
        with move_on_after(1) as scope:
            yield from TaskGroup().run(for_ever)
        return scope.cancelled_caught

    assert world.run(main)


def test_run_of_what_cannot_be_called_with_these_fails_as_a_body_does(world: World) -> None:
    untyped: Any = give

    @coroutine
    def main() -> Steps[None]:
        yield from TaskGroup().run(untyped, 1, 2)

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    assert isinstance(info.value.exceptions[0], TypeError)
