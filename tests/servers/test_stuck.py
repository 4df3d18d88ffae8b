"""A server that hangs in a system call of its own, as one does whose log nobody reads."""

from __future__ import annotations

import os
import re
import select
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from signal import SIGINT, SIGTERM

import pytest

from tests.servers.harness import DEADLINE, PORT, PROJECT, Room


@contextmanager
def running(room: Room, log: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(room.command(), cwd=PROJECT, stdin=subprocess.DEVNULL, stderr=log)
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_until_ready(log: int) -> int:
    """Read the log until the server is ready, and return its port."""
    text = ""
    while "Ready For Accept" not in text:
        text += os.read(log, 4096).decode()
    found = re.search(PORT, text)
    assert found
    return int(found[1])


def fill(pipe: int) -> None:
    """Write until the pipe has no room for one more write that must not be torn."""
    while select.select([], [pipe], [], 0)[1]:
        os.write(pipe, bytes(select.PIPE_BUF))


@pytest.mark.parametrize("signum", [SIGINT, SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_signals_end_a_server_that_is_stuck_in_its_log(room: Room, signum: int) -> None:
    log, log_of_server = os.pipe()
    with running(room, log_of_server) as process:
        port = wait_until_ready(log)
        fill(log_of_server)  # before there is anything to tell: two writers could block each other
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(bytes(512 * 10))  # more to be told of than the pipe has room for
            for _ in range(int(DEADLINE / 0.1)):  # what comes while another is pending is lost
                process.send_signal(signum)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.1)
                    break
        assert process.returncode == 128 + signum
    os.close(log)
    os.close(log_of_server)
