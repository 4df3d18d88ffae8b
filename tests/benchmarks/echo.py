"""One server in one process: what comes is sent back, or answered.

    MODE=echo python -m tests.benchmarks.echo KIND PORT

MODE=echo, the default, sends back what came; MODE=ok answers OK, a line, to each piece that came.
Port 0 takes a free one; the port is printed when clients may come. It serves until it is
terminated. All kinds are on equal terms: the listening socket is made here, with a long backlog
and TCP_NODELAY, which accepted sockets inherit.
"""

from __future__ import annotations

import importlib
import os
import socket
import sys
from collections.abc import Callable
from typing import Final

from tests.benchmarks.kinds import BACKLOG, KINDS, missing

REPLIES: Final = {"echo": b"", "ok": b"OK\n"}
"""What is replied in each mode; nothing stands for what came."""


def listening(port: int, language: str = "bytes") -> socket.socket:
    """Return a socket that listens on port of the loopback interface, or takes datagrams there."""
    if language == "datagram":
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", port))
        return sock
    listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def main() -> None:
    """Serve, as the arguments say. Exits with a message if that cannot be done here."""
    if len(sys.argv) != 3 or sys.argv[1] not in KINDS:
        sys.exit(f"give a kind and a port; the kinds are {', '.join(KINDS)}")
    kind, port = sys.argv[1], int(sys.argv[2])
    if (why := missing(kind)) is not None:
        sys.exit(f"{kind} cannot serve: {why}")
    mode = os.environ.get("MODE", "echo")
    if mode not in REPLIES:
        sys.exit(f"there is no MODE={mode}; take one of {', '.join(REPLIES)}")
    module = importlib.import_module(f"tests.benchmarks.{KINDS[kind].module}")
    serve: Callable[[socket.socket, bytes, str], None] = module.serve
    listener = listening(port, KINDS[kind].language)
    print(listener.getsockname()[1], flush=True)
    serve(listener, REPLIES[mode], KINDS[kind].variant)


if __name__ == "__main__":
    main()
