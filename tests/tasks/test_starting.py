"""TaskGroup.start: a task says when it is ready, and is one of the group from then on."""

from __future__ import annotations

import pytest

from reactor import (
    Cancelled,
    ClosedError,
    ReactorError,
    Scope,
    Started,
    Steps,
    TaskGroup,
    checkpoint,
    coroutine,
    current_task,
    move_on_after,
    sleep,
)
from reactor.testing import World
from tests.tasks.parts import Form, each_form, for_ever, messages, now, tell_end


async def serve(started: Started[int], log: list[str]) -> None:
    """Be ready after a second, with a port; then serve until cancelled."""
    await sleep(1)
    started(8080)
    await tell_end(log, "server")


@coroutine
def serve_in_a_generator(started: Started[int], log: list[str]) -> Steps[None]:
    yield from sleep(1)
    started(8080)
    log.append("serves")


@each_form
def test_the_starter_goes_on_when_the_task_is_ready_and_the_group_has_it(
    world: World, form: Form
) -> None:
    log: list[str] = []

    async def main() -> float:
        async with TaskGroup() as group:
            port = await form(lambda: group.start(serve, log))
            assert (port, now()) == (8080, 1.0)
            assert [task.name for task in group.members()] == ["serve"]
            await sleep(1)
            group.cancel()
        return now()

    assert world.run(main) == 2.0
    assert log == ["server cancelled"]


def test_a_generator_can_be_started_and_the_group_waits_for_it(world: World) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            await group.start(serve_in_a_generator, log)
            log.append("started")

    world.run(main)

    assert log == ["serves", "started"]


def test_ready_may_mean_nothing_but_that(world: World) -> None:
    async def child(started: Started[None]) -> None:
        started()

    async def main() -> None:
        async with TaskGroup() as group:
            await group.start(child)

    world.run(main)


def test_what_it_fails_with_before_is_raised_where_it_is_started_and_nowhere_else(
    world: World,
) -> None:
    async def child(started: Started[None]) -> None:
        await sleep(1)
        raise OSError("address in use")

    async def main() -> float:
        async with TaskGroup() as group:
            with pytest.raises(OSError, match="address in use"):
                await group.start(child)
            await sleep(1)
        return now()

    assert world.run(main) == 2.0


def test_several_failures_before_stay_together(world: World) -> None:
    async def child(started: Started[None]) -> None:
        async with TaskGroup() as inner:
            inner.spawn(fails, 1)
            inner.spawn(fails, 2)

    async def fails(number: int) -> None:
        raise ValueError(f"number {number}")

    async def main() -> None:
        async with TaskGroup() as group:
            with pytest.raises(ExceptionGroup) as caught:
                await group.start(child)
            assert sorted(messages(caught.value)) == ["number 1", "number 2"]

    world.run(main)


def test_a_call_that_cannot_be_made_is_raised_where_it_is_started(world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            with pytest.raises(TypeError, match="missing 1 required positional argument: 'log'"):
                await group.start(serve)  # type: ignore[arg-type] # it is what is tested

    world.run(main)


def test_what_it_fails_with_afterwards_comes_out_of_the_group(world: World) -> None:
    async def child(started: Started[str]) -> None:
        started("ready")
        await sleep(1)
        raise OSError("broken")

    async def main() -> None:
        async with TaskGroup() as group:
            assert await group.start(child) == "ready"

    with pytest.raises(ExceptionGroup) as caught:
        world.run(main)
    assert messages(caught.value) == ["broken"]


def test_one_that_ends_without_being_ready_is_told(world: World) -> None:
    async def child(started: Started[None]) -> None:
        await sleep(1)

    async def main() -> None:
        async with TaskGroup() as group:
            with pytest.raises(
                ReactorError, match=r"child.* ended, and never called started; call"
            ):
                await group.start(child)

    world.run(main)


def test_one_is_ready_once(world: World) -> None:
    async def child(started: Started[int]) -> None:
        started(1)
        with pytest.raises(ReactorError, match=r"child.* has called started before; a task is"):
            started(2)

    async def main() -> None:
        async with TaskGroup() as group:
            assert await group.start(child) == 1

    world.run(main)


def test_who_is_to_say_it_can_be_told_apart(world: World) -> None:
    async def child(started: Started[str]) -> None:
        started(repr(started))

    async def main() -> None:
        async with TaskGroup() as group:
            assert (await group.start(child)).startswith("<Started of <function ")

    world.run(main)


def test_a_cancelled_starter_cancels_what_is_not_ready_yet(world: World) -> None:
    log: list[str] = []

    async def child(started: Started[None]) -> None:
        await tell_end(log, "child")

    async def main() -> float:
        async with TaskGroup() as group:
            with move_on_after(1) as scope:
                await group.start(child)
            assert scope.cancelled_caught
            assert group.members() == ()
            await sleep(1)
        return now()

    assert world.run(main) == 2.0
    assert log == ["child cancelled"]


def test_one_that_is_ready_when_its_starter_is_cancelled_already_goes_with_it(world: World) -> None:
    log: list[str] = []

    async def child(started: Started[None]) -> None:
        with pytest.raises(Cancelled):
            await for_ever()
        started()  # too late
        await tell_end(log, "child")

    async def main() -> tuple[bool, int]:
        async with TaskGroup() as group:
            with move_on_after(1) as scope:
                await group.start(child)
        return scope.cancelled_caught, len(group.members())

    assert world.run(main) == (True, 0)
    assert log == ["child cancelled"]


def test_one_that_was_ready_before_its_starter_is_cancelled_stays(world: World) -> None:
    log: list[str] = []

    async def child(started: Started[str], scope: Scope) -> None:
        await checkpoint()
        started("ready")
        scope.cancel()  # in the turn in which the answer is on its way
        await sleep(1)
        log.append("child went on")

    async def main() -> str:
        async with TaskGroup() as group:
            with Scope() as scope:
                answer = await group.start(child, scope)
                with pytest.raises(Cancelled):
                    await checkpoint()
            assert [task.name for task in group.members()] == [child.__qualname__]
        return answer

    assert world.run(main) == "ready"
    assert log == ["child went on"]


@pytest.mark.parametrize("shield", [False, True])
def test_scopes_that_it_is_in_when_it_is_ready_are_the_groups_from_then_on(
    world: World, shield: bool
) -> None:
    log: list[str] = []

    async def child(started: Started[None]) -> None:
        with move_on_after(3, shield=shield) as scope:
            await sleep(1)
            started()
            await tell_end(log, "child")
        log.append(f"at {now():g}, {scope.cancelled_caught}")

    async def main() -> None:
        async with TaskGroup() as group:
            await group.start(child)
            group.cancel()

    world.run(main)

    assert log == ["child cancelled", "at 3, True"] if shield else log == ["child cancelled"]


@pytest.mark.parametrize("scoped", [False, True])
def test_one_that_is_ready_for_a_group_that_is_cancelled_is_cancelled(
    world: World, scoped: bool
) -> None:
    log: list[str] = []

    async def child(started: Started[None]) -> None:
        await sleep(1)
        if scoped:
            with Scope():
                started()
                await tell_end(log, "child")
        else:
            started()
            await tell_end(log, "child")

    async def main() -> float:
        async with TaskGroup() as group:
            group.cancel()
            with Scope(shield=True):
                await group.start(child)
                await sleep(1)
        return now()

    assert world.run(main) == 2.0
    assert log == ["child cancelled"]


def test_tasks_in_its_own_groups_are_cancelled_with_the_group_too(world: World) -> None:
    log: list[str] = []

    async def child(started: Started[None]) -> None:
        async with TaskGroup() as inner:
            inner.spawn(tell_end, log, "grandchild")
            await sleep(1)
            started()
            await tell_end(log, "child")

    async def main() -> None:
        async with TaskGroup() as group:
            group.cancel()
            with Scope(shield=True):
                await group.start(child)

    world.run(main)

    assert sorted(log) == ["child cancelled", "grandchild cancelled"]


def test_somebody_else_may_say_it_for_one_that_waits(world: World) -> None:
    log: list[str] = []

    async def child(started: Started[str]) -> None:
        current_task().reactor.call_later(1, started, "from a callback")
        await tell_end(log, "child")

    async def main() -> str:
        async with TaskGroup() as group:
            group.cancel()
            with Scope(shield=True):
                answer = await group.start(child)
        return answer

    assert world.run(main) == "from a callback"
    assert log == ["child cancelled"]


def test_a_group_is_not_left_while_one_is_being_started_from_outside(world: World) -> None:
    log: list[str] = []

    async def starter(group: TaskGroup) -> None:
        await group.start(serve_in_a_generator, log)

    async def main() -> float:
        async with TaskGroup() as outer:
            async with TaskGroup() as inner:
                outer.spawn(starter, inner)
                await sleep(0.5)
            log.append(f"left at {now():g}")
        return now()

    assert world.run(main) == 1.0
    assert log == ["serves", "left at 1"]


def test_a_group_is_left_when_one_that_was_being_started_from_outside_has_failed(
    world: World,
) -> None:
    log: list[str] = []

    async def fail(started: Started[None]) -> None:
        await sleep(1)
        raise OSError("no port is free")

    async def starter(group: TaskGroup) -> None:
        with pytest.raises(OSError, match="no port"):
            await group.start(fail)

    async def main() -> None:
        async with TaskGroup() as outer:
            async with TaskGroup() as inner:
                outer.spawn(starter, inner)
                await sleep(0.5)
            log.append(f"left at {now():g}")

    world.run(main)

    assert log == ["left at 1"]


def test_nothing_is_started_in_a_group_that_is_not_open(world: World) -> None:
    async def main() -> None:
        with pytest.raises(ClosedError, match="is not open; spawn inside of"):
            await TaskGroup().start(serve, [])

    world.run(main)


def test_one_that_starts_another_before_it_is_ready_itself(world: World) -> None:
    log: list[str] = []

    async def outer(started: Started[int], group: TaskGroup) -> None:
        port = await group.start(serve, log)
        started(port + 1)

    async def main() -> int:
        async with TaskGroup() as group:
            port = await group.start(outer, group)
            group.cancel()
        return port

    assert world.run(main) == 8081
    assert log == ["server cancelled"]
