"""Fairness: a client who always has more to say, and one who says a single word.

python3 -m docs.book.programs.left_out_fairness
"""

from __future__ import annotations

import socket

from reactor import Reactor, TaskGroup, current_task, run
from reactor.net import Connection

LINES = 1000


def the_bug() -> int:
    """Read a descriptor until nothing is left, "since it is ready"."""
    served: list[str] = []
    (loud, loud_end), (quiet, quiet_end) = socket.socketpair(), socket.socketpair()
    with loud, loud_end, quiet, quiet_end, Reactor() as reactor:
        loud_end.send(b"x" * LINES)
        quiet_end.send(b"y")

        def drain(name: str, sock: socket.socket) -> None:
            try:
                while sock.recv(1):
                    served.append(name)
            except BlockingIOError:
                pass

        for name, sock in (("loud", loud), ("quiet", quiet)):
            sock.setblocking(False)
            reactor.on_readable(sock, drain, name, sock)
        while "quiet" not in served:
            reactor.turn()
        for sock in (loud, quiet):
            reactor.forget(sock)
    return served.index("quiet")


async def ours() -> int:
    """Receive once, and wait again, which lets the others have their turn."""
    served: list[str] = []
    reactor = current_task().reactor
    (loud, loud_end), (quiet, quiet_end) = socket.socketpair(), socket.socketpair()

    async def serve(name: str, sock: socket.socket) -> None:
        with Connection(reactor, sock) as connection:
            while await connection.receive(1):
                served.append(name)

    with loud_end, quiet_end:
        loud_end.send(b"x" * LINES)
        quiet_end.send(b"y")
        async with TaskGroup() as group:
            group.spawn(serve, "loud", loud)
            group.spawn(serve, "quiet", quiet)
            loud_end.shutdown(socket.SHUT_WR)
            quiet_end.shutdown(socket.SHUT_WR)
    return served.index("quiet")


def lines() -> list[str]:
    return [
        "words of the loud one that are served before the quiet one's",
        "",
        f"the bug   {the_bug():>4}",
        f"ours      {run(ours):>4}",
    ]


if __name__ == "__main__":
    print("\n".join(lines()))
