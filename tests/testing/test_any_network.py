"""Any network: whatever a seed makes of delays, room and losses, what TCP promises holds."""

from __future__ import annotations

from contextlib import suppress
from math import inf
from random import Random

import pytest

from reactor import TaskGroup, move_on_after, sleep
from reactor.testing import MemoryStream, Network, World

SENT = bytes(range(200))


@pytest.fixture
def dice(seed: int | None) -> Random:
    """What decides all that the seed of a world does not."""
    return Random(0 if seed is None else seed)


@pytest.fixture
def any_network(world: World, dice: Random) -> Network:
    """A network as the dice have it: near or far, broad or narrow."""
    return Network(
        world,
        latency=dice.choice([0.0, 0.05, 1.0]),
        bandwidth=dice.choice([inf, 50.0, 1000.0]),
        buffer=dice.randint(1, 40),
    )


async def all_that_comes(stream: MemoryStream) -> bytes:
    """Return what comes until the end, or until the connection is lost."""
    came = b""
    with suppress(ConnectionResetError):
        while data := await stream.receive():
            came += data
    return came


def test_the_networks_of_a_test_have_its_seed(any_network: Network, seed: int | None) -> None:
    assert any_network.world.seed == seed


def test_all_comes_in_order_both_ways(world: World, any_network: Network) -> None:
    near, far = any_network.stream_pair()

    async def send(stream: MemoryStream) -> None:
        await stream.send_all(SENT)
        await stream.send_end()

    async def main() -> list[bytes]:
        async with TaskGroup() as group:
            group.spawn(send, near)
            group.spawn(send, far)
            both = [group.spawn(all_that_comes, stream) for stream in (far, near)]
        return [task.result for task in both]

    assert world.run(main) == [SENT, SENT]


def test_of_what_is_lost_at_a_byte_all_before_it_comes(
    world: World, any_network: Network, dice: Random
) -> None:
    near, far = any_network.stream_pair()
    count = dice.randrange(len(SENT))
    near.lose_after(count)

    async def send() -> None:
        with suppress(ConnectionError):
            await near.send_all(SENT)

    async def main() -> bytes:
        async with TaskGroup() as group:
            group.spawn(send)
            task = group.spawn(all_that_comes, far)
        return task.result

    assert world.run(main) == SENT[:count]


def test_of_what_is_lost_at_a_moment_only_the_rest_is_missing(
    world: World, any_network: Network, dice: Random
) -> None:
    near, far = any_network.stream_pair()
    world.reactor.call_at(dice.random() * 4, near.lose)

    async def send() -> None:
        with suppress(ConnectionError):
            await near.send_all(SENT)
            await sleep(9)
        with pytest.raises(ConnectionResetError):
            await near.send_all(b"more")

    async def main() -> bytes:
        async with TaskGroup() as group:
            group.spawn(send)
            task = group.spawn(all_that_comes, far)
        return task.result

    assert SENT.startswith(world.run(main))


def test_who_gives_up_and_comes_back_finds_the_rest(
    world: World, any_network: Network, dice: Random
) -> None:
    near, far = any_network.stream_pair()

    async def main() -> bytes:
        came = b""
        async with TaskGroup() as group:
            group.spawn(near.send_all, SENT)
            while len(came) < len(SENT):
                with move_on_after(dice.random() / 2):
                    came += await far.receive()
        return came

    assert world.run(main) == SENT
