"""A server in trouble of its own: its log is full, or a callback never comes back."""

from __future__ import annotations

import os
import re
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from signal import SIGTERM

import pytest

from servers.options import WORKERS
from tests.servers.clients import Client
from tests.servers.harness import DEADLINE, PORT, PROJECT, SIGNALS, Room, Start


@contextmanager
def running(room: Room, log: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(room.command(), cwd=PROJECT, stdin=subprocess.DEVNULL, stderr=log)
    with process:
        try:
            yield process
        finally:
            process.kill()


@dataclass
class There:
    """Where a server is whose log nobody reads."""

    port: int
    host: str = "127.0.0.1"


def wait_until_ready(room: Room, log: int) -> There:
    """Read the log until the server has nothing more to tell, and return where it is."""
    text = ""
    workers = WORKERS if room.works_ahead else 0
    while (
        "Ready For Accept" not in text
        or text.count("Start") < workers
        or text.count("Get Lock") < (workers > 0)
    ):
        text += os.read(log, 4096).decode()
    found = re.search(PORT, text)
    assert found
    return There(int(found[1]))


def fill(pipe: int) -> None:
    """Write until the pipe has no room for one more write that must not be torn."""
    while select.select([], [pipe], [], 0)[1]:
        os.write(pipe, bytes(select.PIPE_BUF))


@pytest.mark.once
@pytest.mark.rooms("talks_on")
def test_a_log_that_nobody_reads_holds_up_neither_clients_nor_the_stop(room: Room) -> None:
    log, log_of_server = os.pipe()
    with running(room, log_of_server) as process:
        server = wait_until_ready(room, log)
        fill(log_of_server)  # before there is anything to tell: two writers could block each other
        with Client(server) as client:
            for _ in range(100):
                client.ask()
            process.send_signal(SIGTERM)
            client.see_end()
        assert process.wait(DEADLINE) == 0
    os.close(log_of_server)
    told = b""
    while data := os.read(log, 1 << 20):
        told += data
    assert set(told) == {0}
    os.close(log)


@pytest.mark.once
@pytest.mark.rooms("talks_on")
def test_a_log_that_is_read_again_says_how_many_lines_it_has_missed(room: Room) -> None:
    log, log_of_server = os.pipe()
    with running(room, log_of_server) as process:
        server = wait_until_ready(room, log)
        fill(log_of_server)
        with Client(server) as client:
            client.ask()
            assert set(os.read(log, 1 << 20)) == {0}
            client.ask()
        process.send_signal(SIGTERM)
        assert process.wait(DEADLINE) == 0
    os.close(log_of_server)
    with open(log, "rb") as rest:
        lines = rest.read().decode().splitlines()
    told = [line for line in lines if re.fullmatch(r"Lines Lost:\d+", line)]
    assert told
    assert lines[0] == told[0] or not room.multiplexes  # others lose lines on their own
    assert lines[-1] == "Server Stopped"


@pytest.mark.once
@pytest.mark.rooms("threads")
def test_a_thread_that_hangs_at_a_stop_is_left_behind(room: Room, start: Start) -> None:
    server = start(command=room.own_listener(stuck=1))
    with Client(server) as client:
        client.send(b"x")
        server.wait_for("Recv:b")
        server.stop()


@SIGNALS
def test_three_signals_end_a_server_that_never_comes_back_from_a_callback(
    room: Room, start: Start, signum: int
) -> None:
    server = start(command=room.own_listener(stuck=1))
    with Client(server) as client:
        client.send(b"x")
        server.wait_for("Recv:b")
        server.insist(signum)
        server.wait_end(128 + signum)
