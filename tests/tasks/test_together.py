"""all_of and first_of: several things at a time, and nothing left running."""

from __future__ import annotations

from functools import partial

import pytest

from reactor import ReactorError, all_of, first_of, move_on_after, sleep
from reactor.testing import World
from tests.tasks.parts import Form, each_form, fail_after, fail_with, messages, now, tell_end


async def after(seconds: float, answer: str) -> str:
    """Return answer when seconds have passed."""
    await sleep(seconds)
    return answer


@each_form
def test_all_are_done_side_by_side_and_told_in_order(world: World, form: Form) -> None:
    async def main() -> tuple[list[str], float]:
        answers = await form(lambda: all_of(partial(after, 3, "slow"), partial(after, 1, "quick")))
        return answers, now()

    assert world.run(main) == (["slow", "quick"], 3.0)


def test_all_of_nothing_is_nothing(world: World) -> None:
    async def main() -> list[str]:
        return await all_of()

    assert world.run(main) == []


def test_one_that_fails_cancels_the_rest_of_all(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        await all_of(partial(tell_end, log, "other"), partial(fail_after, 1, OSError("no")))

    with pytest.raises(ExceptionGroup) as caught:
        world.run(main)
    assert messages(caught.value) == ["no"]
    assert log == ["other cancelled"]


@each_form
def test_the_first_is_returned_and_the_others_are_cancelled(world: World, form: Form) -> None:
    log: list[str] = []

    async def slow() -> str:
        await tell_end(log, "slow")
        return "slow"

    async def main() -> tuple[str, float]:
        return await form(lambda: first_of(slow, partial(after, 1, "quick"))), now()

    assert world.run(main) == ("quick", 1.0)
    assert log == ["slow cancelled"]


@pytest.mark.in_order("of those who wake at one moment, the first to lie down is first")
def test_of_two_at_the_same_time_the_first_counts(world: World) -> None:
    async def main() -> str:
        return await first_of(partial(after, 1, "one"), partial(after, 1, "other"))

    assert world.run(main) == "one"


def test_there_is_no_first_of_nothing(world: World) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match="first of nothing never comes; give a function"):
            await first_of()

    world.run(main)


def test_one_that_fails_before_the_first_ends_all(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        await first_of(partial(tell_end, log, "other"), partial(fail_with, OSError("no")))

    with pytest.raises(ExceptionGroup) as caught:
        world.run(main)
    assert messages(caught.value) == ["no"]
    assert log == ["other cancelled"]


def test_one_that_fails_while_it_is_cancelled_is_heard(world: World) -> None:
    async def stubborn() -> str:
        try:
            return await after(9, "never")
        finally:
            raise ReactorError("not like this")

    async def main() -> None:
        await first_of(stubborn, partial(after, 1, "quick"))

    with pytest.raises(ExceptionGroup) as caught:
        world.run(main)
    assert messages(caught.value) == ["not like this"]


@pytest.mark.parametrize("together", [all_of, first_of])
def test_a_cancellation_reaches_all(world: World, together: object) -> None:
    log: list[str] = []

    async def main() -> float:
        with move_on_after(2):
            fns = partial(tell_end, log, "one"), partial(tell_end, log, "other")
            if together is all_of:
                await all_of(*fns)
            else:
                await first_of(*fns)
        return now()

    assert world.run(main) == 2.0
    assert sorted(log) == ["one cancelled", "other cancelled"]
