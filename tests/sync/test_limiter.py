"""CapacityLimiter: tokens that belong to tasks, and as many as there are for now."""

from __future__ import annotations

from math import inf, nan

import pytest

from reactor import BusyError, NotRunningError, ReactorError, checkpoint
from reactor.sync import CapacityLimiter
from reactor.testing import World
from tests.sync.parts import Stage, played
from tests.tasks.parts import Form, each_form


def test_as_many_as_there_are_tokens_have_one_at_a_time(world: World) -> None:
    async def script(stage: Stage) -> None:
        limiter = CapacityLimiter(2)
        for name in "abcd":
            await stage.hold(name, limiter)
        for name in "ba":
            await stage.settle()
            stage.let_out(name)

    assert played(world, script) == ["a in", "b in", "b out", "c in", "a out", "d in"]


@each_form
def test_a_task_borrows_once(form: Form, world: World) -> None:
    async def main() -> None:
        limiter = CapacityLimiter(2)
        async with limiter:
            with pytest.raises(BusyError, match=r"has a token of .* already; release that before"):
                await form(limiter.acquire)
            with pytest.raises(BusyError, match="already"):
                limiter.acquire_nowait()
            assert limiter.borrowed == 1
        async with limiter:
            pass

    world.run(main)


def test_a_task_releases_its_own_token_only(world: World) -> None:
    async def script(stage: Stage) -> None:
        limiter = CapacityLimiter(2)
        await stage.hold("a", limiter)
        await stage.settle()
        with pytest.raises(ReactorError, match="has no token of <CapacityLimiter"):
            limiter.release()
        assert limiter.borrowed == 1

    played(world, script)


def test_releasing_is_for_tasks() -> None:
    with pytest.raises(NotRunningError):
        CapacityLimiter(1).release()


def test_more_tokens_let_in_who_waits_longest(world: World) -> None:
    async def script(stage: Stage) -> None:
        limiter = CapacityLimiter(0)
        for name in "abcd":
            await stage.hold(name, limiter)
        await stage.settle()
        assert stage.said == []
        limiter.total = 2
        await stage.settle()
        assert sorted(stage.said) == ["a in", "b in"]
        limiter.total = 3

    assert sorted(played(world, script)) == ["a in", "b in", "c in"]


def test_a_callback_may_change_the_total(world: World) -> None:
    async def script(stage: Stage) -> None:
        limiter = CapacityLimiter(0)
        await stage.hold("a", limiter)
        world.reactor.call_later(0.5, setattr, limiter, "total", inf)

    assert played(world, script) == ["a in"]


def test_with_fewer_tokens_nobody_loses_one_and_nobody_gets_one_before_there_is_room(
    world: World,
) -> None:
    async def script(stage: Stage) -> None:
        limiter = CapacityLimiter(2)
        for name in "abc":
            await stage.hold(name, limiter)
        await stage.settle()
        limiter.total = 1
        assert (limiter.borrowed, limiter.available) == (2, 0)
        stage.let_out("a")
        await stage.settle()
        assert stage.said == ["a in", "b in", "a out"]
        stage.let_out("b")

    assert played(world, script)[3:] == ["b out", "c in"]


def test_a_limiter_tells_what_is_borrowed_and_what_is_available(world: World) -> None:
    async def main() -> None:
        limiter = CapacityLimiter(3)
        assert (limiter.total, limiter.borrowed, limiter.available) == (3, 0, 3)
        async with limiter:
            assert (limiter.total, limiter.borrowed, limiter.available) == (3, 1, 2)
            limiter.total = inf
            assert (limiter.total, limiter.borrowed, limiter.available) == (inf, 1, inf)

    world.run(main)


@pytest.mark.parametrize("total", [-1, 1.5, nan, -inf])
def test_a_total_is_a_whole_number_or_infinity(total: float) -> None:
    with pytest.raises(ValueError, match="a limiter lets in a whole number, 0 or more, or inf"):
        CapacityLimiter(total)
    limiter = CapacityLimiter(2)
    with pytest.raises(ValueError, match=f"not {total}"):
        limiter.total = total
    assert limiter.total == 2


def test_a_limiter_shows_what_is_borrowed_and_how_many_wait(world: World) -> None:
    async def script(stage: Stage) -> None:
        limiter = CapacityLimiter(1)
        await stage.hold("a", limiter)
        await stage.hold("b", limiter)
        await checkpoint()
        assert repr(limiter) == "<CapacityLimiter, 1 of 1 borrowed, 1 waiting>"

    played(world, script)
