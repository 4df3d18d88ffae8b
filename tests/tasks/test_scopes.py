"""Scopes: what is cancelled together, and for how long."""

from __future__ import annotations

import sys

import pytest

from reactor import (
    Cancelled,
    Scope,
    TaskGroup,
    WaitQueue,
    checkpoint,
    current_task,
    move_on_after,
    sleep,
)
from reactor.testing import World
from tests.tasks.parts import Cell, Turns, chain, for_ever, now, tell_end

State = tuple[bool, bool, bool]


def state(scope: Scope) -> State:
    """Return what a scope says of itself."""
    return scope.cancel_called, scope.cancelling, scope.cancelled_caught


def test_a_cancelled_scope_ends_at_its_end(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        with Scope() as scope:
            current_task().reactor.call_later(1, scope.cancel)
            await sleep(5)
            log.append("not reached")
        log.append(f"behind at {now():g}")

    world.run(main)

    assert log == ["behind at 1"]


def test_a_scope_tells_how_far_it_is(world: World) -> None:
    states: list[State] = []

    async def main() -> None:
        with Scope() as scope:
            states.append(state(scope))
            scope.cancel()
            states.append(state(scope))
            await checkpoint()
        states.append(state(scope))

    world.run(main)

    assert states == [(False, False, False), (True, True, False), (True, True, True)]


def test_a_scope_that_was_cancelled_too_late_has_caught_nothing(world: World) -> None:
    async def main() -> State:
        with Scope() as scope:
            scope.cancel()
        await sleep(1)
        return state(scope)

    assert world.run(main) == (True, True, False)


def test_cancelling_a_scope_that_was_left_does_not_touch_its_task(world: World) -> None:
    async def main() -> float:
        with Scope() as scope:
            pass
        scope.cancel()
        await sleep(1)
        return now()

    assert world.run(main) == 1.0


def test_cancelling_twice_is_cancelling_once(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(tell_end, log, "child")
            await checkpoint()
            group.cancel()
            group.cancel()

    world.run(main)

    assert log == ["child cancelled"]


def test_a_scope_may_be_cancelled_before_it_is_entered(world: World) -> None:
    async def main() -> State:
        scope = Scope()
        scope.cancel()
        with scope:
            await checkpoint()
        return state(scope)

    assert world.run(main) == (True, True, True)


def test_every_park_inside_raises_until_the_scope_is_left(world: World) -> None:
    caught = 0

    async def main() -> float:
        nonlocal caught
        with Scope() as scope:
            scope.cancel()
            for wait in (checkpoint, for_ever, WaitQueue[None], Cell):
                with pytest.raises(Cancelled):
                    await wait()
                caught += 1
        await sleep(1)
        return now()

    assert world.run(main) == 1.0
    assert caught == 4


def test_a_task_that_swallows_cancelled_does_not_starve_the_others(world: World) -> None:
    calls: list[str] = []

    async def main() -> None:
        current_task().reactor.call_soon(calls.append, "other")
        with Scope() as scope:
            scope.cancel()
            while not calls:
                with pytest.raises(Cancelled):
                    await checkpoint()

    world.run(main)


def test_a_finally_that_waits_is_cut_short_and_those_around_it_still_run(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        with Scope() as scope:
            scope.cancel()
            try:
                try:
                    await for_ever()
                finally:
                    log.append("inner")
                    await for_ever()
                    log.append("not reached")
            finally:
                log.append("outer")

    world.run(main)

    assert log == ["inner", "outer"]


def test_except_exception_lets_cancelled_pass(world: World) -> None:
    async def main() -> bool:
        with Scope() as scope:
            scope.cancel()
            try:
                await checkpoint()
            except Exception:
                return False
        return scope.cancelled_caught

    assert world.run(main)


def test_an_error_in_a_cancelled_scope_goes_on(world: World) -> None:
    async def main() -> None:
        with Scope() as scope:
            scope.cancel()
            raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        world.run(main)


def test_while_a_scope_is_cancelled_the_loop_makes_no_idle_turns(seed: int | None) -> None:
    turns = Turns()

    async def stubborn() -> None:
        for _ in range(100):
            with pytest.raises(Cancelled):
                await for_ever()

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(stubborn)
            group.spawn(for_ever)
            await sleep(1)
            turns.runs.clear()
            turns.turn(0)
            turns.run(current_task())
            group.cancel()

    with World(tracer=turns, seed=seed) as world:
        world.run(main)

    assert (len(turns.runs) > 1, turns.idle()) == (True, 0)


def test_cancelling_the_inner_scope_leaves_the_outer_alone(world: World) -> None:
    async def main() -> tuple[State, State]:
        with Scope() as outer:
            with Scope() as inner:
                inner.cancel()
                await checkpoint()
            await checkpoint()
        return state(inner), state(outer)

    assert world.run(main) == ((True, True, True), (False, False, False))


def test_cancelling_the_outer_scope_cancels_the_inner_which_does_not_catch(world: World) -> None:
    async def main() -> tuple[State, State]:
        with Scope() as outer:
            with Scope() as inner:
                outer.cancel()
                await checkpoint()
        return state(inner), state(outer)

    assert world.run(main) == ((False, True, False), (True, True, True))


def test_a_scope_entered_inside_a_cancelled_one_is_cancelled(world: World) -> None:
    async def main() -> tuple[State, State]:
        with Scope() as outer:
            outer.cancel()
            with Scope() as inner:
                await checkpoint()
        return state(inner), state(outer)

    assert world.run(main) == ((False, True, False), (True, True, True))


def test_when_both_are_cancelled_the_outer_raises_at_the_next_park(world: World) -> None:
    log: list[str] = []

    async def main() -> bool:
        with Scope() as outer:
            with Scope() as inner:
                outer.cancel()
                inner.cancel()
                await checkpoint()
            log.append(f"inner caught: {inner.cancelled_caught}")
            await checkpoint()
        return outer.cancelled_caught

    assert world.run(main)
    assert log == ["inner caught: True"]


def test_cancelling_reaches_the_tasks_of_groups_inside(world: World) -> None:
    log: list[str] = []

    async def parent() -> None:
        async with TaskGroup() as inner:
            inner.spawn(tell_end, log, "grandchild")

    async def main() -> None:
        with move_on_after(1):
            async with TaskGroup() as group:
                group.spawn(parent)
                group.spawn(tell_end, log, "child")

    world.run(main)

    assert sorted(log) == ["child cancelled", "grandchild cancelled"]


def test_cancelling_a_scope_of_a_child_leaves_its_siblings_alone(world: World) -> None:
    async def child() -> float:
        with move_on_after(1):
            await for_ever()
        return now()

    async def main() -> tuple[float, float]:
        async with TaskGroup() as group:
            task = group.spawn(child)
            await sleep(3)
        return task.result, now()

    assert world.run(main) == (1.0, 3.0)


def test_cancelling_reaches_the_bottom_of_a_chain_of_groups_deeper_than_python_recurses(
    world: World,
) -> None:
    async def main() -> bool:
        with move_on_after(1) as scope:
            await chain(sys.getrecursionlimit() + 100)
        return scope.cancelled_caught

    assert world.run(main)
    assert world.clock.now == 1.0
