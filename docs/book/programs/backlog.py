"""The backlog: how many clients connect to a server that never accepts.

python3 -m docs.book.programs.backlog
"""

from __future__ import annotations

import socket
from contextlib import ExitStack
from select import select


def connected(backlog: int, clients: int) -> int:
    """Return how many of so many clients are connected to a server that accepts nobody."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(backlog)
        waiting = []
        for _ in range(clients):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.append(client)
        return len(select([], waiting, [], 0.1)[1])  # who is connected has room to send


if __name__ == "__main__":
    for backlog in (1, 4, 16):
        print(f"listen({backlog}): {connected(backlog, 30)} of 30 are connected")
