"""Answers on the spot: they take no turn, and do not keep the others from theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from reactor import Operation, Scope, breathe, current_task
from reactor.testing import World
from tests.tasks.parts import Failing, Form, Ready, Turns, as_async_def, each_form


@pytest.fixture
def turns() -> Turns:
    """The turns that the world has taken, in each of which the others had theirs."""
    return Turns()


@pytest.fixture
def world(turns: Turns, seed: int | None) -> Iterator[World]:
    """A reactor on which nothing sleeps."""
    with World(tracer=turns, seed=seed) as made:
        yield made


async def turns_in(
    turns: Turns, times: int, form: Form, make: Callable[[], Operation[object]]
) -> int:
    """Wait so many times for what make makes; return how many turns that took."""
    before = len(turns.runs)
    for _ in range(times):
        await form(make)
    return len(turns.runs) - before


@pytest.mark.parametrize(
    ("answers", "taken"), [(1, 0), (31, 0), (32, 1), (33, 1), (64, 2), (100, 3)]
)
def test_answers_on_the_spot_do_not_starve_the_others(
    answers: int, taken: int, world: World, turns: Turns
) -> None:
    ready = Ready()

    assert world.run(turns_in, turns, answers, as_async_def, lambda: ready) == taken
    assert ready.parks == answers


def test_a_park_that_keeps_failing_does_not_starve_the_others(world: World) -> None:
    calls: list[str] = []

    async def main() -> None:
        current_task().reactor.call_soon(calls.append, "other")
        while not calls:
            with pytest.raises(ValueError, match="never"):
                await Failing(park=ValueError("never"))

    world.run(main)


def test_an_answer_on_the_spot_takes_no_turn(world: World) -> None:
    order: list[str] = []

    async def main() -> None:
        current_task().reactor.call_soon(order.append, "other")
        order.append(f"answer {await Ready()}")

    world.run(main)

    assert order == ["answer 1"]


def test_whoever_is_answered_on_the_spot_goes_on_with_the_answer_after_the_others(
    world: World,
) -> None:
    async def main() -> list[int]:
        ready = Ready()
        return [await ready for _ in range(70)]

    assert world.run(main) == list(range(1, 71))


@each_form
def test_a_breath_is_answered_on_the_spot(world: World, turns: Turns, form: Form) -> None:
    async def main() -> tuple[int, int]:
        return await turns_in(turns, 31, form, breathe), await turns_in(turns, 64, form, breathe)

    assert world.run(main) == (0, 2)


def test_a_breath_inside_a_cancelled_scope_is_cancelled(world: World) -> None:
    async def main() -> bool:
        with Scope() as scope:
            scope.cancel()
            await breathe()
        return scope.cancelled_caught

    assert world.run(main)


def test_nobody_is_ever_parked_on_a_breath(world: World) -> None:
    async def main() -> bool:
        return breathe().abort(current_task())

    assert not world.run(main)
    assert repr(breathe()) == "<Breath>"
