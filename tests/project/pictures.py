"""Pictures: the nine servers, recorded under a small load and drawn, for the book.

Law of this file: a picture is made from a server that has run, by the command that anyone can run.
Three clients come, each says two lines and leaves; where only one is served at a time they come one
after the other. Then the server is told to stop.

    python -m tests.project.pictures         all nine, into docs/book/pictures
    python -m tests.project.pictures epoll   one of them
"""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from reactor.command import main as view
from servers.catalog import MODELS
from tests.project.environments import PROJECT

PICTURES: Final = PROJECT / "docs/book/pictures"

CLIENTS: Final = 3
PATIENCE: Final = 60.0
"""Seconds for whatever a client waits for."""


def record(name: str, folder: Path) -> list[Path]:
    """Record a server of that name under the load, in folder; return its recordings."""
    command = [sys.executable, "-m", "reactor", "record", "-o", f"{folder}/{name}.jsonl"]
    command += ["-m", "servers", "run", name, "--port", "0"]
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            found = re.search(r"Port:(\d+)", server.stderr.readline())
            assert found is not None
            _talk(int(found[1]), CLIENTS if name != "simple" else 1)
            server.send_signal(signal.SIGTERM)
            told = server.stderr.read()
            assert server.wait(PATIENCE) == 0, told
        except BaseException:
            server.kill()
            raise
    return [folder / path for path in re.findall(rf"({name}\S*\.jsonl): \d+ events", told)]


def _talk(port: int, at_a_time: int) -> None:
    for _ in range(0, CLIENTS, at_a_time):
        with ExitStack() as stack:
            clients = [
                stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
                for _ in range(at_a_time)
            ]
            for _ in range(2 if at_a_time > 1 else 1):
                for client in clients:
                    client.sendall(b"hello\n")
                    client.recv(100)
            for client in clients:
                client.shutdown(socket.SHUT_WR)
                while client.recv(100):
                    pass


def draw(recordings: Sequence[Path], picture: Path) -> None:
    """Draw recordings of one run, as `python -m reactor view --picture` does."""
    words = ["view", *map(str, recordings), "--picture", str(picture)]
    assert view(words) == 0


def labels(picture: str) -> set[str]:
    """Return what stands beside the lanes of a picture, without numbers."""
    return {re.sub(r"\d+", "N", text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", picture)}


def make(name: str, pictures: Path = PICTURES) -> Path:
    """Record and draw a server; return where its picture is."""
    picture = pictures / f"{name}.svg"
    with TemporaryDirectory() as folder:
        draw(record(name, Path(folder)), picture)
    return picture


if __name__ == "__main__":
    for one in sys.argv[1:] or [model.name for model in MODELS]:
        print(make(one))
