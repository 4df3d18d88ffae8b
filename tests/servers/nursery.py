"""A nursery: servers are forked from a process that has read all their modules already.

Law of this file: a server differs from one that the shell starts only in how its modules came
into memory. It begins where `python -m` would, at the top of its program, with three descriptors
and a session of its own, and it ends as a Python ends. To start one so takes a tenth of the time.

    python -m tests.servers.nursery SOCKET    the number of an inherited descriptor
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from servers.catalog import MODELS

PROJECT: Final = Path(__file__).parents[2]

SIZE: Final = 65_536
"""More bytes than a command has."""


class Nursling:
    """A server forked by a nursery: as much of subprocess.Popen as is asked for here."""

    def __init__(self, fate: int) -> None:
        self._fate = fate
        self.returncode: int | None = None
        self.pid = int(self._told())

    def poll(self) -> int | None:
        """Return the exit status, or None as long as it runs."""
        if self.returncode is None and select.select([self._fate], [], [], 0)[0]:
            self._end()
        return self.returncode

    def wait(self, seconds: float) -> int:
        """Wait until it has ended. Raises subprocess.TimeoutExpired if it takes longer."""
        if self.returncode is None:
            if not select.select([self._fate], [], [], seconds)[0]:
                raise subprocess.TimeoutExpired(f"the server with the pid {self.pid}", seconds)
            self._end()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, signum: int) -> None:
        """Send signum, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def _end(self) -> None:
        self.returncode = int(self._told())
        os.close(self._fate)

    def _told(self) -> bytes:
        told = b""
        while not told.endswith(b"\n"):
            part = os.read(self._fate, 16)
            assert part, "the nursery has died"
            told += part
        return told


class Nursery:
    """A process that forks servers; close it."""

    def __init__(self) -> None:
        self._sock, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.servers.nursery", str(other.fileno())],
                cwd=PROJECT,
                pass_fds=[other.fileno()],
                start_new_session=True,  # a Ctrl-C is for the tests
                stdin=subprocess.DEVNULL,
            )

    def start(self, command: Sequence[str], errors: int) -> Nursling:
        """Start a command, `python -m MODULE WORD...`, which has errors as its standard error."""
        assert command[:2] == [sys.executable, "-m"]
        fate, own_fate = os.pipe()
        try:
            request = json.dumps(command[2:]).encode()
            socket.send_fds(self._sock, [request], [errors, own_fate])
        finally:
            os.close(own_fate)
        return Nursling(fate)

    def close(self) -> None:
        """End the process, when all its servers have ended."""
        self._sock.close()
        self._process.wait()


def serve(sock: socket.socket) -> tuple[str, list[str]] | None:
    """Fork a server for each request; return in the server what it is to run, at the end None."""
    while True:
        request, fds, *_ = socket.recv_fds(sock, SIZE, 2)
        _reap(0 if not request else os.WNOHANG)
        if not request:
            return None
        errors, fate = fds
        if os.fork() == 0:
            sock.close()
            if (pid := os.fork()) == 0:
                os.close(fate)
                os.setsid()  # whoever it leaves behind can be found by its group
                os.dup2(errors, 2)
                os.close(errors)
                module, *words = json.loads(request)
                return module, words
            os.close(errors)
            _keep(pid, fate)
        os.close(errors)
        os.close(fate)


def _reap(how: int) -> None:
    """Wait for keepers, so that the time of their servers counts as ours."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, how)[0]:
            pass


def _keep(pid: int, fate: int) -> None:
    """Tell who a server is and, when it has ended and is no more, how."""
    os.write(fate, b"%d\n" % pid)
    _, status = os.waitpid(pid, 0)
    os.write(fate, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def main() -> None:
    """Read what servers read, serve, and be the server in a fork."""
    for module in ("servers.command", *(m.module(on) for m in MODELS for on in m.foundations())):
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # what servers collect is their own
    with socket.socket(fileno=int(sys.argv[1])) as sock:
        server = serve(sock)
    if server is not None:
        module, words = server
        sys.argv[1:] = words
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
