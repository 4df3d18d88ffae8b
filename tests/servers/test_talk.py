"""The client for trying servers by hand."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from signal import SIGINT, SIGTERM

import pytest

from servers.catalog import find_model
from tests.servers.harness import DEADLINE, PROJECT, Room, Server


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(Room(find_model("9"), "reactor").command())
    try:
        yield server
        server.stop()
    finally:
        server.kill()


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """A listening socket, for servers that do as a test wants."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(DEADLINE)
        yield listening


def talk(port: int, **settings: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "servers", "talk", "--port", str(port)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=PROJECT, **{**pipes, **settings})  # type: ignore[call-overload,no-any-return]  # settings are Popen's


def accepted(door: socket.socket) -> socket.socket:
    sock, _ = door.accept()
    sock.settimeout(DEADLINE)
    return sock


def test_lines_go_out_and_replies_are_shown(server: Server) -> None:
    with talk(server.port) as talking:
        assert talking.stdin is not None
        assert talking.stdout is not None
        for _ in range(3):
            talking.stdin.write(b"hello\n")
            talking.stdin.flush()
            assert talking.stdout.read(3) == b"OK\n"
        talking.stdin.close()
        assert talking.wait(DEADLINE) == 0
    server.wait_for(r"Recv:b'hello\\n'$", count=3)


def test_a_file_is_sent_to_its_last_byte(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(bytes(200_000))
    with path.open("rb") as file, talk(server.port, stdin=file) as talking:
        told, _ = talking.communicate(timeout=DEADLINE)
        assert talking.returncode == 0
    server.wait_for("Recv:EOF")
    assert told == b"OK\n" * len(server.log("Recv:b"))


def test_what_the_server_says_is_shown_while_nobody_types(door: socket.socket) -> None:
    with talk(door.getsockname()[1]) as talking, accepted(door) as sock:
        assert talking.stdout is not None
        sock.sendall(b"unasked")
        assert talking.stdout.read(7) == b"unasked"
        sock.shutdown(socket.SHUT_WR)
        assert talking.wait(DEADLINE) == 0
        assert talking.stderr is not None
        assert talking.stderr.read().endswith(b" has closed\n")


def test_a_server_that_does_not_read_is_heard_nevertheless(door: socket.socket) -> None:
    with talk(door.getsockname()[1]) as talking, accepted(door) as sock:
        assert talking.stdin is not None
        assert talking.stdout is not None
        os.set_blocking(talking.stdin.fileno(), False)
        pushed = 0
        while (sent := _push(talking.stdin.fileno())) or pushed < 1_000_000:
            pushed += sent
        sock.sendall(b"still here")
        assert talking.stdout.read(10) == b"still here"
        talking.kill()


def test_a_server_that_ends_with_input_left_is_an_error(door: socket.socket) -> None:
    with talk(door.getsockname()[1]) as talking, accepted(door) as sock:
        assert talking.stdin is not None
        os.set_blocking(talking.stdin.fileno(), False)
        while _push(talking.stdin.fileno()) or not sock.recv(1, socket.MSG_PEEK):
            pass
        sock.close()  # with input unread, which is a reset
        assert talking.wait(DEADLINE) == 1
        assert talking.stderr is not None
        told = talking.stderr.read().decode()
        assert told.startswith("python3 -m servers: 127.0.0.1:")
        assert told.count("\n") == 1


def test_without_a_server_one_line_says_what_to_do(door: socket.socket) -> None:
    port = door.getsockname()[1]
    door.close()
    with talk(port) as talking:
        _, told = talking.communicate(timeout=DEADLINE)
        assert talking.returncode == 1
    assert told.decode() == (
        f"python3 -m servers: cannot connect to 127.0.0.1:{port}: connection refused; "
        "is a server running there? python3 -m servers run epoll starts one\n"
    )


@pytest.mark.parametrize(("signum", "code"), [(SIGINT, 130), (SIGTERM, 143)])
def test_a_signal_ends_it_without_a_word(door: socket.socket, signum: int, code: int) -> None:
    with talk(door.getsockname()[1]) as talking, accepted(door) as sock:
        assert talking.stdout is not None
        sock.sendall(b"x")
        talking.stdout.read(1)
        talking.send_signal(signum)
        _, told = talking.communicate(timeout=DEADLINE)
        assert talking.returncode == code
    assert told == b""


def test_who_reads_no_more_of_it_ends_it_quietly(door: socket.socket) -> None:
    with talk(door.getsockname()[1]) as talking, accepted(door) as sock:
        assert talking.stdout is not None
        talking.stdout.close()
        sock.sendall(b"nobody sees this")
        assert talking.wait(DEADLINE) == 0
        assert talking.stderr is not None
        assert talking.stderr.read() == b""


def test_on_a_terminal_it_says_how_to_end(server: Server) -> None:
    keyboard, terminal = os.openpty()
    with talk(server.port, stdin=terminal) as talking:
        assert talking.stderr is not None
        assert talking.stderr.readline().endswith(b"Ctrl-D ends the conversation\n")
        os.write(keyboard, b"hello\n\4")
        assert talking.wait(DEADLINE) == 0
        assert talking.stdout is not None
        assert talking.stdout.read() == b"OK\n"
    os.close(keyboard)
    os.close(terminal)


def _push(pipe: int) -> int:
    try:
        return os.write(pipe, bytes(4096))
    except BlockingIOError:
        return 0
