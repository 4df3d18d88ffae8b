"""Leaving: who may enter and leave a scope, and what comes of those who do not leave."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from reactor import (
    ReactorError,
    Scope,
    ScopeError,
    TaskGroup,
    checkpoint,
    current_task,
    move_on_after,
    sleep,
    timeout,
)
from reactor.testing import World
from tests.tasks.parts import Heard, fail_with, for_ever, now, tell_end


def test_a_scope_is_entered_once(world: World) -> None:
    async def main() -> None:
        with Scope() as scope:
            pass
        with pytest.raises(ScopeError, match="<Scope> was entered before; make a new one each"):
            scope.__enter__()

    world.run(main)


def test_a_scope_left_out_of_order_is_an_error_and_the_task_goes_on(world: World) -> None:
    async def main() -> float:
        outer, inner = Scope(), Scope()
        outer.__enter__()
        inner.__enter__()
        with pytest.raises(ScopeError, match="<Scope> is left out of order, or not by the task"):
            outer.__exit__(None, None, None)
        inner.__exit__(None, None, None)
        await sleep(1)
        return now()

    assert world.run(main) == 1.0


def test_a_scope_that_was_left_out_of_order_reaches_nobody(world: World) -> None:
    async def main() -> float:
        outer, middle, inner = Scope(), Scope(), Scope()
        for scope in (outer, middle, inner):
            scope.__enter__()
        with pytest.raises(ScopeError):
            outer.__exit__(None, None, None)
        outer.cancel()
        await sleep(1)
        inner.__exit__(None, None, None)
        middle.__exit__(None, None, None)
        return now()

    assert world.run(main) == 1.0


def test_a_scope_left_by_another_task_is_an_error_and_both_go_on(world: World) -> None:
    scope = Scope()
    log: list[str] = []

    async def thief() -> None:
        await sleep(1)
        with pytest.raises(ScopeError):
            scope.__exit__(None, None, None)
        await sleep(1)
        log.append("thief")

    async def owner() -> None:
        scope.__enter__()
        await sleep(3)
        with pytest.raises(ScopeError):
            scope.__exit__(None, None, None)
        await sleep(1)
        log.append("owner")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(owner)
            group.spawn(thief)

    world.run(main)

    assert log == ["thief", "owner"]


def test_a_scope_left_by_a_callback_is_an_error(world: World) -> None:
    failures: list[str] = []

    def leave(scope: Scope) -> None:
        with pytest.raises(ScopeError):
            scope.__exit__(None, None, None)
        failures.append("refused")

    async def main() -> None:
        scope = Scope().__enter__()
        current_task().reactor.call_soon(leave, scope)
        await sleep(1)

    world.run(main)

    assert failures == ["refused"]


def test_a_scope_that_was_never_entered_cannot_be_left(world: World) -> None:
    async def main() -> None:
        with pytest.raises(ScopeError):
            Scope().__exit__(None, None, None)

    world.run(main)


def test_a_scope_left_twice_is_an_error(world: World) -> None:
    async def main() -> None:
        with Scope() as scope:
            pass
        with pytest.raises(ScopeError):
            scope.__exit__(None, None, None)

    world.run(main)


@pytest.mark.parametrize("scopes", [1, 2])
def test_a_task_that_ends_inside_a_scope_fails_its_group(scopes: int, world: World) -> None:
    async def careless() -> None:
        for _ in range(scopes):
            Scope().__enter__()

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(careless)

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    (error,) = info.value.exceptions
    assert isinstance(error, ScopeError)
    assert "careless, done> ended inside <Scope>, which it had not left; use `with`" in str(error)


def test_a_task_that_fails_inside_a_scope_that_it_never_leaves_tells_both(world: World) -> None:
    async def careless() -> None:
        Scope().__enter__()
        raise ValueError("and this")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(careless)

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    (error,) = info.value.exceptions
    assert isinstance(error, ScopeError)
    assert repr(error.__cause__) == "ValueError('and this')"


def test_a_main_task_that_ends_inside_a_scope_fails(world: World) -> None:
    async def main() -> str:
        Scope().__enter__()
        return "as if nothing had been"

    with pytest.raises(ScopeError, match="main, done> ended inside <Scope>"):
        world.run(main)


def test_nan_is_no_deadline() -> None:
    with pytest.raises(ValueError, match="a scope's seconds are NaN; give a number, or infinity"):
        Scope(float("nan"))


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (Scope, "<Scope>"),
        (partial(timeout, 2.5), "<Timeout of 2.5 s>"),
        (partial(move_on_after, 60), "<Scope of 60 s>"),
        (partial(Scope, shield=True), "<Scope, shielded>"),
        (partial(move_on_after, 2, shield=True), "<Scope of 2 s, shielded>"),
        (TaskGroup, "<TaskGroup>"),
    ],
)
def test_a_scope_shows_what_it_is(make: Callable[[], Scope], shown: str) -> None:
    scope = make()
    before = repr(scope)
    scope.cancel()

    assert (before, repr(scope)) == (shown, shown.replace(">", ", cancelled>"))


def test_failures_come_out_of_a_group_that_is_left_out_of_order(world: World) -> None:
    async def crossed(stray: Scope) -> None:
        async with TaskGroup() as group:
            group.spawn(fail_with, ValueError("child"))
            stray.__enter__()

    async def main() -> None:
        stray = Scope()
        with pytest.raises(ExceptionGroup) as info:
            await crossed(stray)
        stray.__exit__(None, None, None)
        assert [type(error) for error in info.value.exceptions] == [ValueError, ScopeError]

    world.run(main)


def test_a_task_that_ends_without_leaving_a_group_fails_its_own(world: World) -> None:
    log: list[str] = []

    async def careless() -> None:
        group = await TaskGroup().__aenter__()
        group.spawn(tell_end, log, "orphan")
        await checkpoint()

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(careless)

    with pytest.raises(ExceptionGroup) as info:
        world.run(main)

    (error,) = info.value.exceptions
    assert isinstance(error, ScopeError)
    assert "careless, done> ended inside <TaskGroup" in str(error)
    assert log == ["orphan cancelled"]


@pytest.mark.parametrize("error", [ValueError("late"), SystemExit(3)])
def test_what_the_tasks_of_a_deserted_group_fail_with_comes_out_of_the_group_around(
    world: World, error: BaseException
) -> None:
    async def end_badly() -> None:
        try:
            await for_ever()
        finally:
            with Scope(shield=True):
                await sleep(1)
            raise error

    async def careless() -> None:
        group = await TaskGroup().__aenter__()
        group.spawn(end_badly)
        await checkpoint()

    async def main() -> float:
        with pytest.raises(BaseExceptionGroup) as info:
            async with TaskGroup() as group:
                group.spawn(careless)
        assert info.group_contains(ScopeError, depth=1)
        assert info.group_contains(type(error), match=str(error), depth=1)
        return now()

    assert world.run(main) == 1.0


def test_a_group_deserted_inside_a_scope_hands_its_tasks_to_the_group_around_both(
    world: World,
) -> None:
    log: list[str] = []

    async def careless() -> None:
        Scope().__enter__()
        group = await TaskGroup().__aenter__()
        group.spawn(tell_end, log, "orphan")
        await checkpoint()

    async def main() -> None:
        with pytest.raises(ExceptionGroup) as info:
            async with TaskGroup() as group:
                group.spawn(careless)
        assert info.group_contains(ScopeError, depth=1)

    world.run(main)

    assert log == ["orphan cancelled"]


def test_a_task_of_a_deserted_group_that_is_in_a_scope_is_waited_for_too(world: World) -> None:
    log: list[str] = []

    async def orphan() -> None:
        with Scope(shield=True):
            await sleep(1)
        await tell_end(log, "orphan")

    async def careless() -> None:
        group = await TaskGroup().__aenter__()
        group.spawn(orphan)
        await checkpoint()

    async def main() -> float:
        with pytest.raises(ExceptionGroup):
            async with TaskGroup() as group:
                group.spawn(careless)
        return now()

    assert world.run(main) == 1.0
    assert log == ["orphan cancelled"]


def test_what_had_failed_in_a_group_before_it_was_deserted_is_reported(seed: int | None) -> None:
    heard = Heard()
    error = ValueError("early")

    async def careless() -> None:
        group = await TaskGroup().__aenter__()
        group.spawn(fail_with, error)
        with Scope(shield=True):
            await sleep(1)

    async def main() -> None:
        with pytest.raises(ExceptionGroup):
            async with TaskGroup() as group:
                group.spawn(careless)

    with World(on_error=heard, seed=seed) as world:
        world.run(main)

    assert heard.errors == [error]


def test_the_tasks_of_a_group_that_the_main_task_deserts_are_closed(world: World) -> None:
    log: list[str] = []

    async def orphan() -> None:
        try:
            await for_ever()
        finally:
            log.append("closed")

    async def main() -> None:
        group = await TaskGroup().__aenter__()
        group.spawn(orphan)
        await checkpoint()

    with pytest.raises(ScopeError, match="ended inside <TaskGroup"):
        world.run(main)

    assert log == ["closed"]


def test_a_coroutine_that_is_closed_by_hand_cancels_the_tasks_that_it_waits_for(
    world: World,
) -> None:
    log: list[str] = []

    async def keeper() -> None:
        async with TaskGroup() as group:
            group.spawn(tell_end, log, "child")

    async def main() -> None:
        coroutine = keeper()
        coroutine.send(None)
        await checkpoint()
        coroutine.close()
        await checkpoint()

    world.run(main)

    assert log == ["child cancelled"]


def test_nothing_is_spawned_into_a_deserted_group(world: World) -> None:
    groups: list[TaskGroup] = []

    async def careless() -> None:
        groups.append(await TaskGroup().__aenter__())

    async def main() -> None:
        with pytest.raises(ExceptionGroup):
            async with TaskGroup() as group:
                group.spawn(careless)
        with pytest.raises(ReactorError, match="is not open"):
            groups[0].spawn(for_ever)

    world.run(main)
