"""Exercise 7: a trap of one's own."""

from __future__ import annotations

from typing import Any

from reactor import Task, TaskGroup, Trap, WaitQueue, sleep
from reactor.testing import TrapContract, World


class Countdown(Trap[None]):
    """Who waits goes on when count_down() was called count times."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.waiting: WaitQueue[None] = WaitQueue()

    def count_down(self) -> None:
        if self.left > 0:
            self.left -= 1
            if self.left == 0:
                self.waiting.wake_all(None)

    def park(self, task: Task[Any]) -> None:
        if self.left == 0:
            task.wake()
        else:
            self.waiting.park(task)

    def abort(self, task: Task[Any]) -> bool:
        return self.waiting.abort(task)

    def __repr__(self) -> str:
        return f"<Countdown, {self.left} left>"


async def four_parts(countdown: Any, moments: list[float], world: World) -> None:
    async def part(seconds: float) -> None:
        await sleep(seconds)
        countdown.count_down()

    async def wait() -> None:
        await countdown
        moments.append(world.clock.now)

    async with TaskGroup() as group:
        for seconds in (1, 5, 3, 7):
            group.spawn(part, seconds)
        group.spawn(wait)
        group.spawn(wait)
    await wait()  # it is over, and stays so


def check(mine: Any) -> None:
    moments: list[float] = []
    with World() as world:
        world.run(four_parts, mine.Countdown(3), moments, world)
    assert moments == [5.0, 5.0, 7.0], moments

    class Contract(TrapContract[Any]):
        def make(self) -> Any:
            return mine.Countdown(1)

        def answer(self, trap: Any) -> bool:
            trap.count_down()
            return True

    for name in dir(Contract):
        if name.startswith("test_"):
            getattr(Contract(), name)()
