"""Exercise 9: a limit for silence."""

from __future__ import annotations

from math import inf
from typing import Any

from reactor import Scope, TaskGroup, current_task, sleep
from reactor.net import Stream
from reactor.testing import Network, World


async def forward(source: Stream, target: Stream, seconds: float) -> bool:
    with Scope() as silence:
        while True:
            silence.deadline = current_task().reactor.now() + seconds
            data = await source.receive()
            silence.deadline = inf
            if not data:
                break
            await target.send_all(data)
    return not silence.cancelled_caught


async def talk(mine: Any, network: Network, *, ends: bool) -> tuple[bool, bytes]:
    speaker, source = network.stream_pair()
    target, listener = network.stream_pair()

    async def speak() -> None:
        for _ in range(5):
            await speaker.send_all(b"x")
            await sleep(3)
        if ends:
            await speaker.send_end()

    ended, heard = False, b""
    with speaker, source, target, listener:
        async with TaskGroup() as group:
            group.spawn(speak)
            ended = await mine.forward(source, target, 5)
            heard = await listener.receive()
    return ended, heard


async def talk_on(mine: Any, network: Network) -> tuple[bool, bytes]:
    return await talk(mine, network, ends=False)


async def talk_and_end(mine: Any, network: Network) -> tuple[bool, bytes]:
    return await talk(mine, network, ends=True)


async def slow_target(mine: Any, network: Network, narrow: Network) -> tuple[bool, bytes]:
    speaker, source = network.stream_pair()
    target, listener = narrow.stream_pair()
    heard = b""

    async def listen() -> None:
        nonlocal heard
        await sleep(20)
        heard = await listener.receive_exactly(10)

    ended = False
    with speaker, source, target, listener:
        await speaker.send_all(b"0123456789")
        await speaker.send_end()
        async with TaskGroup() as group:
            group.spawn(listen)
            ended = await mine.forward(source, target, 5)
    return ended, heard


def check(mine: Any) -> None:
    with World() as world:
        assert world.run(talk_on, mine, Network(world)) == (False, b"xxxxx")
        assert world.clock.now == 17.0, "five seconds after the last byte"
    with World() as world:
        assert world.run(talk_and_end, mine, Network(world)) == (True, b"xxxxx")
        assert world.clock.now == 15.0
    with World() as world:
        heard = world.run(slow_target, mine, Network(world), Network(world, buffer=4))
    assert heard == (True, b"0123456789"), "the target is slow, the source was not silent"
