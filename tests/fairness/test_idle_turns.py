"""While something is being cancelled, and has to be waited for, the loop makes no idle turns."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from typing import Any

import pytest

from reactor import Scope, TaskGroup, current_task, move_on_after, move_on_at, sleep, timeout
from reactor.testing import World
from tests.fairness.stage import Deeds

LONG = 10.0
"""Seconds that somebody takes in spite of it."""


async def clean_up() -> None:
    """Wait, whatever is cancelled around."""
    with Scope(shield=True):
        await sleep(LONG)


async def cancelled_in_a_shield() -> None:
    with Scope() as scope:
        scope.cancel()
        with move_on_after(6 * LONG, shield=True):
            await sleep(LONG)


async def cancelled_by_its_deadline() -> None:
    with move_on_after(0):
        try:
            await sleep(6 * LONG)
        finally:
            await clean_up()


async def group_of_one_that_refuses_to_end() -> None:
    async with TaskGroup() as group:
        group.spawn(clean_up)
        group.cancel()


async def groups_in_groups() -> None:
    async def inner() -> None:
        async with TaskGroup() as group:
            group.spawn(clean_up)
            group.spawn(sleep, 6 * LONG)

    async with TaskGroup() as group:
        group.spawn(inner)
        await sleep(0)
        group.cancel()


async def cancelled_time_and_again() -> None:
    async with TaskGroup() as group:
        group.spawn(clean_up)
        for _ in range(100):
            group.cancel()


async def deadlines_that_are_past() -> None:
    now = current_task().reactor.now()
    with ExitStack() as scopes:
        for ago in range(100):
            scopes.enter_context(move_on_at(now - ago))
        await clean_up()


async def timeouts_in_a_shield() -> None:
    with move_on_after(0):
        with Scope(shield=True):
            with timeout(6 * LONG), timeout(7 * LONG):
                await sleep(LONG)


Waits = Callable[[], Coroutine[Any, Any, None]]


@pytest.mark.parametrize(
    "waits",
    [
        cancelled_in_a_shield,
        cancelled_by_its_deadline,
        group_of_one_that_refuses_to_end,
        groups_in_groups,
        cancelled_time_and_again,
        deadlines_that_are_past,
        timeouts_in_a_shield,
    ],
)
def test_the_clock_jumps_once_and_the_turns_are_few(
    waits: Waits, world: World, deeds: Deeds
) -> None:
    world.run(waits)

    assert (deeds.sleeps(), world.clock.now) == ([LONG], LONG)
    assert len(deeds.patience) < 10
