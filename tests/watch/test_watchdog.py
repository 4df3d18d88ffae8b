"""A watchdog: tells what holds a loop while it is held, and nothing else."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from reactor import Reactor, current_task, run
from reactor.watch import Hold, Watchdog

SHORT = 0.01


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    with Reactor() as made:
        yield made


class Kennel:
    """Where the reports of a watchdog come in: hold() blocks until one of them is enough."""

    def __init__(self, is_enough: Callable[[list[Hold]], bool] = bool) -> None:
        self.holds: list[Hold] = []
        self._is_enough = is_enough
        self._came = threading.Event()

    def report(self, hold: Hold) -> None:
        self.holds.append(hold)
        if self._is_enough(self.holds):
            self._came.set()

    def hold(self) -> None:
        self._came.wait()


def stop_later(reactor: Reactor) -> None:
    """Stop, in a turn after the next rest."""
    reactor.call_later(0.0, reactor.call_soon, reactor.call_later, 0.0, reactor.stop)


def test_what_holds_the_loop_is_told_while_it_does(reactor: Reactor) -> None:
    kennel = Kennel()
    handle = reactor.call_soon(kennel.hold)
    stop_later(reactor)
    with Watchdog(reactor, SHORT, kennel.report):
        reactor.run()

    first = kennel.holds[0]
    assert (first.reactor, first.what, first.alone, first.over) == (reactor, handle, True, False)
    assert first.seconds >= SHORT
    assert first.stack[0].function == "Kennel.hold"
    assert first.stack[0].file == __file__


def test_it_is_told_again_ever_less_often(reactor: Reactor) -> None:
    kennel = Kennel(lambda holds: len(holds) == 4)
    reactor.call_soon(kennel.hold)
    stop_later(reactor)
    with Watchdog(reactor, SHORT, kennel.report):
        reactor.run()

    assert [hold.over for hold in kennel.holds[:4]] == [False] * 4
    assert all(hold.seconds >= SHORT * 2**turn for turn, hold in enumerate(kennel.holds[:4]))


def test_its_end_is_told_with_how_long_it_was_in_all(reactor: Reactor) -> None:
    kennel = Kennel()
    handle = reactor.call_soon(kennel.hold)
    stop_later(reactor)
    with Watchdog(reactor, SHORT, kennel.report):
        reactor.run()

    *before, last = kennel.holds
    assert not any(hold.over for hold in before)
    assert (last.what, last.over, last.stack) == (handle, True, ())
    assert last.seconds >= before[-1].seconds


def test_the_end_is_told_of_a_loop_too_that_ends_with_it(reactor: Reactor) -> None:
    kennel = Kennel()
    reactor.call_soon(kennel.hold)
    reactor.call_soon(reactor.stop)
    with Watchdog(reactor, SHORT, kennel.report):
        reactor.run()

    assert kennel.holds[-1].over
    assert kennel.holds[-1].seconds >= SHORT


def test_a_task_that_holds_the_loop_is_told_with_its_own_stack() -> None:
    kennel = Kennel()

    async def inner() -> None:
        kennel.hold()

    async def main() -> None:
        with Watchdog(current_task().reactor, SHORT, kennel.report):
            await inner()

    run(main)

    functions = [place.function for place in kennel.holds[0].stack]
    assert functions[0].endswith("main")
    assert functions[1].endswith("inner")
    assert functions[2] == "Kennel.hold"
    assert repr(kennel.holds[0].what).startswith("<Task ")


class VirtualTime:
    """Time that passes when the watchdog sleeps, and no sooner: as much as it asks for, and jump
    seconds more in which the process was stopped.
    """

    def __init__(self, jump: float = 0.0) -> None:
        self.passed = 0.0
        self.worked = 0.0
        self.naps = 0
        self.bell = _Bell(self)
        self._jump = jump
        self._waiting: list[tuple[int, threading.Event]] = []

    def clock(self) -> float:
        return time.monotonic() + self.passed

    def spent(self) -> float:
        return self.worked

    def sleep(self, seconds: float) -> None:
        self.passed += seconds + self._jump
        self.worked += seconds
        self.naps += 1
        for naps, event in self._waiting:
            if self.naps >= naps:
                event.set()

    def wait_for(self, naps: int) -> None:
        """Block until the watchdog has slept so many times more."""
        event = threading.Event()
        self._waiting.append((self.naps + naps, event))
        event.wait()


class _Bell(threading.Condition):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self._time.sleep(timeout)
        self.release()  # as a real one does: whoever rings gets in
        os.sched_yield() if hasattr(os, "sched_yield") else time.sleep(0)
        self.acquire()
        return False


@pytest.fixture
def virtual(request: pytest.FixtureRequest) -> VirtualTime:
    """Time without jumps, unless the test asks for some."""
    return VirtualTime(getattr(request, "param", 0.0))


@pytest.fixture
def apart(virtual: VirtualTime) -> Iterator[Reactor]:
    """A reactor in that time."""
    with Reactor(clock=virtual.clock) as made:
        yield made


def watched(
    reactor: Reactor, virtual: VirtualTime, report: Callable[[Hold], object], seconds: float = 10.0
) -> Watchdog:
    return Watchdog(reactor, seconds, report, spent=virtual.spent, bell=virtual.bell)


def test_a_turn_of_many_short_calls_is_told_as_one(apart: Reactor, virtual: VirtualTime) -> None:
    kennel = Kennel(lambda holds: holds[-1].what is second)
    apart.call_soon(virtual.wait_for, 4)
    second = apart.call_soon(kennel.hold)
    stop_later(apart)
    with watched(apart, virtual, kennel.report):
        apart.run()

    assert not next(hold.alone for hold in kennel.holds if hold.what is second)


def test_a_loop_that_does_not_run_is_not_held(apart: Reactor, virtual: VirtualTime) -> None:
    kennel = Kennel()
    apart.call_soon(apart.stop)
    apart.run()
    with watched(apart, virtual, kennel.report):
        apart.call_soon(apart.stop)
        apart.run()
        virtual.wait_for(10)

    assert kennel.holds == []


def test_a_loop_that_sleeps_is_not_held(apart: Reactor, virtual: VirtualTime) -> None:
    kennel = Kennel()

    def wake_it() -> None:
        virtual.wait_for(10)
        apart.call_threadsafe(apart.stop)

    with watched(apart, virtual, kennel.report):
        other = threading.Thread(target=wake_it)
        other.start()
        apart.run()
        other.join()

    assert kennel.holds == []


@pytest.mark.parametrize("virtual", [1000.0], indirect=True)
def test_time_in_which_the_process_was_stopped_does_not_count(
    apart: Reactor, virtual: VirtualTime
) -> None:
    kennel = Kennel()
    apart.call_soon(kennel.hold)
    stop_later(apart)
    with watched(apart, virtual, kennel.report):
        apart.run()

    assert virtual.passed > 2000
    assert 10 <= kennel.holds[0].seconds < 1000


def test_a_report_that_fails_is_logged_and_harms_nobody(
    reactor: Reactor, caplog: pytest.LogCaptureFixture
) -> None:
    kennel = Kennel()

    def report(hold: Hold) -> None:
        kennel.report(hold)
        raise ValueError("of the report")

    reactor.call_soon(kennel.hold)
    stop_later(reactor)
    with Watchdog(reactor, SHORT, report):
        reactor.run()

    assert kennel.holds[-1].over
    assert {record.levelname for record in caplog.records} == {"ERROR"}
    assert "of the report" in caplog.text


def test_without_a_report_it_is_logged(reactor: Reactor, caplog: pytest.LogCaptureFixture) -> None:
    logged = threading.Event()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logged.set()

    handler = Handler()
    logging.getLogger("reactor").addHandler(handler)
    try:
        reactor.call_soon(logged.wait)
        stop_later(reactor)
        with Watchdog(reactor, SHORT):
            reactor.run()
    finally:
        logging.getLogger("reactor").removeHandler(handler)

    first, *_, last = [record.getMessage() for record in caplog.records]
    assert re.match(
        r"<Handle Event.wait .*> has held the loop for 0\.\d+ seconds, and holds it\n", first
    )
    assert "\n  at Event.wait (" in first
    assert re.match(r"<Handle Event.wait .*> held the loop for 0\.", last)
    assert last.endswith("seconds, and has let it go")


def test_a_turn_of_many_says_what_runs_now() -> None:
    with Reactor() as reactor:
        handle = reactor.call_soon(int)
        hold = Hold(reactor, handle, alone=False, seconds=0.5, stack=(), over=False)

    assert str(hold) == (
        "a turn of many calls has held the loop for 0.500 seconds, and holds it; "
        f"now it runs {handle!r}"
    )


def test_it_ends_with_its_reactor() -> None:
    virtual = VirtualTime()
    before = threading.active_count()
    with Reactor(clock=virtual.clock) as reactor:
        watchdog = watched(reactor, virtual, print)
        virtual.wait_for(1)
    watchdog.close()
    watchdog.close()

    assert threading.active_count() == before


def test_a_forked_child_has_none(reactor: Reactor) -> None:
    with Watchdog(reactor, SHORT) as watchdog:
        child = os.fork()
        if not child:
            code = 1
            with suppress(BaseException):
                watchdog.close()
                code = 0
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_it_may_be_closed_by_its_own_report(reactor: Reactor) -> None:
    closed = threading.Event()

    def report(hold: Hold) -> None:
        watchdog.close()
        closed.set()

    watchdog = Watchdog(reactor, SHORT, report)
    reactor.call_soon(closed.wait)
    stop_later(reactor)
    reactor.run()
    watchdog.close()

    assert closed.is_set()


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_limit_that_cannot_be_is_refused(reactor: Reactor, seconds: float) -> None:
    with pytest.raises(ValueError, match="give more than 0"):
        Watchdog(reactor, seconds)


def test_it_says_what_it_looks_after(reactor: Reactor) -> None:
    with Watchdog(reactor, 2.5) as watchdog:
        assert repr(watchdog) == f"<Watchdog of {reactor!r}, 2.5 s>"
