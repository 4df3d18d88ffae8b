"""Several tracers at once."""

from __future__ import annotations

import pytest

from reactor import Reactor, Runnable, Tracer
from reactor.loop import Enough
from reactor.testing import TracerContract, World
from reactor.watch import Steps, Tracers


class TestTracers(TracerContract):
    def make(self) -> Tracer:
        return Tracers(Steps(), Tracer(), Steps())


class TestSteps(TracerContract):
    def make(self) -> Tracer:
        return Steps()


class Failing(Tracer):
    """Fails in the first thing that runs."""

    def __init__(self) -> None:
        self.told = 0

    def run(self, what: Runnable) -> None:
        self.told += 1
        raise ValueError("of the tracer")


def test_each_is_told_of_everything() -> None:
    told: list[tuple[int, str]] = []

    class Noting(Tracer):
        def __init__(self, number: int) -> None:
            self.number = number

        def run(self, what: Runnable) -> None:
            told.append((self.number, "run"))

        def wake(self, what: Runnable) -> None:
            told.append((self.number, "wake"))

    with World(tracer=Tracers(Noting(1), Noting(2))) as world:
        world.reactor.call_soon(int)
        world.reactor.turn()

    assert told == [(1, "wake"), (2, "wake"), (1, "run"), (2, "run")]


def test_one_that_fails_is_logged_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    failing, steps = Failing(), Steps()
    with Reactor(tracer=Tracers(failing, steps)) as reactor:
        for _ in range(3):
            reactor.call_soon(int)
        reactor.turn()

    assert (failing.told, steps.callbacks) == (1, 3)
    (record,) = caplog.records
    assert "failed in run, and is told no more" in record.getMessage()
    assert "of the tracer" in caplog.text


def test_one_that_has_heard_enough_is_told_no_more_without_a_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Satisfied(Tracer):
        told = 0

        def run(self, what: Runnable) -> None:
            self.told += 1
            raise Enough

    satisfied, steps = Satisfied(), Steps()
    with Reactor(tracer=Tracers(satisfied, steps)) as reactor:
        for _ in range(3):
            reactor.call_soon(int)
        reactor.turn()

    assert (satisfied.told, steps.callbacks) == (1, 3)
    assert caplog.records == []
