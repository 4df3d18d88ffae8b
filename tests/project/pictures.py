"""Pictures: the nine servers under a small load, and programs of the book, recorded and drawn.

Law of this file: a picture is made from what has run, by the commands that anyone can run. To a
server come three clients, each says two lines and leaves; where only one is served at a time they
come one after the other. Then the server is told to stop.

    python -m tests.project.pictures         all of them, into docs/book/pictures
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

SERVERS: Final = tuple(model.name for model in MODELS)

PROGRAMS: Final = {
    "byte_to_line": 1,
    "naps": 1,
    "scopes_drawn": 1,
    "left_out_shutdown": 2,
    "asyncio_tie": 1,
    "deadlock_told": 1,
}
"""Of docs/book/programs, and which of the loops of each is drawn."""

CLIENTS: Final = 3
PATIENCE: Final = 60.0
"""Seconds for whatever a client waits for."""


def record(name: str, folder: Path) -> list[Path]:
    """Record what has that name, in folder; return the recordings that belong in its picture."""
    command = [sys.executable, "-m", "reactor", "record", "-o", f"{folder}/{name}.jsonl", "-m"]
    if name in SERVERS:
        return _record_server([*command, "servers", "run", name, "--port", "0"], name, folder)
    done = subprocess.run(
        [*command, f"docs.book.programs.{name}"],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return _recordings(name, folder, done.stderr)[PROGRAMS[name] - 1 :][:1]


def _recordings(name: str, folder: Path, told: str) -> list[Path]:
    return [folder / path for path in re.findall(rf"({name}\S*\.jsonl): \S+ events", told)]


def _record_server(command: Sequence[str], name: str, folder: Path) -> list[Path]:
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
    return _recordings(name, folder, told)


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
    """Record and draw what has that name; return where its picture is."""
    picture = pictures / f"{name}.svg"
    with TemporaryDirectory() as folder:
        draw(record(name, Path(folder)), picture)
    return picture


if __name__ == "__main__":
    for one in sys.argv[1:] or [*SERVERS, *PROGRAMS]:
        print(make(one))
