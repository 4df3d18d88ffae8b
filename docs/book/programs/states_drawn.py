"""The four states of a task, drawn; and whether tasks of many kinds went just these ways.

python3 -m docs.book.programs.states_drawn
"""

from __future__ import annotations

from reactor import Runnable, Task, TaskGroup, Tracer, WaitQueue, checkpoint
from reactor.testing import World

DRAWN = """\
                      its turn comes           returns, or fails
   spawned --> ready ----------------> running ----------------> done
                 ^                        |
      woken, or  |                        |  waits: yields a trap
   its wait was  |                        |
         undone  +-------- parked <-------+
"""

WAYS = {
    ("spawned", "ready"),
    ("ready", "running"),
    ("running", "parked"),
    ("parked", "ready"),
    ("running", "done"),
}


class States(Tracer):
    """Notes each way that a task goes, from one state to another."""

    def __init__(self) -> None:
        self.ways: set[tuple[str, str]] = set()
        self._states: dict[Runnable, str] = {}

    def _becomes(self, what: Runnable, state: str) -> None:
        if isinstance(what, Task):
            self.ways.add((self._states.get(what, "nowhere"), state))
            self._states[what] = state

    def spawn(self, what: Runnable) -> None:
        self._states[what] = "spawned"

    def wake(self, what: Runnable) -> None:
        if self._states.get(what) == "running":
            self._becomes(what, "parked")  # at a trap that wakes it at once
        self._becomes(what, "ready")

    def run(self, what: Runnable) -> None:
        self._becomes(what, "running")

    def park(self, what: Runnable, door: object) -> None:
        if self._states[what] == "running":
            self._becomes(what, "parked")

    def finish(self, what: Runnable, error: BaseException | None) -> None:
        self._becomes(what, "done")


async def reader(letters: WaitQueue[str]) -> str:
    return await letters


async def main() -> None:
    letters: WaitQueue[str] = WaitQueue()
    async with TaskGroup() as group:
        for _ in range(3):
            group.spawn(reader, letters)
        await checkpoint()
        letters.wake_one("a letter")  # the first goes on
        await checkpoint()
        letters.wake_one("another")  # the second is cancelled with its answer on the way
        group.spawn(reader, letters)  # cancelled before it begins
        group.cancel()  # the third is cancelled where it waits


if __name__ == "__main__":
    states = States()
    with World(tracer=states) as world:
        world.run(main)
    assert states.ways == WAYS, states.ways
    print(DRAWN, end="")
