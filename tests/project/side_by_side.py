"""Side by side: parts of the check from a queue, a few at a time, each shown when it has ended.

Law of this file: what is run is said before and what came of it after, whole and unmixed; and if
one command of one part fails, the whole has failed, and says so last.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

Command = Sequence[str]

Tell = Callable[[str], object]


class Part(NamedTuple):
    """Commands that are run one after the other, each of them, whatever came of those before."""

    name: str
    commands: Sequence[Command]


class Ended(NamedTuple):
    """How a part ended, with the seconds that went by and those that the CPU worked for it."""

    part: Part
    passed: bool
    seconds: float
    cpu_seconds: float
    said: str

    def __str__(self) -> str:
        how = "passed" if self.passed else "FAILED"
        return f"{how}  {self.seconds:4.0f} s  CPU {self.cpu_seconds:4.0f} s  {self.part.name}"


def run(parts: Sequence[Part], at_a_time: int, tell: Tell) -> list[Ended]:
    """Run parts, in their order, so many at a time; return how they ended, in the order of that."""
    ended: list[Ended] = []

    def run_one(part: Part) -> None:
        tell(f"begins  {part.name}")
        ended.append(end := _run(part))
        tell(f"\n== {end}\n{end.said}")

    queue = ThreadPoolExecutor(at_a_time)
    try:
        for done in [queue.submit(run_one, part) for part in parts]:
            done.result()
    finally:
        queue.shutdown(cancel_futures=True)  # Ctrl-C: those that run have been told as well
    return ended


def _run(part: Part) -> Ended:
    begun = time.monotonic()
    passed, cpu_seconds = True, 0.0
    with tempfile.TemporaryFile() as output:
        for command in part.commands:
            output.write(f"$ {shlex.join(command)}\n".encode())
            output.flush()
            status, cpu = _carry_out(command, output.fileno())
            passed = passed and status == 0
            cpu_seconds += cpu
        output.seek(0)
        said = output.read().decode(errors="replace")
    return Ended(part, passed, time.monotonic() - begun, cpu_seconds, said)


def _carry_out(command: Command, output: int) -> tuple[int, float]:
    """Run a command to its end; return its status, and the CPU seconds of it and its children."""
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    except OSError as error:
        os.write(output, f"{error}\n".encode())
        return 127, 0.0
    _, status, used = os.wait4(process.pid, 0)  # subprocess waits without asking what was used
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_utime + used.ru_stime
