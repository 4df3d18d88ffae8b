"""Programs of the system as peers: openssl, as a client and as a server, and curl.

Law of this file: every wait of one ends after DEADLINE, and leaving ends the program.
"""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.net.peers import DEADLINE
from tests.net.tls_parts import AUTHORITY, certificate


class Program:
    """A program on its way, which reads what it is told and whose lines are read one by one."""

    def __init__(self, *command: str | Path) -> None:
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C"},
        )
        self._late = threading.Timer(DEADLINE, self._child.kill)
        self._late.start()
        self.heard: list[bytes] = []

    def tell(self, line: bytes) -> None:
        """Write line to its standard input."""
        assert self._child.stdin is not None
        self._child.stdin.write(line)
        self._child.stdin.flush()

    def hear(self, word: bytes) -> bytes:
        """Read lines until one has word in it; return that."""
        assert self._child.stdout is not None
        for line in self._child.stdout:
            self.heard.append(line)
            if word in line:
                return line
        raise AssertionError(f"no {word!r} in {self.heard}")

    def hear_all(self) -> bytes:
        """Read to the end; return all that was not read before."""
        assert self._child.stdout is not None
        return self._child.stdout.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._late.cancel()
        self._late.join()
        self._child.kill()
        self._child.communicate()


def pems(folder: Path) -> tuple[Path, Path]:
    """Write the server's certificate with its key, and the authority's; return where they are."""
    own, trusted = folder / "own.pem", folder / "trusted.pem"
    certificate().private_key_and_cert_chain_pem.write_to_path(own)
    AUTHORITY.cert_pem.write_to_path(trusted)
    return own, trusted
