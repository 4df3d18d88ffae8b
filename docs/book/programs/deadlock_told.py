"""A deadlock, told by the world in which it happens: two locks, taken in two orders.

python3 -m docs.book.programs.deadlock_told
"""

from __future__ import annotations

import re

from reactor import DeadlockError, TaskGroup, sleep
from reactor.sync import Lock
from reactor.testing import World


async def move(source: Lock, target: Lock) -> None:
    async with source:
        await sleep(1)  # look up how much there is
        async with target:
            pass


async def ann_to_bob(ann: Lock, bob: Lock) -> None:
    await move(ann, bob)


async def bob_to_ann(ann: Lock, bob: Lock) -> None:
    await move(bob, ann)


async def main() -> None:
    ann, bob = Lock(), Lock()
    async with TaskGroup() as group:
        group.spawn(ann_to_bob, ann, bob)
        group.spawn(bob_to_ann, ann, bob)


def lines() -> list[str]:
    with World() as world:
        try:
            world.run(main)
        except DeadlockError as error:
            return re.sub(r"\(.*/", "(", str(error)).splitlines()
    return ["it ended well"]


if __name__ == "__main__":
    print("\n".join(lines()))
