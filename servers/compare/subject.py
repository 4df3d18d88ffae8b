"""A server that is measured, in processes of its own.

Law of this file: it is run as anybody would run it, by the command; it ends in good order or that
is an error, and nobody of it is left, whatever happens.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, Self

from servers.catalog import Model

PATIENCE: Final = 10.0
"""Seconds after which what a server should have done counts as never."""

HOST: Final = "127.0.0.1"


class CompareError(Exception):
    """A server did not do what it owes, or cannot be measured; the text says which and what."""


class Subject:
    """A model on a foundation, ready to be asked when made. A `with` block stops it in the end."""

    def __init__(self, model: Model, on: str, seats: int) -> None:
        self.name = f"{model} on {on}"
        with socket.create_server((HOST, 0)) as free:
            self.address: tuple[str, int] = free.getsockname()
        words = ["run", model.name, "--on", on, "--quiet", "--port", str(self.address[1])]
        if "workers" in model.uses:
            words += ["--workers", str(seats)]
        self._process: subprocess.Popen[bytes] | None = None
        try:
            with _signals_held():
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "servers", *words],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,  # its processes are found, and ended, by their group
                )
            self._wait_until_it_listens()
        except BaseException:
            self._kill()
            raise

    @property
    def group(self) -> int:
        """The process group that all its processes are in."""
        return self._running.pid

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self._running.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(self.address, PATIENCE).close()
            except ConnectionRefusedError:
                time.sleep(0.01)
            else:
                return
        raise CompareError(f"{self.name} did not start; run it by hand to see why")

    def stop(self) -> None:
        """Ask it to stop. Raises CompareError unless it does, with 0, and leaves nobody behind."""
        self._running.send_signal(signal.SIGTERM)
        try:
            code = self._running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise CompareError(f"{self.name} did not stop in {PATIENCE:g} s") from None
        if code:
            raise CompareError(f"{self.name} ended with exit code {code}")
        if self._kill():
            raise CompareError(f"{self.name} left processes behind")

    def _kill(self) -> bool:
        """End whoever is there, and return whether anybody was."""
        if self._process is None:
            return False
        there = False
        with suppress(ProcessLookupError):
            os.killpg(self.group, signal.SIGKILL)
            there = True
        self._process.wait()
        return there

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            try:
                self.stop()
            finally:
                self._kill()
        else:
            self._kill()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let signals that would end us wait: a child is not lost between its birth and its name."""
    came: list[int] = []
    before = {
        each: signal.signal(each, lambda signum, _: came.append(signum))
        for each in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for signum in came:
            signal.raise_signal(signum)
