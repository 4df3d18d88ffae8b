"""connect: cancelled whenever it may be, it leaves nothing behind."""

from __future__ import annotations

import socket
from collections.abc import Callable
from math import inf

import pytest

from reactor import Scope, WaitQueue
from reactor.net import Connection, Place, connect
from reactor.testing import World
from tests.net.played_attempts import (
    ONE,
    REFUSED,
    A,
    B,
    C,
    Plays,
    attempts,
    over,
)

MOMENTS = (0.0, 0.5, 0.6, 0.75, 0.8, 1.0, 1.2, 1.4)


@pytest.mark.parametrize("moment", MOMENTS)
def test_cancelled_at_any_park_it_leaves_nothing_behind(world: World, moment: float) -> None:
    plays: Plays = {A: (0.2, REFUSED), B: (inf, None), C: (inf, None)}
    with attempts(world, plays) as played:
        played.look_up_seconds = 0.5

        async def main() -> bool:
            with Scope() as scope:
                world.reactor.call_at(moment, scope.cancel)
                (await over(played)).close()
            return scope.cancelled_caught

        assert world.run(main)
        assert world.clock.now == moment
        assert played.closed() == list(played.far)
        silent = [host for host in played.begun if moment < 0.7 or host != ONE]
        assert sorted(played.cancelled) == sorted(silent)


@pytest.mark.parametrize("late", range(8))
def test_cancelled_in_any_turn_around_the_victory_it_returns_the_connection_or_closes_it(
    world: World, late: int
) -> None:
    with attempts(world, {A: (1, None)}) as played:

        async def main() -> list[Connection]:
            made: list[Connection] = []
            with Scope() as scope:
                world.reactor.call_at(1, later, scope, late)
                made.append(await over(played))
            return made

        def later(scope: Scope, turns: int) -> None:
            if turns:
                world.reactor.call_soon(later, scope, turns - 1)
            else:
                scope.cancel()

        made = world.run(main)
        assert played.closed() == ([] if made else list(played.far))
        for connection in made:
            connection.close()


def _cancel_first(scope: Scope, answer: Callable[[], None]) -> None:
    scope.cancel()
    answer()


def _answer_first(scope: Scope, answer: Callable[[], None]) -> None:
    answer()
    scope.cancel()


@pytest.mark.parametrize("order", [_cancel_first, _answer_first])
def test_cancelled_in_the_very_turn_of_the_answer_it_returns_the_connection_or_closes_it(
    world: World, order: Callable[[Scope, Callable[[], None]], None]
) -> None:
    answer: WaitQueue[None] = WaitQueue()
    far: list[socket.socket] = []

    async def look_up(host: str, port: int) -> list[Place]:
        return [A]

    async def attempt(place: Place) -> socket.socket:
        await answer
        near, other = socket.socketpair()
        far.append(other)
        return near

    async def main() -> None:
        made: list[Connection] = []
        with Scope() as scope:
            world.reactor.call_at(1, order, scope, lambda: answer.wake_all(None))
            made.append(await connect("host", 80, resolver=look_up, attempt=attempt))
        for sock in far:
            sock.setblocking(False)
            if made:
                with pytest.raises(BlockingIOError):
                    sock.recv(1)
            else:
                assert sock.recv(1) == b""
        for connection in made:
            connection.close()

    world.run(main)
    for sock in far:
        sock.close()
    assert len(far) == (order is _answer_first)


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
