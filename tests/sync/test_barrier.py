"""Barrier: nobody goes on before all have come."""

from __future__ import annotations

import pytest

from reactor import Scope, TaskGroup, checkpoint
from reactor.sync import Barrier
from reactor.testing import World
from tests.sync.parts import Stage, played
from tests.tasks.parts import Form, each_form


@each_form
def test_all_go_on_when_the_last_has_come_with_the_number_of_their_arrival(
    form: Form, world: World
) -> None:
    async def script(stage: Stage) -> None:
        barrier = Barrier(3)
        for name in "abc":
            await stage.settle()
            assert stage.said == []
            await stage.wait(name, barrier.wait)

    assert sorted(played(world, script, form)) == ["a got 0", "b got 1", "c got 2"]


def test_who_comes_last_goes_on_without_a_turn(world: World) -> None:
    async def script(stage: Stage) -> None:
        barrier = Barrier(2)
        await stage.wait("a", barrier.wait)
        await stage.settle()
        assert await barrier.wait() == 1
        assert stage.said == []

    assert played(world, script) == ["a got 0"]


def test_a_barrier_of_one_lets_everybody_pass(world: World) -> None:
    async def main() -> list[int]:
        barrier = Barrier(1)
        return [await barrier.wait(), await barrier.wait()]

    assert world.run(main) == [0, 0]


def test_a_barrier_serves_round_after_round_and_none_overtakes_another(world: World) -> None:
    at: dict[str, int] = dict.fromkeys("abc", 0)

    async def walk(name: str, barrier: Barrier) -> None:
        for _ in range(4):
            await barrier.wait()
            at[name] += 1
            assert max(at.values()) - min(at.values()) <= 1

    async def main() -> None:
        barrier = Barrier(3)
        async with TaskGroup() as group:
            for name in at:
                group.spawn(walk, name, barrier)

    world.run(main)

    assert at == {"a": 4, "b": 4, "c": 4}


def test_who_comes_back_before_the_others_have_left_is_of_the_next_round(world: World) -> None:
    async def script(stage: Stage) -> None:
        barrier = Barrier(2)
        await stage.wait("a", barrier.wait)
        await stage.settle()
        assert await barrier.wait() == 1
        late = stage.group.spawn(barrier.wait)
        assert await barrier.wait() == 0  # a has not run yet, and who is late comes after this
        assert late.result == 1

    assert played(world, script) == ["a got 0"]


def test_the_last_one_lets_nobody_go_on_if_it_is_cancelled(world: World) -> None:
    async def script(stage: Stage) -> None:
        barrier = Barrier(2)
        await stage.wait("a", barrier.wait)
        await stage.settle()
        with Scope() as scope:
            scope.cancel()
            await barrier.wait()

    assert played(world, script) == []


@pytest.mark.parametrize("parties", [0, -1])
def test_a_barrier_waits_for_somebody(parties: int) -> None:
    with pytest.raises(ValueError, match=f"wait for {parties} tasks; give 1 or more"):
        Barrier(parties)


def test_a_barrier_shows_how_many_wait_for_how_many(world: World) -> None:
    async def script(stage: Stage) -> None:
        barrier = Barrier(3)
        assert barrier.parties == 3
        await stage.wait("a", barrier.wait)
        await checkpoint()
        assert repr(barrier) == "<Barrier, 1 of 3 waiting>"
        assert repr(stage.tasks["a"]).endswith(f"waits on {barrier!r}>")

    played(world, script)
