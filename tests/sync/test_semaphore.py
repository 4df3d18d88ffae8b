"""Semaphore: so many units, which belong to nobody."""

from __future__ import annotations

import pytest

from reactor import BusyError, ReactorError, checkpoint
from reactor.sync import Semaphore
from reactor.testing import World
from tests.sync.parts import Stage, played


def test_as_many_as_there_are_units_hold_one_at_a_time(world: World) -> None:
    async def script(stage: Stage) -> None:
        semaphore = Semaphore(2)
        for name in "abcd":
            await stage.hold(name, semaphore)
        for name in "ba":
            await stage.settle()
            stage.let_out(name)

    assert played(world, script) == ["a in", "b in", "b out", "c in", "a out", "d in"]


def test_a_semaphore_tells_how_many_units_are_free(world: World) -> None:
    async def main() -> list[int]:
        semaphore = Semaphore(2)
        values = [semaphore.value]
        for change in (semaphore.acquire_nowait, semaphore.acquire_nowait, semaphore.release):
            change()
            values.append(semaphore.value)
        return values

    assert world.run(main) == [2, 1, 0, 1]


def test_a_unit_that_is_handed_over_is_not_free_between(world: World) -> None:
    async def script(stage: Stage) -> None:
        semaphore = Semaphore(1)
        await semaphore.acquire()
        await stage.wait("a", semaphore.acquire)
        await stage.settle()
        semaphore.release()
        assert semaphore.value == 0
        with pytest.raises(BusyError):
            semaphore.acquire_nowait()

    assert played(world, script) == ["a got it"]


def test_a_task_may_hold_several_units(world: World) -> None:
    async def main() -> int:
        semaphore = Semaphore(3)
        async with semaphore, semaphore:
            return semaphore.value

    assert world.run(main) == 1


def test_another_task_or_a_callback_may_release_a_unit(world: World) -> None:
    async def script(stage: Stage) -> None:
        semaphore = Semaphore(1)
        await semaphore.acquire()
        await stage.wait("a", semaphore.acquire)
        await stage.wait("b", semaphore.acquire)
        await checkpoint()
        semaphore.release()
        world.reactor.call_soon(semaphore.release)

    assert played(world, script) == ["a got it", "b got it"]


def test_releasing_more_than_was_acquired_is_refused() -> None:
    semaphore = Semaphore(2)

    with pytest.raises(ReactorError, match="has all its units; release once what was acquired"):
        semaphore.release()

    assert semaphore.value == 2


@pytest.mark.parametrize("value", [0, -1])
def test_a_semaphore_has_a_unit(value: int) -> None:
    with pytest.raises(ValueError, match=f"a unit of {value}; give 1 or more"):
        Semaphore(value)


def test_a_semaphore_shows_what_is_free_and_how_many_wait(world: World) -> None:
    async def script(stage: Stage) -> None:
        semaphore = Semaphore(2)
        await stage.hold("a", semaphore)
        await checkpoint()
        assert repr(semaphore) == "<Semaphore, 1 of 2 free, 0 waiting>"
        await stage.hold("b", semaphore)
        await stage.hold("c", semaphore)
        await checkpoint()
        assert repr(semaphore) == "<Semaphore, 0 of 2 free, 1 waiting>"

    played(world, script)
