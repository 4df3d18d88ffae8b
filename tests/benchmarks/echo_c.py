"""The server in C, compiled when it is first asked for, and kept by what it was made from."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("echo_server.c")
COMPILE: Final = ("cc", "-O2", "-std=gnu11")


def serve(listener: socket.socket, reply: bytes, _: str) -> None:
    """Become the C program, which serves for ever; an empty reply stands for what came."""
    listener.set_inheritable(True)
    binary = compiled(Path(tempfile.gettempdir()) / f"reactor-benchmarks-{os.getuid()}")
    arguments = [os.fsencode(binary), str(listener.fileno()).encode()]
    os.execv(binary, [*arguments, reply] if reply else arguments)


def compiled(folder: Path) -> Path:
    """Return the program, compiled into folder unless it is there."""
    made_from = SOURCE.read_bytes() + " ".join(COMPILE).encode()
    binary = folder / f"echo-{hashlib.sha256(made_from).hexdigest()[:16]}"
    if not binary.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            output = Path(fresh) / "echo"
            subprocess.run([*COMPILE, "-o", output, SOURCE], check=True)
            output.rename(binary)  # at once, so that nobody starts half of it
    if binary.stat().st_uid != os.getuid():
        raise PermissionError(f"{binary} belongs to somebody else; remove it")
    return binary
