"""Stopping on the reactor: what the rooms that stand on it share.

Law of this file: the first signal asks for a stop in good order; the second leaves at once, but
between two callbacks, and so from the loop itself. An exception out of a task's step would be that
task's failure, and its group would wait for all the others.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from reactor import Reactor
from servers.processes import hear_signals


@contextlib.contextmanager
def stop_signals(reactor: Reactor, stop: Callable[[int], object]) -> Iterator[None]:
    """While inside, let reactor call stop(signum) at the first SIGTERM or SIGINT.

    At the second one, of either kind, SystemExit(128 + signum) comes out of the loop: 130 for
    SIGINT, 143 for SIGTERM. The third ends the process on the spot, should a callback hold
    the loop. For the main thread only, as signals are.
    """
    both = (signal.SIGTERM, signal.SIGINT)
    before = {signum: signal.getsignal(signum) for signum in both}
    arrived = heard = 0

    def on_signal(signum: int) -> None:
        nonlocal heard
        heard += 1
        if heard > 1:
            raise SystemExit(128 + signum)
        stop(signum)

    def on_arrival(signum: int, frame: FrameType | None) -> None:
        nonlocal arrived
        arrived += 1
        if arrived > 2:
            os._exit(128 + signum)
        noted[signum](signum, frame)

    watches = [reactor.on_signal(signum, on_signal, signum) for signum in both]
    noted: dict[int, Any] = {signum: signal.signal(signum, on_arrival) for signum in both}
    try:
        yield
    finally:
        for watch in watches:
            watch.cancel()
        for signum, handler in before.items():
            signal.signal(signum, handler)


@contextlib.contextmanager
def child_stops(reactor: Reactor, leave: Callable[[], object], lifeline: int) -> Iterator[None]:
    """In a forked child, call leave() once: at a signal, or when its parent lets go of lifeline.

    A second signal is as in stop_signals.
    """
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        watch.cancel()
        if not asked:
            asked = True
            leave()

    watch = reactor.on_readable(lifeline, ask)
    with stop_signals(reactor, ask):
        hear_signals()
        yield
