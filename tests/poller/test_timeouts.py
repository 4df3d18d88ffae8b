"""How long a wait may last: None for ever, negative is now, a day is the cap, NaN is refused."""

from __future__ import annotations

import os
import threading
import time
from math import inf, nan

import pytest

from reactor.poller import LONGEST, READ, WRITE, Poller, bounded
from tests.poller.children import start_child, wait_for
from tests.poller.scripted import ScriptedPoller
from tests.pollers import Pair, each_poller

OVERLONG = [LONGEST, 2.0**31, 1e300, inf]


@pytest.mark.parametrize(
    ("timeout", "as_hooks_take_it"),
    [
        (None, None),
        (0, 0.0),
        (0.25, 0.25),
        (-1, 0.0),
        (-0.0, 0.0),
        (-1e300, 0.0),
        (-inf, 0.0),
        *((seconds, LONGEST) for seconds in OVERLONG),
    ],
)
def test_a_timeout_reaches_the_hooks_within_bounds(
    timeout: float | None, as_hooks_take_it: float | None
) -> None:
    poller = ScriptedPoller()
    poller.select(timeout)

    assert bounded(timeout) == as_hooks_take_it
    assert poller.calls == [("wait", as_hooks_take_it)]


def test_the_longest_wait_is_a_day() -> None:
    assert LONGEST == 24 * 60 * 60


def test_without_a_timeout_the_wait_is_for_ever() -> None:
    poller = ScriptedPoller()
    poller.select()

    assert poller.calls == [("wait", None)]


@each_poller
def test_nan_is_refused_by_name(poller: Poller) -> None:
    with pytest.raises(ValueError, match="timeout is NaN; give seconds, or None to wait for ever"):
        poller.select(nan)


@each_poller
@pytest.mark.parametrize("timeout", [0, -1, -1e300, -inf, 0.001])
def test_a_wait_that_nothing_ends_returns_nothing(
    poller: Poller, pair: Pair, timeout: float
) -> None:
    assert poller.select(timeout) == []
    poller.register(pair[0], READ)
    assert poller.select(timeout) == []


@each_poller
@pytest.mark.parametrize("timeout", [0.0005, 0.0105, 0.25])
def test_a_wait_that_nothing_ends_is_no_shorter_than_asked(
    poller: Poller, pair: Pair, timeout: float
) -> None:
    poller.add(pair[0].fileno(), READ)
    began = time.monotonic()

    assert poller.wait(timeout) == []
    # A busy machine makes it longer, never shorter. Rounded down, a loop would spin meanwhile.
    assert time.monotonic() - began >= timeout


@each_poller
@pytest.mark.parametrize("timeout", [*OVERLONG, None, 0, -1])
def test_what_is_ready_already_is_told_whatever_the_timeout(
    poller: Poller, pair: Pair, timeout: float | None
) -> None:
    key = poller.register(pair[0], WRITE)

    assert poller.select(timeout) == [(key, WRITE)]


@each_poller
@pytest.mark.parametrize("timeout", [None, inf])
def test_a_wait_ends_when_another_thread_writes(
    poller: Poller, pair: Pair, timeout: float | None
) -> None:
    near, far = pair
    key = poller.register(near, READ)
    thread = threading.Thread(target=far.send, args=(b"x",))
    thread.start()

    assert poller.select(timeout) == [(key, READ)]
    thread.join()


@each_poller
def test_a_wait_ends_when_a_child_writes(poller: Poller, pair: Pair) -> None:
    near, far = pair
    key = poller.register(near, READ)
    child = start_child(lambda: os.write(far.fileno(), b"x"))

    assert poller.select(None) == [(key, READ)]
    assert wait_for(child) == 0
