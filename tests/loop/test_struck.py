"""A KeyboardInterrupt may strike between any two lines of the loop: nothing that waits is lost.

Python raises it where it looks for signals: behind a call, and where a function begins. So a
profile function raises it at each of those places in turn, once in each run of one program.
"""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import pytest

from reactor import Reactor
from reactor.loop import reactor, scheduler, sides, signals, timers, watches
from reactor.testing import World
from tests.loop.parts import nothing

LOOP: Final = {module.__file__ for module in (reactor, timers, sides, signals, scheduler, watches)}
"""Where it strikes. Where a callback begins, it strikes the callback."""


class Strike:
    """Raises KeyboardInterrupt at the place of that number; struck says whether it came to that."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.struck = False

    def __call__(self, frame: FrameType, event: str, what: object) -> None:
        if frame.f_code.co_filename not in LOOP or event not in ("call", "c_return"):
            return
        if event == "call" and frame.f_code.co_name == "run":
            return  # of a watch: that is the callback
        self.left -= 1
        if self.left == 0:
            sys.setprofile(None)
            self.struck = True
            raise KeyboardInterrupt


@contextmanager
def struck(strike: Strike) -> Iterator[None]:
    before = sys.getprofile()
    sys.setprofile(strike)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        sys.setprofile(before)


def everything(strike: Strike) -> list[str]:
    """Have one thing of each kind called back, be struck once, and go on."""
    calls: list[str] = []
    near, far = socket.socketpair()
    with near, far, Reactor() as loop:
        near.setblocking(False)

        def readable() -> None:
            near.recv(100)
            calls.append("readable")

        def writable() -> None:
            if "writable" not in calls:  # struck before it is over, it comes again
                calls.append("writable")
            writing.cancel()

        def last() -> None:
            calls.append("last")
            loop.call_soon(loop.stop)  # in the turn that letters of this one come in

        loop.on_readable(near, readable)
        writing = loop.on_writable(near, writable)
        loop.on_signal(signal.SIGUSR1, calls.append, "signal")
        loop.call_soon(calls.append, "soon")
        loop.call_soon(calls.append, "soon, too")
        for number in range(3):
            loop.call_later(0, calls.append, f"timer {number}")
        loop.call_threadsafe(calls.append, "letter")
        signal.raise_signal(signal.SIGUSR1)
        far.send(b"x")
        stop = loop.call_later(0.01, loop.stop)
        with struck(strike):
            loop.run()
        stop.cancel()
        loop.call_later(0.001, last)
        loop.run()
        loop.forget(near)
    return sorted(calls)


def timers_of_all_ages(strike: Strike) -> list[str]:
    """Be struck when some timers are due that the loop has slept on, and some that are new."""
    calls: list[str] = []
    with World() as world:
        loop = world.reactor
        for number in range(3):
            loop.call_at(2.0, calls.append, f"old {number}")
        loop.call_at(1.0, nothing)
        loop.turn()
        for number in range(3):
            loop.call_at(2.0, calls.append, f"new {number}")
        world.clock.now = 3.0
        with struck(strike):
            loop.call_soon(nothing)  # or it would look for the next timer, and sleep
            loop.turn()
        for _ in range(3):
            loop.call_soon(nothing)
            loop.turn()
    return sorted(calls)


@pytest.mark.parametrize(
    ("program", "calls", "places"), [(everything, 10, 50), (timers_of_all_ages, 6, 15)]
)
def test_wherever_an_interrupt_strikes_all_are_called_and_none_twice(
    program: Callable[[Strike], list[str]], calls: int, places: int
) -> None:
    expected = program(Strike(-1))
    assert len(expected) == calls
    number = 1
    while program(strike := Strike(number)) == expected and strike.struck:
        number += 1

    assert not strike.struck, f"at place {number}: {program(Strike(number))}"
    assert number > places
