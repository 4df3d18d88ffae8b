"""What a server used is seen in /proc: CPU time, wake-ups, memory."""

from __future__ import annotations

import os
import subprocess
import sys
from signal import SIGKILL

from servers.compare.usage import Usage, memory
from tests.servers.harness import needs_proc

pytestmark = needs_proc

PROGRAM = """
import os, sys, time
def burn():
    while time.process_time() < 0.3:
        pass
print(flush=True)
sys.stdin.readline()
{work}
print(flush=True)
sys.stdin.readline()
"""


def used_by(work: str) -> tuple[Usage, int]:
    """What a process uses for some work, and the bytes of memory that it has more after it."""
    command = [sys.executable, "-c", PROGRAM.format(work=work)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, start_new_session=True, stdin=pipe, stdout=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        before, had = Usage.of(process.pid), memory(process.pid)
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.readline()
        used, has = Usage.of(process.pid).since(before), memory(process.pid)
        os.killpg(process.pid, SIGKILL)
    return used, has - had


def test_cpu_time_is_seen() -> None:
    used, _ = used_by("burn()")
    assert used.cpu >= 0.2


def test_cpu_time_of_a_child_that_has_ended_is_seen() -> None:
    used, _ = used_by("if os.fork() == 0: burn(); os._exit(0)\nos.wait()")
    assert used.cpu >= 0.2


def test_cpu_time_of_a_child_that_is_still_there_is_seen() -> None:
    used, _ = used_by("if os.fork() == 0: burn()\nelse: time.sleep(60)")
    assert used.cpu >= 0.2


def test_wakeups_are_seen() -> None:
    used, _ = used_by("for _ in range(50): time.sleep(0.001)")
    assert used.wakeups >= 50
    assert used.cpu < 0.2


def test_memory_is_seen() -> None:
    _, more = used_by("block = bytes([1]) * 20_000_000")
    assert 19_000_000 <= more < 38_000_000


def test_memory_that_two_processes_share_counts_once() -> None:
    _, more = used_by("block = bytes([1]) * 20_000_000\nif os.fork(): time.sleep(60)")
    assert 19_000_000 <= more < 38_000_000
