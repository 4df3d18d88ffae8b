"""However busy one is, timers, tasks and streams of others have their turn: in every turn, once.

The numbers are those of docs/tasks.md.
"""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from reactor import TaskGroup, checkpoint
from reactor.testing import World
from tests.fairness.busy import BUSY, Busy
from tests.fairness.stage import Deeds, Stage

TURNS = 60
"""So many turns are looked at; a burst has grown by then."""

each_busy = pytest.mark.parametrize(
    ("busy", "most"), [pytest.param(*entry, id=entry[0].__name__) for entry in BUSY.items()]
)


class Others:
    """A timer, a task and a stream that go on whenever they may, and how often they did."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.timers = self.tasks = self.received = 0

    def tick(self) -> None:
        self.timers += 1
        self._stage.reactor.call_later(0, self.tick)

    async def step(self) -> None:
        while True:
            await checkpoint()
            self.tasks += 1

    async def talk(self) -> None:
        connection, far = self._stage.connection()
        while True:
            far.send(b"x")
            await connection.receive(1)
            self.received += 1

    def had(self) -> tuple[int, int, int]:
        return self.timers, self.tasks, self.received


@each_busy
def test_the_others_go_on_in_every_turn_and_it_does_no_more_than_was_promised(
    busy: Busy, most: int, world: World, deeds: Deeds
) -> None:
    async def main() -> list[int]:
        with ExitStack() as stack:
            stage = Stage(world, deeds.did, stack)
            others = Others(stage)
            async with TaskGroup() as group:
                group.spawn(busy, stage)
                while not any(deeds.of_a_turn):
                    await checkpoint()
                others.tick()
                group.spawn(others.step)
                group.spawn(others.talk)
                await checkpoint()  # they have begun
                deeds.start_over()
                before = others.had()
                for _ in range(TURNS):
                    await checkpoint()
                after = others.had()
                group.cancel()
        return [now - then for now, then in zip(after, before, strict=True)]

    gone_on = world.run(main)

    assert max(deeds.of_a_turn) == most
    assert sum(deeds.of_a_turn) > TURNS // 2, "it was busy, or nothing is shown here"
    assert min(gone_on) >= TURNS - 2
