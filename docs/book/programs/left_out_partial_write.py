"""Partial writes: a send of which the kernel takes a part.

python3 -m docs.book.programs.left_out_partial_write
"""

from __future__ import annotations

import socket

from reactor import TaskGroup, run
from reactor.net import Stream, stream_pair

REPLY = bytes(3_000_000)


def the_bug() -> str:
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        sent = near.send(REPLY)  # and nobody looks at what it returns
    return "sent" if sent == len(REPLY) else "a part was sent, and no error told so"


async def ours() -> str:
    near, far = stream_pair()
    with near, far:
        async with TaskGroup() as group:
            group.spawn(send, near)
            got = await far.receive_exactly(len(REPLY))
    return f"all {len(got)} bytes came"


async def send(stream: Stream) -> None:
    await stream.send_all(REPLY)


def lines() -> list[str]:
    return [f"sock.send(reply):         {the_bug()}", f"stream.send_all(reply):   {run(ours)}"]


if __name__ == "__main__":
    print("\n".join(lines()))
