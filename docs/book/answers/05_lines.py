"""Exercise 5: lines out of a stream, however it is cut into pieces."""

from __future__ import annotations

from typing import Any

from reactor import TaskGroup
from reactor.net import Stream
from reactor.testing import Network, World

LIMIT = 1000


class LineReader:
    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.held = b""

    async def next(self) -> bytes | None:
        while b"\n" not in self.held:
            if len(self.held) > LIMIT:
                raise ValueError("the line has no end")
            data = await self.stream.receive()
            if not data:
                rest, self.held = self.held, b""
                return rest or None
            self.held += data
        line, _, self.held = self.held.partition(b"\n")
        return line


async def lines_of(mine: Any, network: Network, data: bytes) -> list[bytes]:
    near, far = network.stream_pair()
    got = []

    async def send() -> None:
        await near.send_all(data)
        await near.send_end()

    with near, far:
        async with TaskGroup() as group:
            group.spawn(send)
            reader = mine.LineReader(far)
            while (line := await reader.next()) is not None:
                got.append(line)
    return got


def check(mine: Any) -> None:
    for seed in range(20):
        with World(seed=seed) as world:
            got = world.run(lines_of, mine, Network(world), b"one\n\nthree\nthe last")
        assert got == [b"one", b"", b"three", b"the last"], got
    refused = False
    try:
        with World() as world:
            world.run(lines_of, mine, Network(world), bytes(10_000))
    except* ValueError:
        refused = True
    assert refused, "a line without an end is taken in, however long"
