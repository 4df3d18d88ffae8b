"""Clients that try a server's patience.

Law of this file: every wait ends, at DEADLINE if not before.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from types import TracebackType
from typing import Any, Protocol, Self

from tests.servers.harness import DEADLINE, Server
from tests.servers.wire import unread

MOST = 1 << 26
"""More bytes than a server may take from a peer that reads no replies."""


def narrow(sock: socket.socket) -> None:
    """Let only little be on its way, to sock and from it.

    A small receive buffer would drop what its window had room for, and then the pauses of the
    kernel, which tries again ever more rarely, would say how long a stall takes.
    """
    linux: Any = socket
    sock.setsockopt(socket.IPPROTO_TCP, linux.TCP_WINDOW_CLAMP, 1152)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


class Place(Protocol):
    """Where a server is."""

    host: str
    port: int


class Client:
    """A client whose every wait ends at DEADLINE; a with block closes it."""

    def __init__(self, server: Place, *, is_narrow: bool = False) -> None:
        family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
        self.sock = socket.socket(family)
        if is_narrow:  # before connecting: the window is agreed on there
            narrow(self.sock)
        self.sock.settimeout(DEADLINE)
        self.sock.connect((server.host, server.port))
        port = self.sock.getsockname()[1]
        self.name = f"[{server.host}]:{port}" if ":" in server.host else f"{server.host}:{port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def receive(self, size: int) -> bytes:
        """Return size bytes, or fewer if the server closes before."""
        parts = []
        while size and (part := self.sock.recv(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def receive_all(self) -> bytes:
        """Return what comes until the server closes."""
        return b"".join(iter(lambda: self.sock.recv(65536), b""))

    def ask(self, message: bytes = b"hello") -> None:
        """Send a message that is received in one piece, and see that it gets its reply."""
        self.send(message)
        assert self.receive(3) == b"OK\n"

    def is_answered(self) -> bool:
        """Ask, and say whether there is a reply; if not, the server has closed."""
        with contextlib.suppress(ConnectionError):
            self.send(b"hello")
            return self.receive(3) == b"OK\n"
        return False

    def is_told_nothing(self, seconds: float) -> bool:
        """Say whether the server neither sends anything nor closes for so many seconds."""
        return not select.select([self.sock], [], [], seconds)[0]

    def finish(self) -> None:
        """Half-close: nothing more will be sent, replies are still welcome."""
        self.sock.shutdown(socket.SHUT_WR)

    def see_end(self) -> None:
        """See that the server closes without another word."""
        assert self.sock.recv(1) == b""

    def see_closed(self) -> None:
        """See that the server closes, be it with a reset."""
        with contextlib.suppress(ConnectionResetError):
            self.see_end()

    def reset(self) -> None:
        """Close so that the server gets a reset and no farewell."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def stall(self, server: Server) -> None:
        """Send and never read, until the server for its part leaves unread what is there.

        Fails if it takes as much as MOST.
        """
        self.sock.setblocking(False)
        with Client(server) as witness:
            pushed = attempt = 0
            until = time.monotonic() + 2 * DEADLINE  # the kernels may try rarely
            while True:
                attempt += 1
                assert time.monotonic() < until, f"all is received, of {pushed} bytes without end"
                while select.select([], [self.sock], [], 0.01)[1] and pushed < MOST:
                    with contextlib.suppress(BlockingIOError):
                        pushed += self.sock.send(bytes(4096))
                if self._is_left_unread(server, witness, f"attempt {attempt};"):
                    break
        assert pushed < MOST, "the server goes on receiving from a peer that does not read"
        self.sock.settimeout(DEADLINE)

    def _is_left_unread(self, server: Server, witness: Client, mark: str) -> bool:
        if not unread(server.port, self.sock.getsockname()[1]):
            return False  # all was received, and it is only the network that takes its time
        before = server.receives(self.name)
        for number in range(3):
            witness.ask(f"{mark} {number};".encode())  # each is a turn of a server of one thread
        server.wait_for(f"{mark} 2;")
        if server.receives(self.name) != before:
            return False
        # Another thread or process has had its time, and the kernel has tried again.
        witness.is_told_nothing(0.5)
        if server.receives(self.name) != before:
            return False
        # What was unread at first may have been received before the witness asked.
        return bool(unread(server.port, self.sock.getsockname()[1]))
