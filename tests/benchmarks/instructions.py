"""Instructions per request, by valgrind: a figure that a noisy machine cannot blur.

Each server is run twice under `valgrind --tool=callgrind`, with few requests and with many; the
difference is what the requests cost, without the start. The ratio to a bare epoll loop, in the
same run, is what carries over to other machines.

python -m tests.benchmarks.instructions
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Final

CONNECTIONS: Final = 10
FEW: Final = 20
MANY: Final = 120
"""Rounds: in each, every connection sends a byte and waits for its reply."""

_SERVERS: Final = ("-m", "servers", "run", "--quiet")
BARE: Final = "bare epoll loop"
PROGRAMS: Final = {
    BARE: ("-m", "tests.benchmarks.bare_epoll"),
    "3 epoll, callbacks": (*_SERVERS, "3", "--port"),
    "9 coroutines, generators": (*_SERVERS, "9", "--port"),
    "3 epoll, on asyncio": (*_SERVERS, "3", "--on", "asyncio", "--port"),
    "9 coroutines, on asyncio": (*_SERVERS, "9", "--on", "asyncio", "--port"),
}
"""What is measured, by name: arguments for the interpreter, to which a port is added."""


def instructions(arguments: Sequence[str], rounds: int) -> int:
    """Run a server, drive it for so many rounds, stop it, and return its instructions."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        server = subprocess.Popen(
            [
                *("valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out"),
                *(sys.executable, *arguments, str(port)),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            drive([connected(port) for _ in range(CONNECTIONS)], rounds)
        finally:
            server.send_signal(signal.SIGTERM)
            told = server.communicate()[1]
    found = re.search(r"Collected : (\d+)", told)
    if found is None:
        raise RuntimeError(f"valgrind told no figure: {told}")
    return int(found[1])


def connected(port: int) -> socket.socket:
    """Return a connection to port, as soon as somebody listens there."""
    for _ in range(600):
        try:
            return socket.create_connection(("127.0.0.1", port), 60)
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise RuntimeError(f"nobody listens on port {port}")


def drive(clients: Sequence[socket.socket], rounds: int) -> None:
    """Have a conversation of so many rounds with each client, checked; then close them."""
    for _ in range(rounds):
        for client in clients:
            client.sendall(b"x")
        for client in clients:
            if (reply := client.recv(16)) != b"OK\n":
                raise RuntimeError(f"a reply of {reply!r}")
    for client in clients:
        client.close()


def main() -> None:
    """Print a table: instructions per request, and the ratio to the bare loop."""
    bare = 0.0
    for name, arguments in PROGRAMS.items():
        few, many = (instructions(arguments, rounds) for rounds in (FEW, MANY))
        each = (many - few) / ((MANY - FEW) * CONNECTIONS)
        bare = bare or each
        print(f"{name:<26} {each:10,.0f} instructions a request  {each / bare:5.2f} x", flush=True)


if __name__ == "__main__":
    main()
