"""What readiness is: a socket in each of its states, and what poll says of it.

python3 -m docs.book.programs.readiness
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from contextlib import ExitStack

Pair = tuple[socket.socket, socket.socket]


def nothing(ours: socket.socket, theirs: socket.socket) -> None:
    """Leave it as it is."""


def data_came(ours: socket.socket, theirs: socket.socket) -> None:
    theirs.send(b"hello")
    select.select([ours], [], [])  # it may take a moment, also on loopback


def no_room(ours: socket.socket, theirs: socket.socket) -> None:
    while select.select([], [ours], [], 0.05)[1]:
        try:
            ours.send(bytes(65_536))
        except BlockingIOError:
            pass  # room, but not for so much at once


def finished(ours: socket.socket, theirs: socket.socket) -> None:
    theirs.shutdown(socket.SHUT_WR)
    select.select([ours], [], [])


def reset(ours: socket.socket, theirs: socket.socket) -> None:
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    select.select([ours], [], [])


def readiness(sock: socket.socket) -> tuple[bool, bool]:
    """Return whether sock is readable, and whether it is writable; errors count as both."""
    poll = select.poll()
    poll.register(sock, select.POLLIN | select.POLLOUT)
    mask = dict(poll.poll(0)).get(sock.fileno(), 0)
    either = select.POLLERR | select.POLLHUP
    return bool(mask & (select.POLLIN | either)), bool(mask & (select.POLLOUT | either))


def outcome(call: Callable[[], object]) -> str:
    try:
        return repr(call())
    except OSError as error:
        return type(error).__name__


def pair(stack: ExitStack) -> Pair:
    """Return the two ends of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = stack.enter_context(socket.create_connection(listener.getsockname()))
        ours = stack.enter_context(listener.accept()[0])
    ours.setblocking(False)
    return ours, theirs


STATES = {
    "new, nothing has come": nothing,
    "five bytes have come": data_came,
    "its buffer is full": no_room,
    "the peer has finished": finished,
    "the peer has reset": reset,
}


def table() -> list[str]:
    lines = ["the socket               readable  writable  recv(5) says"]
    for name, change in STATES.items():
        with ExitStack() as stack:
            ours, theirs = pair(stack)
            change(ours, theirs)
            readable, writable = ("yes" if is_so else "no" for is_so in readiness(ours))
            said = outcome(lambda sock=ours: sock.recv(5))  # type: ignore[misc]
            lines.append(f"{name:<25}{readable:<10}{writable:<10}{said}")
    return lines


if __name__ == "__main__":
    print("\n".join(table()))
