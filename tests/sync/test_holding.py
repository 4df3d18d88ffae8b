"""What a lock, a semaphore of one and a limiter of one have in common, and a condition's lock."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from reactor import BusyError, NotRunningError, ReactorError, Scope, TaskGroup, checkpoint, sleep
from reactor.sync import CapacityLimiter, Condition, Lock, Semaphore
from reactor.testing import World
from tests.sync.parts import Holdable, Stage, Way, each_way, played
from tests.tasks.parts import Form, each_form

each_kind = pytest.mark.parametrize(
    "make",
    [
        pytest.param(Lock, id="Lock"),
        pytest.param(partial(Semaphore, 1), id="Semaphore"),
        pytest.param(partial(CapacityLimiter, 1), id="CapacityLimiter"),
        pytest.param(Condition, id="Condition"),
    ],
)
each_nowait = pytest.mark.parametrize(
    "make", [Lock, partial(Semaphore, 1), partial(CapacityLimiter, 1)], ids=["lock", "sem", "lim"]
)

Make = Callable[[], Holdable]
MakeNowait = Callable[[], Lock | Semaphore | CapacityLimiter]


@each_kind
@each_way
def test_one_holds_it_at_a_time_first_come_first(make: Make, way: Way, world: World) -> None:
    async def script(stage: Stage) -> None:
        what = make()
        for name in "abc":
            await stage.hold(name, what, way)
        for name in "abc":
            await stage.settle()
            stage.let_out(name)

    assert played(world, script) == ["a in", "a out", "b in", "b out", "c in", "c out"]


@each_kind
@each_way
def test_what_was_released_can_be_held_again(make: Make, way: Way, world: World) -> None:
    async def body() -> None:
        await checkpoint()

    async def main() -> None:
        what = make()
        for _ in range(3):
            await way(what, body)

    world.run(main)


@each_kind
@each_way
def test_an_error_comes_out_and_it_is_released(make: Make, way: Way, world: World) -> None:
    async def body() -> None:
        raise ValueError("in there")

    async def script(stage: Stage) -> None:
        what = make()
        with pytest.raises(ValueError, match="in there"):
            await way(what, body)
        await stage.hold("next", what)

    assert played(world, script) == ["next in"]


@each_kind
@each_form
def test_what_is_free_is_had_without_a_turn(make: Make, form: Form, world: World) -> None:
    async def main() -> list[str]:
        order: list[str] = []
        world.reactor.call_soon(order.append, "other")
        await form(make().acquire)
        return order

    assert world.run(main) == []


@each_kind
def test_who_is_released_cannot_push_in_again(make: Make, world: World) -> None:
    order: list[str] = []

    async def again(name: str, what: Holdable) -> None:
        for _ in range(3):
            async with what:
                order.append(name)
                await checkpoint()

    async def main() -> None:
        what = make()
        async with TaskGroup() as group:
            for name in "ab":
                group.spawn(again, name, what)

    world.run(main)

    assert order == order[:2] * 3
    assert sorted(order[:2]) == ["a", "b"]


@each_kind
@each_way
def test_who_is_cancelled_while_it_holds_gives_it_to_the_next(
    make: Make, way: Way, world: World
) -> None:
    async def script(stage: Stage) -> None:
        what = make()
        for name in "ab":
            await stage.hold(name, what, way)
        await stage.settle()
        stage.cancel("a")

    assert played(world, script) == ["a in", "a out", "a cancelled", "b in"]


@each_kind
@each_way
def test_nothing_is_acquired_inside_a_cancelled_scope(make: Make, way: Way, world: World) -> None:
    async def body() -> None:
        raise AssertionError("nobody comes here")

    async def script(stage: Stage) -> None:
        what = make()
        with Scope() as scope:
            scope.cancel()
            await way(what, body)
        await stage.hold("next", what)

    assert played(world, script) == ["next in"]


@each_nowait
def test_acquire_nowait_takes_what_is_free_and_refuses_what_is_not(
    make: MakeNowait, world: World
) -> None:
    async def script(stage: Stage) -> None:
        what = make()
        await stage.hold("a", what)
        await stage.settle()
        with pytest.raises(BusyError, match="cannot be had now; wait for it with acquire"):
            what.acquire_nowait()
        stage.let_out("a")
        await stage.settle()
        with what.acquire_nowait():
            await stage.hold("b", what)
            await stage.settle()
            stage.said.append("main out")

    assert played(world, script) == ["a in", "a out", "main out", "b in"]


@each_nowait
def test_acquire_nowait_does_not_take_what_was_handed_to_another(
    make: MakeNowait, world: World
) -> None:
    async def script(stage: Stage) -> None:
        what = make()
        with what.acquire_nowait():
            await stage.hold("a", what)
            await stage.settle()
        with pytest.raises(BusyError):
            what.acquire_nowait()

    assert played(world, script) == ["a in"]


@each_nowait
def test_acquire_nowait_is_for_tasks(make: MakeNowait) -> None:
    with pytest.raises(NotRunningError):
        make().acquire_nowait()


@each_kind
def test_nobody_can_release_what_is_not_acquired(make: Make, world: World) -> None:
    async def main() -> None:
        with pytest.raises(ReactorError, match="releas"):
            make().release()

    world.run(main)


@each_kind
def test_leaving_twice_is_refused(make: Make, world: World) -> None:
    async def main() -> None:
        holding = await make().acquire()
        with holding:
            pass
        with pytest.raises(ReactorError, match="releas"):
            with holding:
                pass

    world.run(main)


@each_kind
def test_who_waits_shows_what_for(make: Make, world: World) -> None:
    async def script(stage: Stage) -> None:
        what = make()
        await stage.hold("a", what)
        await stage.hold("b", what)
        await stage.settle()
        shown = what.lock if isinstance(what, Condition) else what
        assert repr(stage.tasks["b"]).endswith(f"waits on {shown!r}>")

    played(world, script)


@each_kind
def test_hundreds_may_wait_and_any_of_them_be_cancelled(make: Make, world: World) -> None:
    async def script(stage: Stage) -> None:
        what = make()
        names = [f"task {number}" for number in range(300)]
        for name in names:
            await stage.hold(name, what)
        await stage.settle()
        for name in names[1::2]:
            stage.cancel(name)
        for name in names[0::2]:
            await stage.settle()
            stage.let_out(name)
        entered = [said.removesuffix(" in") for said in stage.said if said.endswith(" in")]
        assert entered == names[0::2]

    played(world, script)


def test_sleeping_while_holding_keeps_the_others_out(world: World) -> None:
    times: list[float] = []

    async def use(lock: Lock) -> None:
        async with lock:
            await sleep(2)
            times.append(world.clock.now)

    async def main() -> None:
        lock = Lock()
        async with TaskGroup() as group:
            for _ in range(3):
                group.spawn(use, lock)

    world.run(main)

    assert times == [2.0, 4.0, 6.0]
