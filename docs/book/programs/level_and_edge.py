"""Level and edge: ten bytes come, a reader takes three at a time. How often is it told? Linux only.

python3 -m docs.book.programs.level_and_edge
"""

from __future__ import annotations

import select
import socket
import sys

assert sys.platform == "linux", "only where there is an epoll"


def lines(flags: int) -> list[str]:
    """Return what each wait said, while a reader takes three bytes when it is told."""
    told: list[str] = []
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs, select.epoll() as epoll:
        epoll.register(ours, select.EPOLLIN | flags)
        theirs.send(b"0123456789")
        while epoll.poll(0):
            told.append(f"told, takes {ours.recv(3)!r}")
        told.append("not told")
        theirs.send(b"!")
        told.append("one more byte comes: " + ("told" if epoll.poll(0) else "not told"))
        left = b""
        while select.select([ours], [], [], 0)[0]:
            left += ours.recv(3)
        told.append(f"left in the kernel: {left!r}")
    return told


if __name__ == "__main__":
    print("level")
    print("\n".join(f"    {line}" for line in lines(0)))
    print("edge")
    print("\n".join(f"    {line}" for line in lines(select.EPOLLET)))
