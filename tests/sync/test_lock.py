"""Lock: who owns it, and what only the owner may do."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from reactor import BusyError, ReactorError, TaskGroup, checkpoint, current_task, run, timeout
from reactor.sync import Lock
from reactor.testing import World
from tests.sync.parts import Stage, played
from tests.tasks.parts import Form, each_form
from tests.threads import in_thread


def test_a_lock_knows_its_owner(world: World) -> None:
    async def script(stage: Stage) -> None:
        lock = Lock()
        assert (lock.locked, lock.owner) == (False, None)
        async with lock:
            assert (lock.locked, lock.owner) == (True, current_task())
            await stage.hold("a", lock)
            await checkpoint()
        assert (lock.locked, lock.owner) == (True, stage.tasks["a"])

    played(world, script)


@each_form
def test_who_holds_it_cannot_acquire_it_again(form: Form, world: World) -> None:
    async def script(stage: Stage) -> None:
        lock = Lock()
        async with lock:
            with pytest.raises(BusyError, match=r"holds <Lock, .*> already; release it before"):
                await form(lock.acquire)
            with pytest.raises(BusyError, match="already"):
                lock.acquire_nowait()
            assert lock.owner is current_task()
        await stage.hold("a", lock)

    assert played(world, script) == ["a in"]


def test_only_its_owner_may_release_it(world: World) -> None:
    async def script(stage: Stage) -> None:
        lock = Lock()
        await stage.hold("a", lock)
        await stage.settle()
        with pytest.raises(ReactorError, match="is not held by who releases it"):
            lock.release()
        assert lock.owner is stage.tasks["a"]

    played(world, script)


def test_nobody_waits_for_an_owner_that_has_ended(world: World) -> None:
    async def ends_with_it(lock: Lock) -> None:
        await lock.acquire()

    async def main() -> None:
        lock = Lock()
        async with TaskGroup() as group:
            group.spawn(ends_with_it, lock)
        with pytest.raises(ReactorError, match="held by a task that has ended; make a new one"):
            await lock.acquire()
        with pytest.raises(ReactorError, match="has ended"):
            lock.acquire_nowait()

    world.run(main)


def test_a_generator_that_is_closed_by_another_task_does_not_lose_the_lock_in_silence(
    world: World,
) -> None:
    async def locked(lock: Lock) -> AsyncGenerator[None, None]:
        async with lock:
            yield

    async def main() -> None:
        lock = Lock()
        strange = locked(lock)

        async def enters() -> None:
            await anext(strange)

        async with TaskGroup() as group:
            group.spawn(enters)
        with pytest.raises(ReactorError, match="is not held by who releases it"):
            async with aclosing(strange):
                pass

    world.run(main)


def test_a_lock_serves_one_run_after_another(seed: int | None) -> None:
    lock = Lock()

    async def main() -> None:
        async with lock:
            await checkpoint()

    for _ in range(2):
        with World(seed=seed) as world:
            world.run(main)


def test_a_task_of_another_reactor_is_refused_a_lock_that_is_held(world: World) -> None:
    lock = Lock()

    async def stranger() -> None:
        with timeout(10):  # lest it waits for ever, should it be let in
            await lock.acquire()

    async def main() -> None:
        async with lock:
            with pytest.raises(ReactorError, match="of two reactors; give each reactor its own"):
                in_thread(lambda: run(stranger))

    world.run(main)


def test_a_lock_shows_who_holds_it_and_how_many_wait(world: World) -> None:
    async def script(stage: Stage) -> None:
        lock = Lock()
        assert repr(lock) == "<Lock, free>"
        for name in "abc":
            await stage.hold(name, lock)
        await stage.settle()
        assert repr(lock) == "<Lock, held by <Task Stage._play>, 2 waiting>"

    played(world, script)


def test_locks_that_wait_for_each_other_can_be_shown(world: World) -> None:
    async def cross(mine: Lock, other: Lock) -> None:
        async with mine:
            await checkpoint()
            await other.acquire()

    async def main() -> None:
        left, right = Lock(), Lock()
        async with TaskGroup() as group:
            task = group.spawn(cross, left, right)
            group.spawn(cross, right, left)
            for _ in range(3):
                await checkpoint()
            assert repr(task).endswith("cross>, 1 waiting>>")
            group.cancel()

    world.run(main)
