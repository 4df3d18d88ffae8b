"""Reaping: three children end, and one signal tells of them.

python3 -m docs.book.programs.left_out_reaping
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial

from reactor import all_of, run
from reactor.process import run_process

CHILDREN = 3


def wait_for_end(pid: int) -> None:
    """Wait until pid has ended, and leave it as it is: a zombie."""
    if sys.platform != "darwin" or sys.version_info >= (3, 13):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    else:
        raise SystemExit("only where there is a waitid")


def the_bug() -> str:
    """Reap a child for each SIGCHLD."""
    reaped: list[int] = []
    before = signal.signal(signal.SIGCHLD, lambda *_: reaped.append(os.waitpid(-1, 0)[0]))
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])  # as if we were busy
    pids = [os.posix_spawn("/bin/sh", ["sh", "-c", "exit"], {}) for _ in range(CHILDREN)]
    for pid in pids:
        wait_for_end(pid)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    signal.signal(signal.SIGCHLD, before)
    zombies = [pid for pid in pids if pid not in reaped]
    for pid in zombies:
        os.waitpid(pid, 0)
    return f"{len(reaped)} reaped, {len(zombies)} zombies"


async def ours() -> str:
    call = partial(run_process, sys.executable, "-S", "-c", "pass")
    ended = await all_of(*[call] * CHILDREN)
    return f"{len(ended)} reaped, {CHILDREN - len(ended)} zombies"


def lines() -> list[str]:
    return [f"the bug   {the_bug()}", f"ours      {run(ours)}"]


if __name__ == "__main__":
    print("\n".join(lines()))
