"""Stopping on stdlib asyncio: what the rooms that stand on it share.

Law of this file: the first signal asks for a stop in good order; the second leaves at once, but
between two callbacks. An exception from just anywhere would tear the loop's bookkeeping: a task
whose step was lost could not even be cancelled any more, and leaving would wait for it for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType

from servers.policy import DISCARD_SECONDS, DISCARD_SIZE
from servers.processes import hear_signals


@contextlib.contextmanager
def stop_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[int], object]) -> Iterator[None]:
    """While inside, let loop call stop(signum) at the first SIGTERM or SIGINT.

    At the second one, of either kind, SystemExit(128 + signum) comes out of the loop: 130 for
    SIGINT, 143 for SIGTERM. The third ends the process on the spot, should a callback hold
    the loop. For the main thread only, as signals are.
    """
    heard = 0

    def on_signal(signum: int, frame: FrameType | None) -> None:
        nonlocal heard
        heard += 1
        if heard > 2:
            os._exit(128 + signum)
        loop.call_soon_threadsafe(stop if heard == 1 else _leave, signum)

    # Python runs on_signal between two steps of its own, and a signal that comes just before the
    # loop falls asleep would be noticed only when it wakes. So each signal also wakes the loop.
    waking, woken = socket.socketpair()
    with waking, woken:
        waking.setblocking(False)
        woken.setblocking(False)
        loop.add_reader(woken, woken.recv, 64)
        wakeup = signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
        before = {each: signal.signal(each, on_signal) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
            signal.set_wakeup_fd(wakeup)
            loop.remove_reader(woken)


@contextlib.contextmanager
def child_stops(
    loop: asyncio.AbstractEventLoop, leave: Callable[[], object], lifeline: int
) -> Iterator[None]:
    """In a forked child, call leave() once: at a signal, or when its parent lets go of lifeline.

    A second signal is as in stop_signals.
    """
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        loop.remove_reader(lifeline)
        if not asked:
            asked = True
            leave()

    loop.add_reader(lifeline, ask)
    with stop_signals(loop, ask):
        hear_signals()
        yield


def _leave(signum: int) -> None:
    raise SystemExit(128 + signum)


async def see_off(client: socket.socket) -> None:
    """Half-close, then throw away what still comes until the peer closes too or time is up.

    Leaves client open. Raises no OSError: whoever reset the connection has been seen off as well.
    """
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError):  # the TimeoutError is one too
        client.shutdown(socket.SHUT_WR)
        async with asyncio.timeout(DISCARD_SECONDS):
            while await loop.sock_recv(client, DISCARD_SIZE):
                await asyncio.sleep(0)  # sock_recv alone gives way only when there is nothing yet
