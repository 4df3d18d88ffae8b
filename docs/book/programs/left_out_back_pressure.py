"""Back-pressure: a producer of 1000 messages, and a client who reads none of them.

python3 -m docs.book.programs.left_out_back_pressure
"""

from __future__ import annotations

from collections import deque

from reactor import TaskGroup, move_on_after, sleep
from reactor.net import Stream
from reactor.testing import Network, World

MESSAGE = bytes(1000)
BUFFER = 64_000  # of the network: what is on its way, or unread


async def the_bug(stream: Stream) -> int:
    """Queue each message for a task that sends: the queue takes whatever comes."""
    outbox: deque[bytes] = deque()

    async def send_on() -> None:
        while True:
            while outbox:
                await stream.send_all(outbox[0])
                outbox.popleft()
            await sleep(0.001)

    async with TaskGroup() as group:
        group.spawn(send_on)
        for _ in range(1000):
            outbox.append(MESSAGE)
            await sleep(0.001)
        group.cancel()
    return len(outbox)


async def ours(stream: Stream) -> int:
    """Send each message, and make the next when there is room for it."""
    made = 0
    with move_on_after(1.0):
        for _ in range(1000):
            made += 1
            await stream.send_all(MESSAGE)
    return made - BUFFER // len(MESSAGE)


def lines() -> list[str]:
    told = ["after a second           messages held in memory", ""]
    for design in (the_bug, ours):
        with World() as world:
            near, _far = Network(world, buffer=BUFFER).stream_pair()
            told.append(f"{design.__name__:<24} {world.run(design, near):>8}")
    return told


if __name__ == "__main__":
    print("\n".join(lines()))
