"""Unix datagram sockets with little room, and what is done with them at the other end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from tests.net.peers import Pair

BIG: Final = bytes(1000)
"""What stuff sends, and take_all leaves out."""


@contextmanager
def datagram_pair() -> Iterator[Pair]:
    """Make ours and the peer's, with little room. Neither blocks."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with near, far:
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        near.setblocking(False)
        far.setblocking(False)
        yield near, far


def stuff(sock: socket.socket) -> None:
    """Send until there is no room."""
    with suppress(BlockingIOError):
        while True:
            sock.send(BIG)


def take_all(sock: socket.socket) -> list[bytes]:
    """Receive all that is there, and return what is no stuffing."""
    taken = []
    with suppress(BlockingIOError):
        while True:
            taken.append(sock.recv(2000))
    return [data for data in taken if data != BIG]
