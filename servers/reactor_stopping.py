"""Stopping on the reactor: what the rooms that stand on it share.

Law of this file: the first signal asks, and the reactor answers when its turn comes; the second
does not ask: it leaves from wherever the program is, even from the middle of a system call.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

from reactor import Reactor


@contextlib.contextmanager
def stop_signals(reactor: Reactor, stop: Callable[[int], object]) -> Iterator[None]:
    """While inside, let reactor call stop(signum) at the first SIGTERM or SIGINT.

    The second one, of either kind, raises SystemExit(128 + signum): 130 for SIGINT, 143 for
    SIGTERM. For the main thread only, as signals are.
    """
    both = (signal.SIGTERM, signal.SIGINT)
    before = {signum: signal.getsignal(signum) for signum in both}

    asked = False

    def on_signal(signum: int) -> None:
        nonlocal asked
        if asked:  # both came before the first was heard
            _leave(signum, None)
        asked = True
        for each in both:
            signal.signal(each, _leave)
        stop(signum)

    watches = [reactor.on_signal(signum, on_signal, signum) for signum in both]
    try:
        yield
    finally:
        for watch in watches:
            watch.cancel()
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _leave(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)
