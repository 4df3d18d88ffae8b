"""Condition: waiting for a change of what a lock protects."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reactor import (
    Cancelled,
    DeadlockError,
    Operation,
    ReactorError,
    Scope,
    Steps,
    TaskGroup,
    coroutine,
    current_task,
    sleep,
    wait,
)
from reactor.sync import Condition, Lock
from reactor.testing import World
from tests.sync.parts import Stage, Way, each_way, played
from tests.tasks.parts import Form, as_async_def, as_generator, each_form


def watcher(condition: Condition, form: Form = as_async_def) -> Callable[[], Operation[str]]:
    """Return what waits on condition, and sees that it has the lock when it goes on."""

    @coroutine
    def watch() -> Steps[str]:
        with (yield from condition.acquire()):
            try:
                yield from wait(form(condition.wait))
            finally:
                assert condition.lock.owner is current_task()
        return "notified"

    return watch


async def watched(stage: Stage, names: str, form: Form = as_async_def) -> Condition:
    """Return a condition that tasks of these names wait on."""
    condition = Condition()
    for name in names:
        await stage.wait(name, watcher(condition, form))
    await stage.settle()
    return condition


@each_form
def test_notify_wakes_who_waits_longest(form: Form, world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "abcd", form)
        async with condition:
            condition.notify()
        await stage.settle()
        assert stage.said == ["a got notified"]
        async with condition:
            condition.notify(2)

    assert played(world, script) == ["a got notified", "b got notified", "c got notified"]


@each_form
def test_notify_all_wakes_all_first_come_first(form: Form, world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "abc", form)
        async with condition:
            condition.notify_all()

    assert played(world, script) == [f"{name} got notified" for name in "abc"]


def test_notifying_more_than_wait_is_notifying_all(world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "ab")
        async with condition:
            condition.notify(5)
        await stage.settle()
        await stage.wait("late", watcher(condition))

    assert played(world, script) == ["a got notified", "b got notified"]


@pytest.mark.parametrize("count", [0, -1])
def test_notifying_nobody_wakes_nobody(count: int, world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "a")
        async with condition:
            condition.notify(count)

    assert played(world, script) == []


def test_who_is_notified_goes_on_when_the_lock_is_released_behind_those_who_wait_for_it(
    world: World,
) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "a")
        async with condition:
            await stage.hold("before", condition)
            await stage.settle()
            condition.notify()
            await stage.hold("after", condition)
            await stage.settle()
            assert stage.said == []
        await stage.settle()
        stage.let_out("before")

    assert played(world, script) == ["before in", "before out", "a got notified", "after in"]


@each_way
def test_the_lock_is_free_while_one_waits(way: Way, world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = Condition()

        async def body() -> None:
            await condition.wait()

        async with TaskGroup() as group:
            group.spawn(way, condition, body)
            await stage.settle()
            assert not condition.lock.locked
            async with condition:
                condition.notify()
        assert not condition.lock.locked

    played(world, script)


@each_form
def test_wait_for_asks_after_each_notification_and_returns_the_answer(
    form: Form, world: World
) -> None:
    items: list[str] = []
    asked: list[bool] = []

    async def main() -> list[str]:
        condition = Condition()

        def there() -> list[str]:
            asked.append(condition.lock.owner is consumer)
            return items

        async def consume() -> list[str]:
            async with condition:
                return await form(lambda: condition.wait_for(there))

        async with TaskGroup() as group:
            consumer = group.spawn(consume)
            for item in ("", "item"):
                await sleep(1)
                async with condition:
                    items.extend(item and [item])
                    condition.notify()
        return consumer.result

    assert world.run(main) == ["item"]
    assert asked == [True, True, True]


@each_form
def test_wait_for_does_not_wait_for_what_is_true(form: Form, world: World) -> None:
    async def main() -> list[str]:
        order: list[str] = []
        condition = Condition()
        async with condition:
            world.reactor.call_soon(order.append, "other")
            assert await form(lambda: condition.wait_for(lambda: 5)) == 5
        return order

    assert world.run(main) == []


def test_an_error_of_the_predicate_comes_out_and_the_lock_is_held(world: World) -> None:
    def wrong() -> bool:
        raise ValueError("wrong question")

    async def main() -> None:
        condition = Condition()
        async with condition:
            with pytest.raises(ValueError, match="wrong question"):
                await condition.wait_for(wrong)
            assert condition.lock.owner is current_task()

    world.run(main)


# -- cancelled


@each_form
def test_who_is_cancelled_while_it_waits_has_the_lock_when_it_hears_of_it(
    form: Form, world: World
) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "ab", form)
        stage.cancel("a")
        await stage.settle()
        async with condition:
            condition.notify()

    assert played(world, script) == ["a cancelled", "b got notified"]


@each_form
def test_who_is_cancelled_waits_for_the_lock_as_long_as_it_takes(form: Form, world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "a", form)
        async with condition:
            stage.cancel("a")
            await stage.settle()
            assert stage.said == []
            assert repr(stage.tasks["a"]).endswith(f"waits on {condition.lock!r}>")

    assert played(world, script) == ["a cancelled"]


def test_a_wait_inside_a_cancelled_scope_does_not_let_go_of_the_lock(world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = Condition()
        async with condition:
            await stage.hold("other", condition)
            await stage.settle()
            with Scope() as scope:
                scope.cancel()
                try:
                    await condition.wait()
                finally:
                    stage.said.append("back")
            await stage.settle()

    assert played(world, script) == ["back", "other in"]


@pytest.mark.parametrize("order", ["cancelled first", "notified first"])
@each_form
def test_the_notification_of_who_is_cancelled_in_the_same_turn_goes_on_to_the_next(
    form: Form, order: str, world: World
) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "abc", form)
        async with condition:
            if order == "cancelled first":
                stage.cancel("a")
            condition.notify()
            if order == "notified first":
                stage.cancel("a")

    assert sorted(played(world, script, form)) == ["a cancelled", "b got notified"]


def test_a_notification_goes_on_also_much_later_while_the_lock_is_waited_for(world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "abc")
        async with condition:
            condition.notify()
            await stage.settle()
            stage.cancel("a")
            await stage.settle()
            stage.cancel("b")

    assert sorted(played(world, script)) == ["a cancelled", "b cancelled", "c got notified"]


def test_who_is_cancelled_when_it_has_the_lock_again_was_notified(world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "ab")
        async with condition:
            condition.notify()
        stage.cancel("a")

    assert played(world, script) == ["a got notified", "a cancelled"]


def test_the_last_one_to_be_cancelled_takes_the_notification_with_it(world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "a")
        async with condition:
            condition.notify()
            stage.cancel("a")
        await stage.settle()
        await stage.wait("late", watcher(condition))

    assert played(world, script) == ["a cancelled"]


def test_all_may_be_cancelled_together_and_the_lock_is_free_then(world: World) -> None:
    async def main() -> Condition:
        condition = Condition()
        async with TaskGroup() as group:
            for form in (as_generator, as_async_def) * 2:
                group.spawn(lambda make: make(), watcher(condition, form))
            await sleep(1)
            async with condition:
                condition.notify(2)
                group.cancel()
        return condition

    assert not world.run(main).lock.locked


# -- misuse, and the end


@each_form
@pytest.mark.parametrize(
    "make",
    [lambda condition: condition.wait(), lambda condition: condition.wait_for(lambda: True)],
    ids=["wait", "wait_for"],
)
def test_waiting_is_for_who_holds_the_lock(
    make: Callable[[Condition], Operation[object]], form: Form, world: World
) -> None:
    async def script(stage: Stage) -> None:
        condition = Condition()
        with pytest.raises(ReactorError, match="is for who holds its lock; acquire that before"):
            await form(lambda: make(condition))
        await stage.hold("a", condition)
        await stage.settle()
        with pytest.raises(ReactorError, match=r"held by <Task Stage._play>.* for who holds its"):
            await form(lambda: make(condition))

    played(world, script)


@pytest.mark.parametrize("notify", [Condition.notify, Condition.notify_all])
def test_notifying_is_for_who_holds_the_lock(
    notify: Callable[[Condition], None], world: World
) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "a")
        with pytest.raises(ReactorError, match="is for who holds its lock; acquire that before"):
            notify(condition)

    assert played(world, script) == []


def test_who_is_notified_before_a_lock_that_nobody_will_get_can_be_cancelled(world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "ab")

        async def ends_with_it() -> None:
            await condition.acquire()
            condition.notify()

        stage.group.spawn(ends_with_it)
        await stage.settle()
        stage.cancel("a")
        stage.cancel("b")

    assert sorted(played(world, script)) == ["a: ReactorError", "b: ReactorError"]


def test_two_conditions_may_share_a_lock(world: World) -> None:
    async def script(stage: Stage) -> None:
        lock = Lock()
        full, empty = Condition(lock), Condition(lock)
        assert full.lock is empty.lock is lock
        await stage.wait("full", watcher(full))
        await stage.wait("empty", watcher(empty))
        await stage.settle()
        async with lock:
            empty.notify()

    assert played(world, script) == ["empty got notified"]


@each_way
def test_one_that_waits_when_the_loop_ends_is_closed_without_another_error(
    way: Way, world: World
) -> None:
    async def main() -> None:
        condition = Condition()
        await way(condition, lambda: as_async_def(condition.wait))

    with pytest.raises(DeadlockError):
        world.run(main)


def test_one_that_is_closed_while_it_waits_for_the_lock_again_is_closed_without_another_error(
    world: World,
) -> None:
    async def main() -> None:
        condition = Condition()

        async def holds() -> None:
            async with condition:
                scope.cancel()
                await Lock().acquire()
                world.reactor.stop()
                await sleep(60)

        async with TaskGroup() as group:
            async with condition:
                group.spawn(holds)
                with Scope() as scope:
                    await condition.wait()

    with pytest.raises(ReactorError, match="was stopped before"):
        world.run(main)


def test_a_cancelled_wait_is_cancelled_once_more_behind_it(world: World) -> None:
    async def main() -> list[str]:
        told: list[str] = []
        condition = Condition()
        with Scope(1):
            async with condition:
                for _ in range(2):
                    try:
                        await condition.wait()
                    except Cancelled:
                        told.append(f"has it: {condition.lock.owner is current_task()}")
        return told

    assert world.run(main) == ["has it: True", "has it: True"]


def test_a_condition_shows_its_lock_and_how_many_wait(world: World) -> None:
    async def script(stage: Stage) -> None:
        condition = await watched(stage, "ab")
        assert repr(condition) == "<Condition of <Lock, free>, 2 waiting>"
        assert repr(stage.tasks["a"]).endswith(f"waits on {condition!r}>")

    played(world, script)
