"""Subject: one server that is measured, as a process.

Law of this file: it is ended by its pid, and whoever stands in front of it with it, whatever
happens; and a server that dies under a load is an error that tells what it said.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Self

from tests.benchmarks.cpu import clock_of
from tests.project.environments import PROJECT

SAME_EACH_TIME: Final = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
"""For figures that are to be the same whenever they are taken."""


class BenchmarkError(Exception):
    """A server or a program did not do what it owes; the text says which and what."""


class Subject:
    """A server, on its way when made, listening on port in a `with` block, and ended by that.

    before stands in front of its command: valgrind, strace. place is called with its pid at once.
    cpu() returns the CPU seconds that it has used.
    """

    cpu: Callable[[], float]
    port: int

    def __init__(
        self,
        kind: str,
        mode: str,
        *,
        before: Sequence[str] = (),
        environment: Mapping[str, str] = {},
        place: Callable[[int], object] = lambda pid: None,
    ) -> None:
        self.kind = kind
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        self._process = subprocess.Popen(
            [*before, sys.executable, "-m", "tests.benchmarks.echo", kind, "0"],
            cwd=PROJECT,
            env={**os.environ, "MODE": mode, **environment},
            start_new_session=True,  # strace and its server are ended together, by their group
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        place(self._process.pid)

    def __enter__(self) -> Self:
        try:
            assert self._process.stdout is not None
            port = self._process.stdout.readline()
            if not port.strip().isdigit():
                raise BenchmarkError(f"{self.kind} did not start: {self.said()}")
            self.port = int(port)
            self.cpu = clock_of(self.pid)
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def pid(self) -> int:
        """The number of the process, or of what stands in front of it."""
        return self._process.pid

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While inside, the process does nothing, whatever comes."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)  # until it has stopped
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def said(self) -> str:
        """Return what came on standard error so far."""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip()

    def stop(self) -> None:
        """End it at once. May be called twice."""
        if self._process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()

    def terminate(self) -> str:
        """Ask the process to end, wait until it has, and return what it said."""
        self._process.terminate()
        self.wait()
        return self.said()

    def wait(self) -> None:
        """Wait until the process has ended."""
        self._process.wait(60)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (OSError, BenchmarkError)) and (said := self.said()):
            error.add_note(f"{self.kind} said: {said}")
        self.stop()
