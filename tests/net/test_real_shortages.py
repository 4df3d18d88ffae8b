"""Shortages as the system makes them: too few descriptors, and accept failing in the kernel."""

from __future__ import annotations

import ast
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.net.peers import DEADLINE

PROJECT = Path(__file__).parents[2]


class Guesthouse:
    """tests/net/guesthouse.py as it runs, under another program if one is named."""

    def __init__(self, *arguments: str, under: Sequence[str] = ()) -> None:
        self._process = subprocess.Popen(
            [*under, sys.executable, "-m", "tests.net.guesthouse", *arguments],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._watchdog = threading.Timer(DEADLINE, self._process.kill)
        self._watchdog.start()
        self._address = ast.literal_eval(self.line())
        self._clients: list[socket.socket] = []

    def line(self) -> str:
        """Wait for the next line of what it tells; empty at its end."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def client(self) -> socket.socket:
        self._clients.append(socket.create_connection(self._address, DEADLINE))
        return self._clients[-1]

    def end(self) -> list[str]:
        """End it, and return what it told until then."""
        rest, _ = self._process.communicate()
        assert self._process.returncode == 0
        return rest.splitlines()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watchdog.cancel()
        for client in self._clients:
            client.close()
        with self._process:
            if error is not None:
                self._process.kill()


def echo(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    return client.recv(100)


each_form = pytest.mark.parametrize("form", ["tasks", "callbacks"])


@each_form
def test_out_of_descriptors_it_serves_who_is_in_and_comes_back_by_itself(form: str) -> None:
    with Guesthouse(form, "3") as house:
        inside = [house.client() for _ in range(3)]
        assert [echo(client, b"in") for client in inside] == [b"in"] * 3

        outside = [house.client() for _ in range(4)]
        assert house.line() == "short of EMFILE"
        assert [echo(client, b"still in") for client in inside] == [b"still in"] * 3

        assert echo(inside[0], b"room") == b"room"
        assert [echo(client, b"in now") for client in outside] == [b"in now"] * 4
        assert house.line() == "works"
        assert house.end() == []


@each_form
@pytest.mark.needs("strace")
@pytest.mark.parametrize("name", ["ECONNABORTED", "EPERM"])
def test_clients_who_are_gone_again_are_passed_over_in_silence(form: str, name: str) -> None:
    with Guesthouse(form, under=failing_accept(name)) as house:
        assert echo(house.client(), b"hello") == b"hello"
        assert house.end() == []


@each_form
@pytest.mark.needs("strace")
@pytest.mark.parametrize("name", ["ENOBUFS"])
def test_a_shortage_of_the_system_is_told_once_and_passes(form: str, name: str) -> None:
    with Guesthouse(form, under=failing_accept(name)) as house:
        client = house.client()
        assert house.line() == f"short of {name}"
        assert house.line() == "works"
        assert echo(client, b"hello") == b"hello"
        assert house.end() == []


def failing_accept(name: str) -> list[str]:
    """A command under which the first three accepts of a program fail with that error."""
    inject = f"inject=accept4:error={name}:when=1..3"
    return ["strace", "-qq", "-o", "/dev/null", "-e", "trace=accept4", "-e", inject]
