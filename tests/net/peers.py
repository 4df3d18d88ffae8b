"""Peers: the other ends of connections, and what they do there.

Law of this file: a peer uses plain sockets and nothing of what is tested. Every wait of one ends
after DEADLINE, which is far more than anything here takes.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

T = TypeVar("T")

Pair = tuple[socket.socket, socket.socket]

DEADLINE: Final = 30.0
"""Seconds after which what should have happened has not."""

SMALL: Final = 4096
"""What small buffers are asked to hold, in bytes; the system makes a little more of it."""


def tcp_pair(*, receive_buffer: int | None = None) -> Pair:
    """Return both ends of a TCP connection over loopback: ours, and the peer's.

    receive_buffer is how much the peer's system takes in before the peer reads, in bytes.
    """
    with socket.create_server(("127.0.0.1", 0)) as door, socket.socket() as far:
        far.settimeout(DEADLINE)
        if receive_buffer is not None:
            far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        far.connect(door.getsockname())
        near, _ = door.accept()
        return near, socket.socket(fileno=far.detach())


def make_small(*socks: socket.socket) -> None:
    """Give sockets the smallest buffers that make sense."""
    for sock in socks:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)


def knock(door: socket.socket, count: int = 1) -> list[socket.socket]:
    """Connect to a listening socket as so many clients, each of which says its number."""
    clients = [socket.socket(door.family) for _ in range(count)]
    for number, client in enumerate(clients):
        client.settimeout(DEADLINE)
        client.connect(door.getsockname())
        client.send(str(number).encode())
    return clients


def close_all(socks: Iterable[socket.socket]) -> None:
    for sock in socks:
        sock.close()


def reset(sock: socket.socket) -> None:
    """Close a TCP socket with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def wait_until_readable(fd: int) -> None:
    """Block until something has arrived on fd: bytes, an end or a reset."""
    assert select.select([fd], [], [], DEADLINE)[0], f"nothing arrived on fd {fd}"


def read_to_end(sock: socket.socket) -> bytes:
    """Block until the other end has finished, and return all that came."""
    sock.settimeout(DEADLINE)
    data = bytearray()
    while chunk := sock.recv(65_536):
        data += chunk
    return bytes(data)


def is_over(sock: socket.socket) -> bool:
    """Block until something comes, and tell whether it was the end, in good order or not."""
    try:
        return not sock.recv(1)
    except ConnectionResetError:
        return True


def fill(sock: socket.socket) -> int:
    """Send until the system takes no more, and return how many bytes that were."""
    sock.setblocking(False)
    sent = 0
    try:
        while True:
            sent += sock.send(bytes(SMALL))
    except BlockingIOError:
        return sent


class InThread(Generic[T]):
    """A peer that blocks, so it needs a thread of its own: `with InThread(fn, sock) as peer:`.

    Leaving waits for its end; result() is what it returned, or raises what it failed with.
    """

    def __init__(self, fn: Callable[[socket.socket], T], sock: socket.socket) -> None:
        self._fn = fn
        self._sock = sock
        self._results: list[T] = []
        self._errors: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            with self._sock:
                self._results.append(self._fn(self._sock))
        except BaseException as error:
            self._errors.append(error)

    def result(self) -> T:
        self._thread.join(DEADLINE)
        if self._errors:
            raise self._errors[0]
        return self._results[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.join(DEADLINE)
