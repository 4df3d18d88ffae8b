"""SO_REUSEPORT: two sockets listen on one port, and one closes with clients waiting. Linux only.

python3 -m docs.book.programs.shared_port
"""

from __future__ import annotations

import socket
from contextlib import ExitStack

CLIENTS = 40


def take_all(listener: socket.socket) -> list[socket.socket]:
    """Accept whoever waits at listener."""
    listener.setblocking(False)
    accepted = []
    try:
        while True:
            accepted.append(listener.accept()[0])
    except BlockingIOError:
        return accepted


def is_reset(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        client.recv(1)
    except ConnectionResetError:
        return True
    except BlockingIOError:
        return False
    return False


def lines() -> list[str]:
    with ExitStack() as stack:
        first = stack.enter_context(socket.create_server(("127.0.0.1", 0), reuse_port=True))
        address = first.getsockname()
        second = stack.enter_context(socket.create_server(address, reuse_port=True))
        clients = [stack.enter_context(socket.create_connection(address)) for _ in range(CLIENTS)]
        mine = [stack.enter_context(sock) for sock in take_all(first)]
        taken_over = bool(take_all(first))
        second.close()  # which has accepted none of its own
        lost = sum(is_reset(client) for client in clients)
        theirs = CLIENTS - len(mine)
        return [
            f"both had clients: {0 < theirs < CLIENTS}",
            f"the idle first can accept who waits at the second: {taken_over}",
            f"clients of the second that were lost: {'all' if lost == theirs else lost}",
            f"clients of the first that were lost: {lost - theirs or 'none'}",
        ]


if __name__ == "__main__":
    print("\n".join(lines()))
