"""Deadlines: scopes that end by themselves."""

from __future__ import annotations

from math import inf, nan

import pytest

from reactor import (
    DeadlockError,
    Scope,
    current_task,
    move_on_after,
    move_on_at,
    sleep,
    timeout,
    timeout_at,
)
from reactor.testing import World
from tests.tasks.parts import Ready, fail_after, for_ever, now


def test_timeout_raises_timeout_error(world: World) -> None:
    async def main() -> None:
        with timeout(2.5):
            await for_ever()

    with pytest.raises(TimeoutError, match=r"not done within 2\.5 seconds"):
        world.run(main)
    assert world.clock.now == 2.5


def test_what_is_done_in_time_knows_nothing_of_its_timeout(world: World) -> None:
    async def main() -> float:
        with timeout(2):
            await sleep(1)
        await sleep(5)
        return now()

    assert world.run(main) == 6.0


def test_timeout_lets_other_errors_pass(world: World) -> None:
    async def main() -> None:
        with timeout(2):
            await fail_after(1, ValueError("before that"))

    with pytest.raises(ValueError, match="before that"):
        world.run(main)


def test_a_timeout_that_was_cancelled_from_outside_is_no_timeout_error(world: World) -> None:
    async def main() -> float:
        with move_on_after(1):
            with timeout(2):
                await for_ever()
        return now()

    assert world.run(main) == 1.0


def test_move_on_after_goes_on_behind_it(world: World) -> None:
    async def main() -> tuple[float, bool]:
        with move_on_after(2) as scope:
            await for_ever()
        return now(), scope.cancelled_caught

    assert world.run(main) == (2.0, True)


def test_a_deadline_is_counted_from_the_entry(world: World) -> None:
    async def main() -> tuple[float, float]:
        scope = move_on_after(2)
        before = scope.deadline
        await sleep(10)
        with scope:
            inside = scope.deadline
        return before, inside

    assert world.run(main) == (inf, 12.0)


@pytest.mark.parametrize("seconds", [0, -1, -inf])
def test_a_deadline_that_has_passed_at_the_entry_ends_the_first_wait(
    seconds: float, world: World
) -> None:
    async def main() -> tuple[float, bool]:
        with move_on_after(seconds) as scope:
            await sleep(1)
        return now(), scope.cancelled_caught

    assert world.run(main) == (0.0, True)


def test_a_scope_without_a_deadline_sets_no_timer(world: World) -> None:
    async def main() -> None:
        with move_on_after(inf):
            assert current_task().alarm is None
            await for_ever()

    with pytest.raises(DeadlockError, match="at 0 s"):
        world.run(main)


def test_a_deadline_inside_a_loop_of_answers_on_the_spot_is_kept(world: World) -> None:
    async def main() -> bool:
        ready = Ready()
        with move_on_after(0) as scope:
            while True:
                await ready
        return scope.cancelled_caught

    assert world.run(main)


def test_a_deadline_inside_what_is_cancelled_already_has_nothing_to_say(world: World) -> None:
    async def main() -> float:
        with move_on_after(1) as outer:
            with timeout(2):
                try:
                    await sleep(60)
                finally:
                    with move_on_after(5, shield=True):
                        await sleep(3)
        assert outer.cancelled_caught
        return now()

    assert world.run(main) == 4.0


def test_a_timeout_that_is_cancelled_by_hand_says_so(world: World) -> None:
    async def main() -> None:
        with timeout(60) as scope:
            scope.cancel()
            await sleep(1)

    with pytest.raises(TimeoutError, match=r"^cancelled before the end of its 60 seconds$"):
        world.run(main)


def test_a_limit_may_be_a_moment(world: World) -> None:
    async def main() -> tuple[float, bool]:
        await sleep(1)
        with move_on_at(3) as scope:
            await for_ever()
        assert now() == 3.0
        with timeout_at(4):
            await for_ever()
        return now(), scope.cancelled_caught

    with pytest.raises(TimeoutError, match=r"^not done by 4 s on the reactor's clock$"):
        world.run(main)
    assert world.clock.now == 4.0


def test_a_moment_that_was_not_waited_for_is_told_as_such(world: World) -> None:
    async def main() -> None:
        with timeout_at(4) as scope:
            scope.cancel()
            await for_ever()

    with pytest.raises(TimeoutError, match=r"^cancelled before 4 s on the reactor's clock$"):
        world.run(main)


def test_move_on_at_may_be_shielded(world: World) -> None:
    async def main() -> float:
        with move_on_after(1):
            with move_on_at(2, shield=True):
                await for_ever()
            await for_ever()
        return now()

    assert world.run(main) == 2.0


@pytest.mark.parametrize("when", [1.0, 2.0, 9.0, inf])
def test_a_deadline_can_be_moved_from_inside(world: World, when: float) -> None:
    async def main() -> float:
        with move_on_after(5) as scope:
            scope.deadline = when
            assert scope.deadline == when
            await sleep(20)
        return now()

    assert world.run(main) == min(when, 20.0)


@pytest.mark.parametrize("when", [2.0, 5.0, 9.0])
def test_a_deadline_can_be_moved_from_outside_while_its_task_waits(
    world: World, when: float
) -> None:
    async def main() -> float:
        with move_on_after(5) as scope:
            world.reactor.call_later(1, setattr, scope, "deadline", when)
            await for_ever()
        return now()

    assert world.run(main) == when


def test_one_that_is_moved_to_the_past_ends_at_once(world: World) -> None:
    async def main() -> float:
        await sleep(3)
        with move_on_after(5) as scope:
            scope.deadline = 1.0
            await for_ever()
        return now()

    assert world.run(main) == 3.0


def test_one_that_was_moved_before_the_entry_counts_in_place_of_the_seconds(world: World) -> None:
    async def main() -> float:
        scope = move_on_after(5)
        scope.deadline = 7.0
        await sleep(1)
        with scope:
            await for_ever()
        return now()

    assert world.run(main) == 7.0


def test_one_that_is_moved_after_the_end_changes_nothing(world: World) -> None:
    async def main() -> float:
        with move_on_after(5) as scope:
            pass
        scope.deadline = 1.0
        await sleep(9)
        with move_on_after(2) as fired:
            await for_ever()
        fired.deadline = 20.0
        return now()

    assert world.run(main) == 11.0


def test_one_that_was_cancelled_is_not_saved_by_moving_its_deadline(world: World) -> None:
    async def main() -> bool:
        with move_on_after(5) as scope:
            scope.cancel()
            scope.deadline = inf
            await for_ever()
        return scope.cancelled_caught

    assert world.run(main)


def test_a_timeout_that_was_moved_says_when_it_ended(world: World) -> None:
    async def main() -> None:
        with timeout(5) as scope:
            scope.deadline += 2
            await for_ever()

    with pytest.raises(TimeoutError, match=r"^not done by 7 s on the reactor's clock$"):
        world.run(main)


def test_nan_is_no_moment() -> None:
    with pytest.raises(ValueError, match=r"^a deadline of <Scope> is NaN; give a moment, or infin"):
        move_on_at(nan)


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (Scope(), "<Scope>"),
        (Scope(5), "<Scope of 5 s>"),
        (move_on_at(12.5), "<Scope until 12.5 s>"),
    ],
)
def test_a_scope_says_how_long_it_lasts(scope: Scope, text: str) -> None:
    assert repr(scope) == text
