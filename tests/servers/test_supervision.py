"""Workers are replaced: at once, or ever more rarely."""

from __future__ import annotations

from collections.abc import Callable

from servers.journal import Journal
from servers.supervision import Supervisor


class Office:
    """Where workers are hired, on a clock that stands still until it is told."""

    def __init__(self, count: int = 1) -> None:
        self.now = 0.0
        self.hired: list[float] = []
        self.later: list[tuple[float, Callable[[], object]]] = []
        self.refuse = 0
        self.supervisor = Supervisor(
            count, self._hire, self._call_later, Journal(quiet=True), clock=lambda: self.now
        )
        self.supervisor.start()

    def _hire(self) -> int:
        if self.refuse:
            self.refuse -= 1
            raise BlockingIOError("no more processes")
        self.hired.append(self.now)
        return len(self.hired)

    def _call_later(self, seconds: float, fn: Callable[[], object]) -> None:
        self.later.append((seconds, fn))

    def wait(self) -> float:
        """Let the pause go by, and return how long it was."""
        seconds, fn = self.later.pop()
        self.now += seconds
        fn()
        return seconds


def test_as_many_workers_are_hired_as_are_wanted() -> None:
    assert Office(3).supervisor.workers == [1, 2, 3]


def test_a_worker_who_has_lived_is_replaced_at_once() -> None:
    office = Office()
    office.now = 5.0
    office.supervisor.gone(1)
    assert office.supervisor.workers == [2]


def test_workers_who_die_at_once_are_replaced_ever_more_rarely() -> None:
    office = Office()
    pauses = []
    for number in range(1, 10):
        office.supervisor.gone(number)
        pauses.append(office.wait())
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]


def test_a_worker_who_lives_makes_up_for_those_who_did_not() -> None:
    office = Office()
    for number in (1, 2, 3):
        office.supervisor.gone(number)
        office.wait()
    office.now += 1.0
    office.supervisor.gone(4)
    office.supervisor.gone(5)
    assert office.wait() == 0.1


def test_a_worker_who_is_refused_is_tried_again() -> None:
    office = Office()
    office.refuse = 2
    office.supervisor.gone(1)
    assert [office.wait() for _ in range(3)] == [0.1, 0.2, 0.4]
    assert office.supervisor.workers == [2]


def test_after_a_stop_nobody_is_hired() -> None:
    office = Office(2)
    office.supervisor.gone(1)
    office.supervisor.stop()
    office.wait()
    office.now += 10.0
    office.supervisor.gone(2)
    assert office.supervisor.workers == []
    assert office.supervisor.stopped
