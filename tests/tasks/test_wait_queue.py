"""WaitQueue: tasks in a line, first come first served."""

from __future__ import annotations

import pytest

from reactor import Scope, TaskGroup, WaitQueue, checkpoint, current_task, sleep
from reactor.testing import World


class Line:
    """Tasks a, b, c in a queue, each inside a scope of its own; order tells who left it how."""

    def __init__(self) -> None:
        self.queue: WaitQueue[str] = WaitQueue()
        self.scopes = {name: Scope() for name in "abc"}
        self.order: list[str] = []

    async def stand(self, name: str) -> None:
        with self.scopes[name] as scope:
            self.order.append(f"{name} {await self.queue}")
            await checkpoint()
            self.order.append(f"{name} went on")
        if scope.cancelled_caught:
            self.order.append(f"{name} cancelled")

    async def form(self, group: TaskGroup) -> None:
        for name in self.scopes:
            length = len(self.queue)
            group.spawn(self.stand, name)
            while len(self.queue) == length:
                await checkpoint()


@pytest.fixture
def line() -> Line:
    return Line()


def test_wake_one_wakes_who_came_first(line: Line, world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            await line.form(group)
            for answer in ("first", "second", "third"):
                assert line.queue.wake_one(answer)

    world.run(main)

    assert sorted(line.order[:3]) == ["a first", "b second", "c third"]


def test_wake_one_tells_when_nobody_waits() -> None:
    assert WaitQueue[str]().wake_one("nobody") is False


@pytest.mark.in_order("who is woken first goes on first")
def test_wake_all_wakes_in_order_of_arrival(line: Line, world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            await line.form(group)
            line.queue.wake_all("together")

    world.run(main)

    assert line.order[:3] == ["a together", "b together", "c together"]


def test_who_comes_back_while_all_are_woken_waits_for_the_next_time(world: World) -> None:
    queue, rounds = WaitQueue[int](), list[int]()

    async def again() -> None:
        for _ in range(2):
            rounds.append(await queue)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(again)
            await sleep(1)
            queue.wake_all(1)
            await sleep(1)
            assert (rounds, len(queue)) == ([1], 1)
            queue.wake_all(2)

    world.run(main)

    assert rounds == [1, 2]


def test_a_queue_tells_how_many_wait(line: Line, world: World) -> None:
    async def main() -> list[int]:
        async with TaskGroup() as group:
            lengths = [len(line.queue)]
            await line.form(group)
            lengths.append(len(line.queue))
            line.queue.wake_one("go")
            lengths.append(len(line.queue))
            line.queue.wake_all("go")
            lengths.append(len(line.queue))
        return lengths

    assert world.run(main) == [0, 3, 2, 0]


def test_one_that_is_cancelled_leaves_the_middle_and_the_others_keep_their_places(
    line: Line, world: World
) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            await line.form(group)
            line.scopes["b"].cancel()
            assert len(line.queue) == 2
            line.queue.wake_one("first")
            line.queue.wake_one("second")

    world.run(main)

    assert sorted(line.order[:3]) == ["a first", "b cancelled", "c second"]


def test_one_that_is_woken_and_then_cancelled_gets_the_answer_and_is_cancelled_at_its_next_park(
    line: Line, world: World
) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            await line.form(group)
            line.queue.wake_one("answer")
            line.scopes["a"].cancel()
            line.scopes["b"].cancel()
            line.scopes["c"].cancel()

    world.run(main)

    assert sorted(line.order) == ["a answer", "a cancelled", "b cancelled", "c cancelled"]


def test_what_one_is_cancelled_before_getting_goes_to_the_next(line: Line, world: World) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            await line.form(group)
            line.scopes["a"].cancel()
            line.queue.wake_one("answer")
            line.queue.wake_all("rest")

    world.run(main)

    assert sorted(line.order[:3]) == ["a cancelled", "b answer", "c rest"]


def test_who_does_not_stand_in_a_queue_cannot_be_taken_out(world: World) -> None:
    async def main() -> bool:
        return WaitQueue[str]().abort(current_task())

    assert not world.run(main)


def test_a_queue_shows_how_many_wait(line: Line, world: World) -> None:
    async def main() -> str:
        async with TaskGroup() as group:
            await line.form(group)
            shown = repr(line.queue)
            group.cancel()
        return shown

    assert world.run(main) == "<WaitQueue, 3 waiting>"
