"""Queue: items from those who put to those who get, in order, none lost and none twice."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from math import inf, nan
from typing import Any

import pytest

from reactor import (
    BusyError,
    ClosedError,
    Operation,
    Scope,
    Steps,
    TaskGroup,
    checkpoint,
    coroutine,
    sleep,
)
from reactor.sync import Queue
from reactor.testing import World
from tests.sync.parts import Stage, played
from tests.tasks.parts import Form, each_form


def filled(most: float, *items: str) -> Queue[str]:
    """Return a queue that has these items in it."""
    queue: Queue[str] = Queue(most)
    for item in items:
        queue.put_nowait(item)
    return queue


@each_form
def test_what_is_put_in_first_comes_out_first(form: Form, world: World) -> None:
    async def main() -> list[str]:
        queue: Queue[str] = Queue(3)
        for item in "abc":
            await form(partial(queue.put, item))
        return [await form(queue.get) for _ in range(3)]

    assert world.run(main) == ["a", "b", "c"]


@each_form
def test_what_can_be_done_at_once_takes_no_turn(form: Form, world: World) -> None:
    async def main() -> list[str]:
        order: list[str] = []
        queue: Queue[str] = Queue(1)
        world.reactor.call_soon(order.append, "other")
        await form(lambda: queue.put("item"))
        await form(queue.get)
        return order

    assert world.run(main) == []


@each_form
def test_who_waits_longest_gets_the_next_item(form: Form, world: World) -> None:
    async def script(stage: Stage) -> None:
        queue: Queue[str] = Queue(1)
        for name in "abc":
            await stage.wait(name, queue.get)
        await stage.settle()
        for item in "xyz":
            await queue.put(item)

    assert sorted(played(world, script, form)) == ["a got x", "b got y", "c got z"]


@each_form
def test_a_put_waits_for_room_and_who_waits_longest_puts_next(form: Form, world: World) -> None:
    async def script(stage: Stage) -> None:
        queue = filled(1, "first")
        for name in "abc":
            await stage.wait(name, partial(queue.put, name))
        await stage.settle()
        assert (stage.said, len(queue)) == ([], 1)
        assert [await queue.get() for _ in range(4)] == ["first", "a", "b", "c"]

    assert sorted(played(world, script, form)) == ["a got None", "b got None", "c got None"]


@each_form
def test_with_room_for_none_a_put_waits_until_the_item_is_taken(form: Form, world: World) -> None:
    async def script(stage: Stage) -> None:
        queue: Queue[str] = Queue(0)
        await stage.wait("a", lambda: queue.put("x"))
        await stage.settle()
        assert (stage.said, len(queue)) == ([], 0)
        assert await queue.get() == "x"
        await stage.wait("b", queue.get)
        await stage.settle()
        await queue.put("y")

    assert played(world, script, form) == ["a got None", "b got y"]


def test_with_room_for_any_number_a_put_never_waits(world: World) -> None:
    async def main() -> int:
        queue: Queue[int] = Queue(inf)
        for item in range(1000):
            queue.put_nowait(item)
            await queue.put(item)
        return len(queue)

    assert world.run(main) == 2000


def test_nobody_is_overtaken_by_who_comes_in_the_turn_of_a_hand_over(world: World) -> None:
    async def script(stage: Stage) -> None:
        queue: Queue[str] = Queue(1)
        await stage.wait("a", queue.get)
        await stage.settle()
        queue.put_nowait("first")  # a has it, and has not run
        with pytest.raises(BusyError):
            queue.get_nowait()
        queue.put_nowait("second")
        await stage.wait("b", partial(queue.put, "third"))
        await stage.settle()
        assert queue.get_nowait() == "second"  # and b's item took its place
        with pytest.raises(BusyError):
            queue.put_nowait("fourth")
        assert queue.get_nowait() == "third"

    assert played(world, script) == ["a got first", "b got None"]


# -- at once


def test_put_nowait_is_refused_when_the_queue_is_full() -> None:
    queue = filled(1, "a")

    with pytest.raises(BusyError, match=r"<Queue, 1 of 1, .*> is full; wait for room with put"):
        queue.put_nowait("b")

    assert queue.get_nowait() == "a"


def test_get_nowait_is_refused_when_the_queue_is_empty() -> None:
    with pytest.raises(BusyError, match="is empty; wait for an item with get"):
        filled(1).get_nowait()


def test_with_room_for_none_what_does_not_wait_needs_somebody_who_does(world: World) -> None:
    async def script(stage: Stage) -> None:
        queue: Queue[str] = Queue(0)
        with pytest.raises(BusyError):
            queue.put_nowait("x")
        with pytest.raises(BusyError):
            queue.get_nowait()
        await stage.wait("a", queue.get)
        await stage.settle()
        queue.put_nowait("y")
        await stage.wait("b", lambda: queue.put("z"))
        await stage.settle()
        assert queue.get_nowait() == "z"

    assert played(world, script) == ["a got y", "b got None"]


def test_callbacks_may_use_what_does_not_wait(world: World) -> None:
    async def main() -> str:
        queue: Queue[str] = Queue(1)
        world.reactor.call_later(1, queue.put_nowait, "item")
        return await queue.get()

    assert world.run(main) == "item"


# -- cancelled


def test_an_item_that_nobody_puts_any_more_cannot_be_taken(world: World) -> None:
    async def script(stage: Stage) -> None:
        queue: Queue[str] = Queue(0)
        await stage.wait("a", lambda: queue.put("x"))
        await stage.settle()
        stage.cancel("a")
        with pytest.raises(BusyError):
            queue.get_nowait()

    assert played(world, script) == ["a cancelled"]


@each_form
def test_nothing_is_put_or_taken_inside_a_cancelled_scope(form: Form, world: World) -> None:
    async def main() -> None:
        queue = filled(2, "item")
        makes: list[Callable[[], Operation[object]]]
        makes = [queue.get, queue.next, lambda: queue.put("other")]
        for make in makes:
            with Scope() as scope:
                scope.cancel()
                await form(make)
            assert scope.cancelled_caught
        assert len(queue) == 1

    world.run(main)


# -- closed


@each_form
def test_a_closed_queue_takes_nothing_in(form: Form, world: World) -> None:
    async def main() -> None:
        queue = filled(2, "a")
        closed = [queue.closed]
        queue.close()
        assert [*closed, queue.closed] == [False, True]
        with pytest.raises(ClosedError, match="takes nothing in any more; the item is still yours"):
            await form(lambda: queue.put("b"))
        with pytest.raises(ClosedError, match="takes nothing in any more"):
            queue.put_nowait("b")
        assert len(queue) == 1

    world.run(main)


@each_form
def test_what_is_in_a_closed_queue_can_be_taken_then_there_is_nothing_more(
    form: Form, world: World
) -> None:
    async def main() -> list[str]:
        queue = filled(3, "a", "b")
        queue.close()
        items = [await form(queue.get), queue.get_nowait()]
        with pytest.raises(ClosedError, match="has nothing left, and nothing will come"):
            await form(queue.get)
        with pytest.raises(ClosedError, match="has nothing left"):
            queue.get_nowait()
        return items

    assert world.run(main) == ["a", "b"]


@each_form
def test_who_waits_for_an_item_hears_that_none_will_come(form: Form, world: World) -> None:
    async def script(stage: Stage) -> None:
        queue: Queue[str] = Queue(1)
        await stage.wait("a", queue.get)
        await stage.wait("b", queue.next)
        await stage.settle()
        queue.close()
        queue.close()

    assert sorted(played(world, script, form)) == ["a: ClosedError", "b got None"]


@each_form
def test_who_waits_for_room_keeps_its_item(form: Form, world: World) -> None:
    async def script(stage: Stage) -> None:
        queue = filled(1, "first")
        await stage.wait("a", lambda: queue.put("x"))
        await stage.wait("b", lambda: queue.put("y"))
        await stage.settle()
        queue.close()
        assert (queue.get_nowait(), len(queue)) == ("first", 0)
        with pytest.raises(ClosedError):
            queue.get_nowait()

    assert sorted(played(world, script, form)) == ["a: ClosedError", "b: ClosedError"]


def test_each_who_waits_gets_an_error_of_its_own(world: World) -> None:
    errors: list[Exception] = []

    async def gets(queue: Queue[str]) -> None:
        try:
            await queue.get()
        except ClosedError as error:
            errors.append(error)

    async def main() -> None:
        queue: Queue[str] = Queue(1)
        async with TaskGroup() as group:
            group.spawn(gets, queue)
            group.spawn(gets, queue)
            await checkpoint()
            queue.close()

    world.run(main)

    first, second = errors
    assert first is not second


def test_an_item_that_was_handed_over_before_the_close_is_delivered(world: World) -> None:
    async def script(stage: Stage) -> None:
        queue: Queue[str] = Queue(1)
        await stage.wait("a", queue.get)
        await stage.settle()
        queue.put_nowait("x")
        queue.close()

    assert played(world, script) == ["a got x"]


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_who_is_cancelled_in_the_turn_of_the_close_hears_of_the_first(
    cancelled_first: bool, world: World
) -> None:
    async def script(stage: Stage) -> None:
        queue: Queue[str] = Queue(1)
        await stage.wait("a", queue.get)
        await stage.settle()
        for step in [lambda: stage.cancel("a"), queue.close][:: 1 if cancelled_first else -1]:
            step()

    assert played(world, script) == ["a cancelled" if cancelled_first else "a: ClosedError"]


# -- one after the other


async def by_async_for(queue: Queue[str]) -> list[str]:
    """Take all, as async def does."""
    return [item async for item in queue]


@coroutine
def by_next(queue: Queue[str]) -> Steps[list[str]]:
    """Take all, as a generator does."""
    items = []
    while (item := (yield from queue.next())) is not None:
        items.append(item)
    return items


Loop = Callable[[Queue[str]], Operation[list[str]] | Coroutine[Any, Any, list[str]]]
each_loop = pytest.mark.parametrize("loop", [by_async_for, by_next])


@each_loop
def test_a_loop_takes_what_comes_and_ends_when_the_queue_is_closed_and_empty(
    loop: Loop, world: World
) -> None:
    async def main() -> list[str]:
        queue = filled(1, "a")
        async with TaskGroup() as group:
            taker = group.spawn(loop, queue)
            for item in "bcd":
                await queue.put(item)
            queue.close()
        return taker.result

    assert world.run(main) == ["a", "b", "c", "d"]


@each_loop
def test_several_loops_share_what_comes(loop: Loop, world: World) -> None:
    async def main() -> list[list[str]]:
        queue: Queue[str] = Queue(1)
        async with TaskGroup() as group:
            takers = [group.spawn(loop, queue) for _ in range(2)]
            await sleep(1)
            for item in "abcd":
                await queue.put(item)
                await sleep(1)
            queue.close()
        return sorted(taker.result for taker in takers)

    assert world.run(main) == [["a", "c"], ["b", "d"]]


# -- what it is


@pytest.mark.parametrize("most", [-1, 0.5, nan, -inf])
def test_a_queue_holds_a_whole_number_of_items_or_any(most: float) -> None:
    with pytest.raises(ValueError, match=f"a queue holds a whole number, .* not {most}"):
        Queue(most)


def test_a_queue_shows_how_full_it_is_and_who_waits(world: World) -> None:
    async def script(stage: Stage) -> None:
        queue: Queue[str] = Queue(2)
        assert queue.most == 2
        await stage.wait("getter", queue.get)
        await checkpoint()
        assert repr(queue) == "<Queue, 0 of 2, 1 getting, 0 putting>"
        assert repr(stage.tasks["getter"]).endswith(f"waits on {queue!r}>")
        for name in "abcd":
            await stage.wait(name, partial(queue.put, name))
        await stage.settle()
        assert repr(queue) == "<Queue, 2 of 2, 0 getting, 1 putting>"
        assert repr(stage.tasks["d"]).endswith(f"waits on {queue!r}>")
        queue.close()
        assert repr(queue) == "<Queue, closed, 2 of 2, 0 getting, 0 putting>"
        assert repr(Queue(inf)) == "<Queue, 0 of inf, 0 getting, 0 putting>"

    played(world, script)
