"""A server as a process of its own.

Law of this file: nobody sleeps to wait. What must happen is awaited as an event (a log line, a
byte, an end) and has failed after DEADLINE; and a server that has ended left nothing behind.
"""

from __future__ import annotations

import os
import re
import resource
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGCONT, SIGINT, SIGKILL, SIGSTOP, SIGTERM
from typing import Any

import pytest

from servers.catalog import MODELS, Model
from tests.servers.nursery import Nursery, Nursling

PROJECT = Path(__file__).parents[2]

DEADLINE = 30.0
"""Seconds after which what should have happened has not; far more than anything here takes."""

WHO = r"^(\[FD:\d+\]|\[PID:\d+\]|<\d+>)+"
"""Whom a log line is about: a descriptor, a process, a thread."""

PORT = r'Server Run Port:(\d+)|"port": (\d+)'

SIGNALS = pytest.mark.parametrize(
    "signum", [pytest.param(SIGINT, marks=pytest.mark.once), SIGTERM], ids=["SIGINT", "SIGTERM"]
)
"""The signals that stop a server."""

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="only where there is a /proc"
)


def wait_until(fact: Callable[[], bool], log: Callable[[], list[str]] = list) -> None:
    """Wait for what no event tells of; if it never comes, tell how the log ends."""
    until = time.monotonic() + DEADLINE  # to look may take longer than the pause
    while time.monotonic() < until:
        if fact():
            return
        time.sleep(0.01)
    raise AssertionError(f"it never came true; the log ends with {log()[-20:]}")


def prlimit(pid: int, *limits: tuple[int, int]) -> tuple[int, int]:
    """Return the soft and hard limit of a process's descriptors; set them first if given."""
    linux: Any = resource
    soft, hard = linux.prlimit(pid, resource.RLIMIT_NOFILE, *limits)
    return soft, hard


@dataclass(frozen=True)
class Room:
    """A model on a foundation."""

    model: Model
    on: str

    def __str__(self) -> str:
        return f"{self.model.name}-{self.on}"

    @property
    def is_ours(self) -> bool:
        """Whether it stands on our reactor."""
        return self.on == "reactor"

    @property
    def answers_once(self) -> bool:
        """Whether a client is answered once, and served alone."""
        return self.model.name == "simple"

    @property
    def talks_on(self) -> bool:
        """Whether a client may say more than one thing, and is not alone."""
        return not self.answers_once

    @property
    def serves_all(self) -> bool:
        """Whether as many clients are served at a time as come."""
        return self.talks_on and not self.works_ahead

    @property
    def works_ahead(self) -> bool:
        """Whether there are as many seats as workers, who are started ahead."""
        return self.model.name in ("prefork", "prethread")

    @property
    def threads_ahead(self) -> bool:
        """Whether those who are started ahead are threads."""
        return self.model.name == "prethread"

    @property
    def threads(self) -> bool:
        """Whether a client is served by a thread of its own."""
        return self.model.name in ("thread", "prethread")

    @property
    def has_limit(self) -> bool:
        """Whether it can be told how many clients to serve at a time."""
        return "limit" in self.model.uses

    @property
    def multiplexes(self) -> bool:
        """Whether one thread waits for all clients, and tells how many there are."""
        return self.model.name in ("select", "epoll", "select-threads")

    @property
    def selects(self) -> bool:
        """Whether it waits with select, whatever there is."""
        return self.model.pinned_poller == "select"

    @property
    def takes_turns(self) -> bool:
        """Whether one thread receives from all clients."""
        return self.multiplexes or self.model.name == "coroutines"

    @property
    def forks(self) -> bool:
        """Whether clients are served by other processes than the one that was started."""
        return self.model.name in ("fork", "prefork")

    @property
    def refuses(self) -> bool:
        """Whether it needs a process or a thread for each client, and may have none."""
        return self.model.name in ("fork", "thread")

    @property
    def has_pool(self) -> bool:
        """Whether replies go out from a pool of threads."""
        return self.model.name == "select-threads"

    @property
    def missing(self) -> str | None:
        """The mechanism that this system lacks for it, if any."""
        pinned = self.model.pinned_poller
        return None if pinned is None or hasattr(select, pinned) else pinned

    def command(self, *options: str) -> list[str]:
        """The command that runs it on a free port, unless options name another."""
        words = ["run", self.model.name, "--on", self.on, "--port", "0", *options]
        return [sys.executable, "-m", "servers", *words]

    def own_listener(self, **settings: object) -> list[str]:
        """The command that runs it on a listening socket of the test's making."""
        program = "tests.servers.own_listener"
        words = [f"{name}={value}" for name, value in settings.items()]
        return [sys.executable, "-m", program, self.model.module(self.on), *words]


ROOMS = [Room(model, on) for model in MODELS for on in model.foundations()]


def _begin(command: Sequence[str], errors: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.DEVNULL, stderr=errors, start_new_session=True
    )


class Server:
    """A server that runs; it is ready when this object is made.

    Nobody else has its process group, so whoever it leaves behind can be found by that. With a
    nursery it is forked from there, which takes a tenth of the time.
    """

    def __init__(
        self, command: Sequence[str], *, nursery: Nursery | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.host = host
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._silent = False
        log, own_log = os.pipe()
        try:
            self._process: subprocess.Popen[bytes] | Nursling = (
                _begin(command, own_log) if nursery is None else nursery.start(command, own_log)
            )
        finally:
            os.close(own_log)
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, args=[log], daemon=True)
        self._reader.start()
        try:
            self.port = int(self.wait_for(PORT).rpartition(":")[2].strip(" }"))
            self.wait_for('Ready For Accept|"ready"')
        except BaseException:
            self.kill()
            raise

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def log(self, pattern: str = "") -> list[str]:
        """Return the lines so far that pattern is found in."""
        search = re.compile(pattern).search
        with self._news:
            return [line for line in self._lines if search(line)]

    def wait_for(self, pattern: str, count: int = 1) -> str:
        """Wait until pattern has been found in count lines, and return the last of those."""
        search = re.compile(pattern).search
        lines: list[str] = []
        looked_at = 0

        def found() -> bool:
            nonlocal looked_at
            lines.extend(line for line in self._lines[looked_at:] if search(line))
            looked_at = len(self._lines)
            return self._silent or len(lines) >= count

        with self._news:
            self._news.wait_for(found, DEADLINE)
        assert len(lines) >= count, (
            f"{pattern!r} came {len(lines)} times; the log ends with {self.log()[-20:]}"
        )
        return lines[count - 1]

    def signal(self, *signums: int) -> None:
        for signum in signums:
            self._process.send_signal(signum)

    def insist(self, signum: int) -> None:
        """Send signum until the process ends: what comes while another is pending is lost."""
        for _ in range(int(DEADLINE / 0.1)):
            self.signal(signum)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.1)
                return

    def freeze(self) -> None:
        """Stop all its processes in their tracks, so that what comes now comes all at once."""
        os.killpg(self.pid, SIGSTOP)
        self.wait_until(lambda: set(self.processes().values()) <= {"T", "Z"})

    def thaw(self) -> None:
        os.killpg(self.pid, SIGCONT)

    def processes(self) -> dict[int, str]:
        """Return the state (`man 5 proc`: R, S, T, Z...) of each of its processes, by pid."""
        states = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended
                state, _, group = path.read_text().rpartition(")")[2].split()[:3]
                if int(group) == self.pid:
                    states[int(path.parent.name)] = state
        return states

    def children(self) -> list[int]:
        """Return the processes that it has forked and that have not been reaped."""
        return sorted(set(self.processes()) - {self.pid})

    def wait_until(self, fact: Callable[[], bool]) -> None:
        """Wait for what no event tells of: a fact in /proc."""
        wait_until(fact, self.log)

    def threads(self) -> list[int]:
        """Return the threads of all its processes; the first of each has the number of that."""
        found: list[int] = []
        for pid in self.processes():
            with suppress(OSError):  # it has ended
                found += [int(each.name) for each in Path(f"/proc/{pid}/task").iterdir()]
        return sorted(found)

    def descriptors(self) -> list[int]:
        """Return the descriptors of all its processes."""
        found: list[int] = []
        for pid in self.processes():
            with suppress(OSError):  # it has ended
                found += [int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir()]
        return sorted(found)

    def receives(self, client: str) -> int:
        """Return how many messages of the client of that name have been told of."""
        came = self.wait_for(f"Client:{re.escape(client)}$")
        tag = re.escape(came.partition("Client:")[0])
        of_it = re.compile(rf"{tag}(?:(Client:)|(?:<\d+>)?Recv:b)").match
        lines = self.log()
        told = 0
        for said in map(of_it, lines[lines.index(came) + 1 :]):
            if said is not None and said[1]:
                break  # its worker has the next client
            told += said is not None
        return told

    def allow_descriptors(self, more: int) -> None:
        """Let the process have so many descriptors beside those that it has now."""
        limit = self.descriptors()[-1] + 1 + more
        prlimit(self.pid, (limit, limit))

    def stop(self, signum: int = SIGTERM) -> None:
        """Stop the server and see that it ends in good order."""
        self.signal(signum)
        self.wait_end(0)

    def wait_end(self, *codes: int) -> None:
        """Wait until the process has ended, with one of these exit codes and nothing left of it."""
        ended_with = self._process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        assert ended_with in codes, (ended_with, self.log()[-20:])
        odd = self.log("Traceback|Error:|Exception|never retrieved|destroyed")
        assert odd == [], self.log()[-40:]
        with pytest.raises(ProcessLookupError):
            os.killpg(self.pid, 0)
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        socket.create_server((self.host, self.port), family=family).close()

    def kill(self) -> None:
        """End it without asking, if it is still there."""
        if self.running:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, SIGKILL)
        self._process.wait(DEADLINE)
        self._reader.join(DEADLINE)

    def _read(self, log: int) -> None:
        with open(log, "rb") as lines:
            for line in lines:
                with self._news:
                    self._lines.append(line.decode().rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._silent = True
            self._news.notify_all()


Start = Callable[..., Server]
"""Starts a server of the room under test: start(*options), or start(command=[...])."""
