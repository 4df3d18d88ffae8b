"""EMFILE: no descriptor is left, and a client knocks.

python3 -m docs.book.programs.left_out_emfile
"""

from __future__ import annotations

import errno
import os
import resource
import select
import socket
from collections.abc import Generator
from contextlib import contextmanager

from reactor import Tracer, current_task, move_on_after, run
from reactor.net import Listener, listen

LOOKS = 1000


class Turns(Tracer):
    """Counts the turns."""

    def __init__(self) -> None:
        self.count = 0

    def turn(self, patience: float | None) -> None:
        self.count += 1


@contextmanager
def nothing_left() -> Generator[None]:
    """While inside, this process has no descriptor left."""
    taken: list[int] = []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        yield
    finally:
        for fd in taken:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def the_bug(door: socket.socket) -> str:
    """Ask whether a client is there, accept, log what goes wrong, ask again."""
    door.setblocking(False)
    failed = 0
    poll = select.poll()
    poll.register(door, select.POLLIN)
    for _ in range(LOOKS):
        poll.poll(1000)
        try:
            door.accept()
        except OSError as error:
            failed += error.errno == errno.EMFILE
    return f"{failed} of {LOOKS} turns failed, none of them slept"


async def ours(door: socket.socket, turns: Turns, said: list[str]) -> str:
    def told(error: OSError | None) -> None:
        said.append("works again" if error is None else "pauses")

    with Listener(current_task().reactor, door, shortage=told) as listener:
        with nothing_left(), move_on_after(0.35):
            before = turns.count
            await listener.accept()
        few = turns.count - before < 20
        with await listener.accept():
            said.append("the client is in")
    return f"{', '.join(said)}; turns meanwhile: {'a few' if few else 'too many'}"


def lines() -> list[str]:
    turns = Turns()
    door = listen("127.0.0.1", 0)
    with door, socket.create_connection(door.getsockname()):
        with nothing_left():
            spin = the_bug(door)
        return [f"the bug   {spin}", f"ours      {run(ours, door, turns, [], tracer=turns)}"]


if __name__ == "__main__":
    print("\n".join(lines()))
