"""Threads: under debug, tasks are moved by the thread of their reactor only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from reactor import (
    Reactor,
    Scope,
    Task,
    TaskGroup,
    WaitQueue,
    WrongThreadError,
    checkpoint,
    run_in,
    sleep,
)
from tests.threads import in_thread

Move = Callable[[TaskGroup, WaitQueue[str], Task[Any]], object]

MOVES: Final[dict[str, Move]] = {
    "wake_one": lambda group, queue, task: queue.wake_one("answer"),
    "wake_all": lambda group, queue, task: queue.wake_all("answer"),
    "wake": lambda group, queue, task: task.wake("answer"),
    "fail": lambda group, queue, task: task.fail(ValueError("cannot")),
    "spawn": lambda group, queue, task: group.spawn(sleep, 1),
    "cancel": lambda group, queue, task: group.cancel(),
}


@pytest.mark.parametrize("name", MOVES)
def test_tasks_are_moved_in_the_thread_of_their_reactor_only_in_debug(name: str) -> None:
    queue = WaitQueue[str]()
    ends: list[str] = []

    async def wait_in_line() -> None:
        ends.append(await queue)  # it stays in the queue when a call is refused

    async def main() -> None:
        async with TaskGroup() as group:
            task = group.spawn(wait_in_line)
            await checkpoint()
            with pytest.raises(WrongThreadError, match="belongs to another thread"):
                in_thread(lambda: MOVES[name](group, queue, task))
            assert not group.cancel_called
            assert queue.wake_one("the reactor's own")

    with Reactor(debug=True) as reactor:
        run_in(reactor, main)

    assert ends == ["the reactor's own"]


def test_a_scope_that_nobody_is_in_may_be_cancelled_anywhere() -> None:
    scope = Scope()

    in_thread(scope.cancel)

    assert scope.cancel_called
