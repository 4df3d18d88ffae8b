"""What a watchdog takes for a hold, by a time that passes when it sleeps."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from reactor import Reactor
from reactor.watch import Hold, Pulse
from tests.threads import all_threads
from tests.watch.kennel import Kennel, VirtualTime, stop_later, watched


@pytest.fixture
def virtual(request: pytest.FixtureRequest) -> VirtualTime:
    """Time without jumps, unless the test asks for some."""
    return VirtualTime(getattr(request, "param", 0.0))


@pytest.fixture
def apart(virtual: VirtualTime) -> Iterator[Reactor]:
    """A reactor in that time."""
    with Reactor(clock=virtual.clock) as made:
        yield made


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
    apart.belonging(Pulse)
    apart.call_soon(apart.stop)
    apart.run()
    with watched(apart, virtual, kennel.report):
        virtual.wait_for(10)

    assert kennel.holds == []


def test_a_loop_that_sleeps_is_not_held(apart: Reactor, virtual: VirtualTime) -> None:
    kennel = Kennel()
    told_in_its_sleep: list[list[Hold]] = []

    def wake_it() -> None:
        virtual.wait_for(10)
        told_in_its_sleep.append(list(kennel.holds))  # awake, it may take long in that time
        apart.call_threadsafe(apart.stop)

    with watched(apart, virtual, kennel.report):
        other = threading.Thread(target=wake_it)
        other.start()
        apart.run()
        other.join()

    assert told_in_its_sleep == [[]]


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


def test_it_ends_with_its_reactor() -> None:
    virtual = VirtualTime()
    before = all_threads()
    with Reactor(clock=virtual.clock) as reactor:
        watchdog = watched(reactor, virtual, print)
        virtual.wait_for(1)
    watchdog.close()
    watchdog.close()

    assert not all_threads() - before


@pytest.mark.parametrize("virtual", [1000.0], indirect=True)
def test_nor_does_it_count_in_what_a_hold_took_in_all(apart: Reactor, virtual: VirtualTime) -> None:
    kennel, gone_on, over = Kennel(), threading.Event(), threading.Event()

    def report(hold: Hold) -> None:
        kennel.report(hold)
        if not hold.over:
            gone_on.wait()  # the turn ends while its report is written
        else:
            over.set()

    apart.call_soon(kennel.hold)
    apart.call_soon(apart.call_soon, gone_on.set)
    apart.call_soon(lambda: apart.call_soon(over.wait))
    stop_later(apart)
    with watched(apart, virtual, report):
        apart.run()

    first, last = kennel.holds[:2]
    assert last.over
    assert first.seconds <= last.seconds < 1000


def test_the_end_of_a_hold_is_told_at_once_if_it_comes_while_a_report_is_written(
    apart: Reactor, virtual: VirtualTime
) -> None:
    kennel, gone_on, over = Kennel(), threading.Event(), threading.Event()
    naps: list[int] = []

    def report(hold: Hold) -> None:
        naps.append(virtual.naps)
        kennel.report(hold)
        if not hold.over:
            gone_on.wait()
        else:
            over.set()

    apart.call_soon(kennel.hold)
    apart.call_soon(apart.call_soon, gone_on.set)
    apart.call_soon(lambda: apart.call_soon(over.wait))
    stop_later(apart)
    with watched(apart, virtual, report):
        apart.run()

    assert naps[0] == naps[1]


@pytest.mark.parametrize("begins_first", [True, False])
def test_a_turn_begins_anew_that_began_in_the_rest_in_which_the_process_was_stopped(
    apart: Reactor, virtual: VirtualTime, begins_first: bool
) -> None:
    kennel, holding = Kennel(), threading.Event()
    pulse = apart.belonging(Pulse)
    passed: list[float] = []

    def hold() -> None:
        holding.set()
        kennel.hold()
        apart.stop()

    def begin() -> None:
        apart.call_threadsafe(hold)
        holding.wait()

    def stop_the_process() -> None:
        virtual.passed += 1000

    def meanwhile() -> None:
        if not pulse.awake and not holding.is_set():
            for do in (begin, stop_the_process) if begins_first else (stop_the_process, begin):
                do()
            passed.append(virtual.passed)

    def report(hold: Hold) -> None:
        passed.append(virtual.passed)
        kennel.report(hold)

    virtual.meanwhile = meanwhile
    with watched(apart, virtual, report):
        apart.run()

    stopped, told = passed[:2]
    assert 10 <= kennel.holds[0].seconds < 1000
    assert told - stopped < 1000


def test_so_does_one_that_came_after_the_turn_that_was_followed(
    apart: Reactor, virtual: VirtualTime
) -> None:
    kennel = Kennel()
    followed, let_go, holding = threading.Event(), threading.Event(), threading.Event()
    naps: list[None] = []

    def hold_a_little() -> None:
        followed.set()
        let_go.wait()

    def hold() -> None:
        holding.set()
        kennel.hold()
        apart.stop()

    def meanwhile() -> None:
        if not followed.is_set() or holding.is_set():
            return
        naps.append(None)
        if len(naps) == 2:  # one may have been under way
            apart.call_threadsafe(apart.call_soon, hold)
            let_go.set()
            holding.wait()
            virtual.passed += 1000

    virtual.meanwhile = meanwhile
    apart.call_soon(hold_a_little)
    with watched(apart, virtual, kennel.report):
        apart.run()

    assert 10 <= kennel.holds[0].seconds < 1000
