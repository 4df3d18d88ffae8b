"""What strict mypy infers of looking: from within, and into a live process."""

from __future__ import annotations

from pathlib import Path
from types import FrameType
from typing import Any, assert_type

from reactor import Reactor, Runnable, Task, run, sleep
from reactor.loop import Sight, Wait
from reactor.tasks import Roots
from reactor.watch import (
    Inspected,
    Inspector,
    Place,
    Pulse,
    explain,
    inspectable,
    stack_of,
)


def from_within(reactor: Reactor, task: Task[Any]) -> None:
    assert_type(explain(reactor), str)
    assert_type(stack_of(task), list[Place])


def from_another_thread(reactor: Reactor) -> None:
    assert_type(reactor.sight(), Sight)
    assert_type(reactor.run_by(None), tuple[Runnable | None, list[FrameType]])
    assert_type(reactor.belonging(Roots), Roots)


def a_pulse(reactor: Reactor) -> None:
    pulse = reactor.belonging(Pulse)
    assert_type(pulse, Pulse)
    assert_type(pulse.turns, int)
    assert_type(pulse.asleep, float)
    assert_type(pulse.awake, bool)


def round_the_wait(wait: Wait) -> Wait:
    def heard(patience: float | None) -> list[tuple[int, int]]:
        return wait(patience)

    return heard


def allowed() -> None:
    with Reactor(inspect=True) as reactor:
        assert_type(reactor.belonging(Inspector).path, Path | None)
        reactor.around_wait(round_the_wait)
    run(sleep, 0, inspect=False)


def into_a_process() -> None:
    found = inspectable()
    assert_type(found, list[Inspected])
    assert_type(found[0].ask("tasks", "lag", seconds=1.0), dict[str, Any])
