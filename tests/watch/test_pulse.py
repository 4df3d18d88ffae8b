"""Pulse: turns, events and sleep are counted, and any thread can tell whether the loop works."""

from __future__ import annotations

import threading
import time

import pytest

from reactor import Reactor
from reactor.watch import Pulse
from tests.loop.parts import Script, nothing
from tests.threads import in_thread


def test_turns_and_events_are_counted() -> None:
    with Reactor() as reactor:
        pulse = reactor.belonging(Pulse)
        reactor.call_threadsafe(nothing)
        reactor.turn()
        reactor.turn()

        assert (pulse.turns, pulse.events) == (2, 1)


def test_it_sleeps_in_the_wait_and_is_awake_before_and_after() -> None:
    script = Script()
    with Reactor(script) as reactor:
        pulse = reactor.belonging(Pulse)
        seen: list[tuple[bool, bool]] = [(pulse.awake, pulse.since >= pulse.began)]
        script.asleep = lambda: seen.append((pulse.awake, pulse.since >= pulse.began))
        reactor.turn()

        assert seen == [(True, True), (False, True)]
        assert pulse.awake


def test_how_long_it_slept_is_what_its_clock_shows() -> None:
    script = Script()
    with Reactor(script) as reactor:
        pulse = reactor.belonging(Pulse)
        script.asleep = until_time_passes
        reactor.turn()

        # All of the sleep, and nothing of what was before it.
        assert 0.0 < pulse.asleep <= pulse.since - pulse.began


def test_a_wait_that_is_interrupted_ends_the_sleep() -> None:
    script = Script()
    with Reactor(script) as reactor:
        pulse = reactor.belonging(Pulse)
        script.asleep = interrupted

        with pytest.raises(KeyboardInterrupt):
            reactor.turn()

        assert pulse.awake
        assert (pulse.turns, pulse.events) == (1, 0)


def test_so_does_whoever_hears_that_the_turn_has_ended() -> None:
    with Reactor(Script()) as reactor:
        pulse = reactor.belonging(Pulse)
        pulse.when_at_rest(lambda *_: interrupted())

        with pytest.raises(KeyboardInterrupt):
            reactor.turn()

        assert pulse.awake
        reactor.turn()
        assert pulse.awake


def interrupted() -> None:
    raise KeyboardInterrupt


def test_it_knows_the_thread_of_its_reactor() -> None:
    pulses: list[Pulse] = []

    def work() -> None:
        with Reactor() as reactor:
            pulses.append(reactor.belonging(Pulse))
            assert pulses[0].thread == threading.get_ident()

    in_thread(work)
    assert pulses[0].reactor is not None


def test_what_all_share_is_made_once() -> None:
    with Reactor() as reactor:
        assert reactor.belonging(Pulse) is reactor.belonging(Pulse)


def until_time_passes() -> None:
    """Return when the clock shows another moment."""
    now = time.monotonic()
    while time.monotonic() == now:
        pass
