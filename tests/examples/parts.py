"""What the tests of the examples are made of: an example, and a foreign client, as processes.

Law of this file: nobody sleeps to wait. Every wait is for an event (a line, a byte, an end), and
has failed after DEADLINE; whatever was started is ended.
"""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from tests.net.peers import DEADLINE
from tests.project.environments import PROJECT

EXAMPLES: Final = PROJECT / "docs/examples"

READY: Final = re.compile(r"listening on (\S+) port (\d+)")


class Program:
    """A program on its way, to be told things and heard line by line."""

    def __init__(self, *command: str | Path, stderr: int = subprocess.STDOUT) -> None:
        environ = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**environ, "LC_ALL": "C", "PYTHONWARNINGS": "error"},
        )
        self.heard: list[str] = []

    @property
    def pid(self) -> int:
        return self._child.pid

    def tell(self, what: bytes) -> None:
        """Write to its standard input."""
        assert self._child.stdin is not None
        self._child.stdin.write(what)
        self._child.stdin.flush()

    def tell_end(self) -> None:
        """Close its standard input."""
        assert self._child.stdin is not None
        self._child.stdin.close()

    def hear(self, pattern: str) -> re.Match[str]:
        """Read lines until pattern is found in one; return what was found."""
        for line in self._lines():
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"no {pattern!r} in {self.heard}")

    def send(self, signum: int) -> None:
        self._child.send_signal(signum)

    def end(self) -> int:
        """Wait for its end, read what it has said meanwhile, and return its exit status."""
        for _ in self._lines():
            pass
        return self._child.wait(DEADLINE)

    def _lines(self) -> Iterator[str]:
        """Yield the lines that come; after DEADLINE it is killed, and they end."""
        assert self._child.stdout is not None
        late = threading.Timer(DEADLINE, self._child.kill)
        late.start()
        try:
            for line in self._child.stdout:
                self.heard.append(line.decode())
                yield self.heard[-1]
        finally:
            late.cancel()
            late.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            assert pipe is not None
            pipe.close()
        self._child.wait()


class Example(Program):
    """A program of docs/examples at a free port, ready to be talked to."""

    def __init__(self, name: str, *arguments: str | Path, port: int = 0) -> None:
        command = (sys.executable, EXAMPLES / f"{name}.py", "--port", str(port))
        super().__init__(*command, *arguments)
        try:
            ready = self.hear(READY.pattern)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.address = (ready[1], int(ready[2]))

    @property
    def port(self) -> int:
        return self.address[1]

    def connect(self) -> socket.socket:
        """Return a client's socket."""
        return socket.create_connection(self.address, DEADLINE)

    def stop(self, signum: int = signal.SIGTERM) -> int:
        """Ask it to end; return its exit status."""
        self.send(signum)
        return self.end()


def run(*command: str | Path, told: bytes = b"") -> tuple[int, str]:
    """Run a foreign program to its end; return its exit status and what it said."""
    with Program(*command) as program:
        program.tell(told)
        program.tell_end()
        status = program.end()
        return status, "".join(program.heard)


def read_line(sock: socket.socket) -> bytes:
    """Receive a line and no byte more."""
    line = b""
    while not line.endswith(b"\n") and (byte := sock.recv(1)):
        line += byte
    return line


def read_exactly(sock: socket.socket, count: int) -> bytes:
    """Receive so many bytes, or fewer if the peer finishes before."""
    data = b""
    while len(data) < count and (more := sock.recv(count - len(data))):
        data += more
    return data


def is_silent(sock: socket.socket) -> bool:
    """Tell whether nothing has come."""
    return not select.select([sock], [], [], 0)[0]


def wait_until_refused(address: tuple[str, int]) -> None:
    """Wait until nobody listens at address any more."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        try:
            socket.create_connection(address, DEADLINE).close()
        except ConnectionError:
            return
        time.sleep(0.01)
    raise AssertionError(f"there is still somebody at {address}")


def deaf(address: tuple[str, int]) -> socket.socket:
    """Return a client's socket whose system takes in but little before it is read."""
    sock = socket.socket()
    sock.settimeout(DEADLINE)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        sock.setsockopt(socket.SOL_SOCKET, option, 65_536)
    sock.connect(address)
    return sock


def send_until_full(sock: socket.socket, data: bytes, seconds: float = 0.2) -> bytes:
    """Send until there was no room for so long, since nobody reads; return what went out."""
    sent = 0
    while select.select([], [sock], [], seconds)[1]:
        sent += sock.send(data[sent : sent + 65_536])
        assert sent < len(data), "there was room for all"
    return data[:sent]
