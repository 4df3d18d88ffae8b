"""Both forms: what `await` does in async def, `yield from` does in a generator."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from reactor import (
    Operation,
    Scope,
    Steps,
    Task,
    TaskGroup,
    Trap,
    WaitQueue,
    checkpoint,
    coroutine,
    current_task,
    move_on_after,
    sleep,
    timeout,
    wait,
    wait_readable,
    wait_writable,
)
from reactor.testing import World
from tests.tasks.parts import (
    Form,
    Pair,
    as_async_def,
    as_generator,
    each_form,
    fail_with,
    fill,
    for_ever,
    give,
    now,
)


class Stage:
    """What there is to wait for: within a second all of it happens, or nothing if endless."""

    def __init__(self, group: TaskGroup, pair: Pair, *, endless: bool) -> None:
        self.near, far = pair
        self.seconds = inf if endless else 1.0
        self.queue: WaitQueue[str] = WaitQueue()
        self.child: Task[object] = group.spawn(for_ever) if endless else group.spawn(give, "child")
        if endless:
            fill(self.near)
        else:
            far.send(b"x")
            current_task().reactor.call_later(1, self.queue.wake_all, "queue")


@coroutine
def marked(queue: WaitQueue[str]) -> Steps[str]:
    return (yield from queue)


class Own(Trap[str]):
    """A trap of one's own, round a queue."""

    def __init__(self, queue: WaitQueue[str]) -> None:
        self._queue = queue

    def park(self, task: Task[Any]) -> None:
        self._queue.park(task)

    def abort(self, task: Task[Any]) -> bool:
        return self._queue.abort(task)


PRIMITIVES: dict[str, tuple[Callable[[Stage], Operation[object]], object]] = {
    "sleep": (lambda stage: sleep(stage.seconds), None),
    "wait_readable": (lambda stage: wait_readable(stage.near), None),
    "wait_writable": (lambda stage: wait_writable(stage.near), None),
    "WaitQueue": (lambda stage: stage.queue, "queue"),
    "own trap": (lambda stage: Own(stage.queue), "queue"),
    "join": (lambda stage: stage.child.join(), "child"),
    "marked generator": (lambda stage: marked(stage.queue), "queue"),
    "async def": (lambda stage: wait(as_async_def(lambda: stage.queue)), "queue"),
    "TaskGroup.run": (lambda stage: TaskGroup().run(marked, stage.queue), "queue"),
}

each_primitive = pytest.mark.parametrize(
    ("make", "answer"), [pytest.param(*entry, id=name) for name, entry in PRIMITIVES.items()]
)


@each_form
@each_primitive
def test_every_primitive_brings_its_answer(
    make: Callable[[Stage], Operation[object]],
    answer: object,
    form: Form,
    world: World,
    pair: Pair,
) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            stage = Stage(group, pair, endless=False)
            assert await form(lambda: make(stage)) == answer

    world.run(main)


@each_form
@each_primitive
def test_every_primitive_can_be_cancelled_while_it_waits(
    make: Callable[[Stage], Operation[object]],
    answer: object,
    form: Form,
    world: World,
    pair: Pair,
) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            stage = Stage(group, pair, endless=True)
            with move_on_after(5) as scope:
                await form(lambda: make(stage))
            assert (scope.cancelled_caught, now()) == (True, 5.0)
            group.cancel()

    world.run(main)


@each_form
@each_primitive
def test_no_primitive_waits_inside_a_cancelled_scope(
    make: Callable[[Stage], Operation[object]],
    answer: object,
    form: Form,
    world: World,
    pair: Pair,
) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            stage = Stage(group, pair, endless=False)
            with Scope() as scope:
                scope.cancel()
                await form(lambda: make(stage))
            assert (scope.cancelled_caught, now()) == (True, 0.0)

    world.run(main)


@pytest.mark.in_order("first come, first run")
@each_form
def test_a_checkpoint_lets_the_others_go_first(form: Form, world: World) -> None:
    order: list[str] = []

    async def main() -> None:
        current_task().reactor.call_soon(order.append, "other")
        await form(checkpoint)
        order.append("main")

    world.run(main)

    assert order == ["other", "main"]


@each_form
def test_a_checkpoint_inside_a_cancelled_scope_is_cancelled(form: Form, world: World) -> None:
    async def main() -> bool:
        with Scope() as scope:
            scope.cancel()
            await form(checkpoint)
        return scope.cancelled_caught

    assert world.run(main)


@each_form
def test_an_error_comes_out_of_the_wait(form: Form, world: World) -> None:
    with pytest.raises(ValueError, match="down there"):
        world.run(form, lambda: wait(fail_with(ValueError("down there"))))


@pytest.mark.parametrize("inner", [as_generator, as_async_def])
@pytest.mark.parametrize("outer", [as_generator, as_async_def])
def test_either_kind_calls_the_other(outer: Form, inner: Form, world: World) -> None:
    answer = world.run(outer, lambda: wait(inner(lambda: wait(give("from below")))))

    assert answer == "from below"


@each_form
def test_either_kind_can_be_a_task(form: Form, world: World) -> None:
    async def main() -> str:
        async with TaskGroup() as group:
            task = group.spawn(form, lambda: wait(give("from a task")))
        return task.result

    assert world.run(main) == "from a task"


def test_a_trap_can_be_a_task_as_it_stands(world: World) -> None:
    async def main() -> float:
        async with TaskGroup() as group:
            group.spawn(sleep, 3)
        return now()

    assert world.run(main) == 3.0


def test_a_scope_is_a_with_block_in_a_generator_too(world: World) -> None:
    @coroutine
    def main() -> Steps[None]:
        with timeout(2):
            yield from sleep(10)

    with pytest.raises(TimeoutError):
        world.run(main)


def test_a_generator_may_yield_a_side_as_it_stands(world: World, pair: Pair) -> None:
    near, far = pair

    @coroutine
    def main() -> Steps[bytes]:
        yield current_task().reactor.reading(near)
        return near.recv(10)

    far.send(b"here")

    assert world.run(main) == b"here"


def test_group_run_is_async_with_for_generators(world: World) -> None:
    @coroutine
    def body(group: TaskGroup) -> Steps[float]:
        group.spawn(sleep, 7)
        yield from sleep(1)
        return now()

    @coroutine
    def main() -> Steps[tuple[float | None, float]]:
        group = TaskGroup()
        ended = yield from group.run(body, group)
        return ended, now()

    assert world.run(main) == (1.0, 7.0)
