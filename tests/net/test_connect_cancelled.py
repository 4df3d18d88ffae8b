"""connect: cancelled whenever it may be, it leaves nothing behind."""

from __future__ import annotations

from math import inf

import pytest

from reactor import Scope
from reactor.testing import World
from tests.net.played_attempts import REFUSED, A, B, attempts, over


@pytest.mark.parametrize("number", range(10))
def test_cancelled_when_an_attempt_fails_it_has_not_failed_in_whatever_order_they_end(
    number: int,
) -> None:
    with World(seed=number) as world, attempts(world, {A: (0.4, REFUSED), B: (9, None)}) as played:

        async def main() -> bool:
            with Scope() as scope:
                world.reactor.call_at(0.4, scope.cancel)
                await over(played)
            return scope.cancelled_caught

        assert world.run(main)


def test_inside_a_cancelled_scope_nothing_is_tried(world: World) -> None:
    with attempts(world, {A: (0, None)}) as played:

        async def main() -> bool:
            with Scope() as scope:
                scope.cancel()
                await over(played)
            return scope.cancelled_caught

        assert world.run(main)
        assert played.begun == {}


def test_a_loop_that_ends_meanwhile_leaves_nothing_behind(seed: int | None) -> None:
    with World(seed=seed) as world, attempts(world, {A: (inf, None), B: (1, None)}) as played:
        world.reactor.call_at(1.25, world.reactor.stop)
        with pytest.raises(Exception, match="was stopped before"):
            world.run(over, played)

        assert played.closed() == list(played.far)
