"""The conversation on a bare epoll loop: the least that Python can do, as a yardstick.

Nothing that a server owes is here: no limits, no errors, no stop in good order, and whoever does
not read holds up everybody.
"""

from __future__ import annotations

import os
import select
import socket
from typing import Final

EPOLLIN: Final = 0x001
CHUNK: Final = 65_536


def serve(listener: socket.socket, reply: bytes, _: str) -> None:
    """Serve for ever: one turn waits, then accepts or answers each that is ready.

    An empty reply stands for what came.
    """
    epoll = getattr(select, "epoll")()  # noqa: B009 - not on every system
    accepting = listener.fileno()
    epoll.register(accepting, EPOLLIN)
    while True:
        for fd, _ in epoll.poll(None, 256):
            if fd == accepting:
                number = listener.accept()[0].detach()
                os.set_blocking(number, False)
                epoll.register(number, EPOLLIN)
            elif data := os.read(fd, CHUNK):
                answer = reply or data
                sent = os.write(fd, answer)
                if sent != len(answer):
                    _send_rest(fd, answer[sent:])
            else:
                epoll.unregister(fd)
                os.close(fd)


def _send_rest(fd: int, rest: bytes) -> None:
    os.set_blocking(fd, True)
    while rest:
        rest = rest[os.write(fd, rest) :]
    os.set_blocking(fd, False)
