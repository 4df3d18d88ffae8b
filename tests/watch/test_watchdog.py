"""A watchdog: tells what holds a loop while it is held, and nothing else."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from reactor import Reactor, ReactorError, current_task, run
from reactor.watch import Hold, Watchdog
from tests.threads import all_threads
from tests.watch.kennel import Kennel, stop_later

SHORT = 0.01


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    with Reactor() as made:
        yield made


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
    assert first.stack[0].file == Kennel.hold.__code__.co_filename


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


def test_it_is_told_too_if_the_loop_does_not_run_again(reactor: Reactor) -> None:
    kennel = Kennel()
    over = threading.Event()

    def report(hold: Hold) -> None:
        kennel.report(hold)
        if hold.over:
            over.set()

    reactor.call_soon(kennel.hold)
    reactor.call_soon(reactor.stop)
    with Watchdog(reactor, SHORT, report):
        reactor.run()
        over.wait()

    assert [hold.over for hold in kennel.holds].index(True) == len(kennel.holds) - 1


def test_a_task_that_holds_the_loop_is_told_with_its_own_stack() -> None:
    def is_inside(hold: Hold) -> bool:  # it may have looked while its own thread was started
        return "Kennel.hold" in [place.function for place in hold.stack]

    kennel = Kennel(lambda holds: is_inside(holds[-1]))

    async def inner() -> None:
        kennel.hold()

    async def main() -> None:
        with Watchdog(current_task().reactor, SHORT, kennel.report):
            await inner()

    run(main)

    told = next(hold for hold in kennel.holds if is_inside(hold))
    functions = [place.function for place in told.stack]
    assert functions[0].endswith("main")
    assert functions[1].endswith("inner")
    assert functions[2] == "Kennel.hold"
    assert repr(told.what).startswith("<Task ")


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


class _Slept(threading.Condition):
    """A bell that keeps for how long was slept, once that is over."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.slept: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.set()
        rang = super().wait(timeout)
        self.slept.append(timeout)
        return rang


@pytest.mark.parametrize("seconds", [1e300, float("inf")])
def test_a_limit_that_nothing_reaches_is_one_all_the_same(reactor: Reactor, seconds: float) -> None:
    bell = _Slept()
    with Watchdog(reactor, seconds, bell=bell):
        bell.asked.wait()

    assert bell.slept == [threading.TIMEOUT_MAX]


def test_it_says_what_it_looks_after(reactor: Reactor) -> None:
    with Watchdog(reactor, 2.5) as watchdog:
        assert repr(watchdog) == f"<Watchdog of {reactor!r}, 2.5 s>"


def test_each_of_several_loops_has_a_watchdog_of_its_own() -> None:
    kennels = [Kennel(), Kennel()]

    def serve(kennel: Kennel) -> None:
        with Reactor() as reactor, Watchdog(reactor, SHORT, kennel.report):
            reactor.call_soon(kennel.hold)
            reactor.call_soon(reactor.stop)
            reactor.run()

    threads = [threading.Thread(target=serve, args=(kennel,)) for kennel in kennels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    one, other = ({hold.reactor for hold in kennel.holds} for kennel in kennels)
    assert (len(one), len(other)) == (1, 1)
    assert one != other


# -- asked for by the environment

PROGRAM = """
import logging, threading
from reactor import run

told = threading.Event()

class Handler(logging.Handler):
    def emit(self, record):
        print(record.getMessage(), flush=True)
        told.set()

logging.getLogger("reactor").addHandler(Handler())

async def main():
    told.wait()

run(main)
"""


def test_the_environment_sets_one_on_a_program_that_knows_nothing_of_it() -> None:
    environment = {**os.environ, "REACTOR_WATCHDOG": str(SHORT)}
    command = [sys.executable, "-c", PROGRAM]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    first, *_, last = said.stdout.splitlines()
    assert re.match(r"<Task main.*> has held the loop for 0.*, and holds it$", first)
    assert last.endswith("seconds, and has let it go")


@pytest.mark.parametrize("seconds", ["much", "-1", "nan"])
def test_the_environment_cannot_ask_for_a_limit_that_cannot_be(
    monkeypatch: pytest.MonkeyPatch, seconds: str
) -> None:
    monkeypatch.setenv("REACTOR_WATCHDOG", seconds)

    with pytest.raises(ReactorError, match=rf"asks for '{seconds}' seconds; give a number above 0"):
        Reactor()


@pytest.mark.parametrize("seconds", ["", "0"])
def test_the_environment_may_ask_for_none(monkeypatch: pytest.MonkeyPatch, seconds: str) -> None:
    monkeypatch.setenv("REACTOR_WATCHDOG", seconds)
    before = all_threads()

    with Reactor():
        assert not all_threads() - before


def test_one_that_was_asked_for_ends_with_its_reactor_in_a_forked_child_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REACTOR_WATCHDOG", "5")
    before = all_threads()
    with Reactor() as reactor:
        assert len(all_threads() - before) == 1
        child = os.fork()
        if not child:
            code = 1
            with suppress(BaseException):
                reactor.close()
                code = 0
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    assert not all_threads() - before
