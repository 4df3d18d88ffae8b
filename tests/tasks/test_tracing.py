"""Tracing: what a tracer hears of tasks."""

from __future__ import annotations

import pytest

from reactor import TaskGroup, sleep
from reactor.testing import World
from tests.tasks.parts import Cell, Heard, Notes, Ready, for_ever


async def collect(cell: Cell, answers: list[str]) -> None:
    """Note what cell answers."""
    answers.append(await cell)


def test_a_tracer_hears_of_every_wake_run_park_and_end(seed: int | None) -> None:
    notes, cell, answers = Notes(), Cell(), list[str]()

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(collect, cell, answers)
            await sleep(1)
            cell.answer("done")

    with World(tracer=notes, seed=seed) as world:
        world.run(main)

    assert [line for line in notes.lines if line.startswith("collect")] == [
        "collect sets out",
        "collect wakes",
        "collect runs",
        "collect parks on <Cell>",
        "collect wakes",
        "collect runs",
        "collect ends with None",
    ]


def test_a_tracer_does_not_hear_of_a_park_that_is_answered_on_the_spot(seed: int | None) -> None:
    notes = Notes()

    async def main() -> None:
        await Ready()

    with World(tracer=notes, seed=seed) as world:
        world.run(main)

    assert notes.lines == ["main sets out", "main wakes", "main runs", "main ends with None"]


def test_a_tracer_hears_what_a_task_failed_with(seed: int | None) -> None:
    notes, heard = Notes(), Heard()

    async def main() -> None:
        raise ValueError("oh")

    with (
        World(tracer=notes, on_error=heard, seed=seed) as world,
        pytest.raises(ValueError, match="oh"),
    ):
        world.run(main)

    assert notes.lines[2:] == ["main runs", "main ends with ValueError('oh')"]


def test_a_tracer_hears_of_tasks_in_groups(seed: int | None) -> None:
    notes = Notes()

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(for_ever)
            await sleep(1)
            group.cancel()

    with World(tracer=notes, seed=seed) as world:
        world.run(main)

    assert [line for line in notes.lines if line.startswith("for_ever")] == [
        "for_ever sets out",
        "for_ever wakes",
        "for_ever runs",
        "for_ever parks on <Sleep inf s>",
        "for_ever wakes",
        "for_ever faces Cancelled()",
        "for_ever runs",
        "for_ever ends with Cancelled()",
    ]
