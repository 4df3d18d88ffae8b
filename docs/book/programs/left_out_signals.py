"""Signals: a handler that sets a flag, and a loop that sleeps on.

python3 -m docs.book.programs.left_out_signals
"""

from __future__ import annotations

import select
import signal
import time

from reactor import Reactor

SOON, LATE = 0.01, 0.2


def the_bug() -> str:
    stopping = []
    before = signal.signal(signal.SIGALRM, lambda *_: stopping.append(True))
    signal.setitimer(signal.ITIMER_REAL, SOON)
    began = time.monotonic()
    select.select([], [], [], LATE)  # "until something happens"
    slept = time.monotonic() - began
    signal.signal(signal.SIGALRM, before)
    return f"flag set: {stopping == [True]}, slept on to the end: {slept >= LATE}"


def ours() -> str:
    woken_by: list[str] = []
    with Reactor() as reactor:
        reactor.on_signal(signal.SIGALRM, woken_by.append, "the signal")
        reactor.call_later(30, woken_by.append, "the timer")
        signal.setitimer(signal.ITIMER_REAL, SOON)
        while not woken_by:
            reactor.turn()
    return f"woken by {woken_by[0]}"


def lines() -> list[str]:
    return [f"the bug   {the_bug()}", f"ours      {ours()}"]


if __name__ == "__main__":
    print("\n".join(lines()))
