"""What strict mypy infers of looking: watchdogs, counters, several tracers."""

from __future__ import annotations

from typing import assert_type

from reactor import Reactor, Runnable, Tracer
from reactor.serving import ChannelServer, Server
from reactor.watch import (
    CONTENT_TYPE,
    LAGS,
    Counters,
    Hold,
    Place,
    Pulse,
    Running,
    Steps,
    Tracers,
    Watchdog,
    log_hold,
    running_now,
    watchdog_asked_for,
)


def report(hold: Hold) -> None:
    assert_type(hold.what, Runnable)
    assert_type(hold.stack, tuple[Place, ...])


def look(reactor: Reactor) -> None:
    pulse = reactor.belonging(Pulse)
    assert_type(pulse, Pulse)
    assert_type(pulse.lags, list[int])
    assert_type(LAGS[0], float)
    assert_type(CONTENT_TYPE, str)
    assert_type(running_now(reactor, pulse.thread), Running | None)
    with Watchdog(reactor, 0.5, report) as watchdog:
        assert_type(watchdog, Watchdog)
    Watchdog(reactor, report=log_hold).close()
    assert_type(watchdog_asked_for(reactor), Watchdog)


def count(reactor: Reactor, server: Server, other: ChannelServer) -> None:
    counters = Counters(reactor, steps=Steps())
    counters.server(server, "one")
    counters.server(other, "other")
    counters.gauge("queue_length", lambda: 3, "How many wait.", queue="of jobs")
    counters.counter("jobs", lambda: 3.0, "How many there were.")
    assert_type(counters.prometheus(), str)
    assert_type(counters.snapshot(), dict[str, float])


def several(one: Tracer) -> Reactor:
    return Reactor(tracer=Tracers(one, Steps()))
