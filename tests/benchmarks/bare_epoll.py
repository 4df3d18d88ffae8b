"""The conversation on a bare epoll loop: the least that Python can do, as a yardstick.

Nothing that a server owes is here: no limits, no partial sends, no errors, no stop in good order.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from typing import Final

EPOLLIN: Final = 0x001


def serve(listener: socket.socket) -> None:
    """Serve for ever: one turn waits, then accepts or answers each that is ready."""
    epoll = getattr(select, "epoll")()  # noqa: B009 - not on every system
    accepting = listener.fileno()
    epoll.register(accepting, EPOLLIN)
    while True:
        for fd, _ in epoll.poll(None, 256):
            if fd == accepting:
                number = listener.accept()[0].detach()
                os.set_blocking(number, False)
                epoll.register(number, EPOLLIN)
            elif os.read(fd, 512):
                os.write(fd, b"OK\n")
            else:
                epoll.unregister(fd)
                os.close(fd)


def main() -> None:
    """Listen on the port that is the one argument, and serve until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128) as listener:
        serve(listener)


if __name__ == "__main__":
    main()
