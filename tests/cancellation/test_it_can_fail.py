"""The trials themselves: an operation that leaves anything behind is found out."""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from typing import Any

import pytest

from reactor import (
    Cancelled,
    Scope,
    Task,
    WaitQueue,
    current_task,
    sleep,
    spawn_in,
    wait_readable,
)
from tests.cancellation.case import Case, case
from tests.cancellation.every_moment import Tally, cancelled_everywhere
from tests.cancellation.trial import Make, Trial, as_async_def, as_generator
from tests.tasks.parts import for_ever


def _of(make: Make) -> Case:
    """Return a case that waits for what make makes, and checks nothing."""

    @case("broken")
    async def program(trial: Trial) -> None:
        trial.attempt(make)
        await trial.was_cancelled()

    return program


def tried(what: Case | Make) -> Tally:
    return cancelled_everywhere(what if isinstance(what, Case) else _of(what), as_async_def)


def test_a_timer_that_is_left_is_found() -> None:
    async def careless() -> None:
        timer = current_task().reactor.call_later(60, print)
        await sleep(1)
        timer.cancel()

    with pytest.raises(AssertionError, match="has something to do in"):
        tried(careless)


@pytest.fixture
def fds() -> Iterator[list[int]]:
    """Descriptors that the test closes."""
    made: list[int] = []
    yield made
    for fd in made:
        os.close(fd)


def test_a_descriptor_that_is_left_is_found(fds: list[int]) -> None:
    async def careless() -> None:
        fds.append(os.dup(0))
        await sleep(1)
        os.close(fds.pop())

    with pytest.raises(AssertionError, match="descriptors are left"):
        tried(careless)


def test_a_descriptor_that_is_still_watched_is_found() -> None:
    @case("broken")
    async def program(trial: Trial) -> None:
        near, far = socket.socketpair()
        with near, far:
            trial.attempt(lambda: wait_readable(near))
            await sleep(1)
            far.send(b"here")
            if not await trial.was_cancelled():
                trial.reactor.forget(near)

    with pytest.raises(AssertionError, match="still watched"):
        tried(program)


class Sticky(WaitQueue[None]):
    """Lets a task go, and keeps its place."""

    def abort(self, task: Task[Any]) -> bool:
        return len(self) > 0


def test_one_that_still_stands_in_a_line_is_found() -> None:
    @case("broken")
    async def program(trial: Trial) -> None:
        line = Sticky()
        trial.attempt(lambda: line)
        await sleep(1)
        if not trial.cancelled:
            line.wake_one(None)
        await trial.was_cancelled()

    with pytest.raises(AssertionError, match="these still wait"):
        tried(program)


def test_data_that_is_lost_is_found() -> None:
    items = deque[str]()

    async def take_too_early() -> str:
        item = items.popleft()
        await sleep(1)
        return item

    @case("broken")
    async def program(trial: Trial) -> None:
        items.append("item")
        trial.attempt(take_too_early)
        assert not await trial.was_cancelled() or items.popleft() == "item"

    with pytest.raises(IndexError):
        tried(program)


def test_a_task_that_is_left_is_found() -> None:
    async def careless() -> None:
        aside = spawn_in(current_task().reactor, for_ever)
        await sleep(1)
        aside.cancel()

    with pytest.raises(AssertionError, match="tasks are left"):
        tried(careless)


def test_a_coroutine_that_is_left_is_found() -> None:
    kept: list[Coroutine[Any, Any, None]] = []

    async def careless() -> None:
        kept.append(for_ever())
        kept[0].send(None)
        await sleep(1)
        kept.pop().close()

    with pytest.raises(AssertionError, match="coroutines are left"):
        tried(careless)
    kept.pop().close()


def test_a_process_that_is_left_is_found() -> None:
    pids: list[int] = []

    async def careless() -> None:
        pids.append(os.posix_spawnp("true", ["true"], os.environ))
        await sleep(1)
        os.waitpid(pids.pop(), 0)

    try:
        with pytest.raises(AssertionError, match="a child is left"):
            tried(careless)
    finally:
        for pid in pids:
            with suppress(ChildProcessError):  # the look for it has reaped it, if it had ended
                os.waitpid(pid, 0)


def test_one_that_takes_its_time_to_be_cancelled_is_found() -> None:
    async def lazy() -> None:
        try:
            await sleep(1)
        except Cancelled:
            with Scope(shield=True):
                await sleep(2)
            raise

    with pytest.raises(AssertionError, match="it took 2 seconds of 0"):
        tried(lazy)


def test_a_case_that_parks_less_often_than_it_means_to_is_found() -> None:
    @case("broken", parks=2)
    async def program(trial: Trial) -> None:
        trial.attempt(lambda: sleep(1))
        await trial.was_cancelled()

    with pytest.raises(AssertionError, match="parks 1 times of 2"):
        tried(program)


def test_a_park_that_was_not_struck_is_found() -> None:
    naps = [1, 1]

    async def sleeps_less_the_next_time() -> None:
        while naps:
            await sleep(naps.pop())
        await sleep(1)

    with pytest.raises(AssertionError, match=r"it was not cancelled at \{[23, ]+\} of its parks"):
        tried(sleeps_less_the_next_time)


def test_one_that_raises_cancelled_by_itself_is_found() -> None:
    async def rude() -> None:
        await sleep(1)
        raise Cancelled

    with pytest.raises(AssertionError, match="it was cancelled by nobody"):
        tried(rude)


def test_a_failure_tells_which_moment_it_was() -> None:
    async def careless() -> None:
        timer = current_task().reactor.call_later(60, print)
        await sleep(1)
        timer.cancel()

    with pytest.raises(AssertionError) as info:
        tried(careless)
    assert info.value.__notes__ == ["in broken-program, as_async_def, cancelled before step 1"]


@pytest.mark.parametrize("form", [as_generator, as_async_def])
def test_each_park_is_struck_before_its_answer_and_in_its_turn_in_both_orders(form: Any) -> None:
    struck: set[tuple[float, bool]] = set()

    @case("WaitQueue")
    async def program(trial: Trial) -> None:
        queue = WaitQueue[None]()
        trial.attempt(lambda: queue)
        await sleep(1)
        answered = queue.wake_one(None)
        assert await trial.was_cancelled() is not answered
        if trial.cancelled:
            struck.add((trial.since, answered))

    tally = cancelled_everywhere(program, form)

    assert struck == {(0, False), (1, False), (1, True)}
    assert tally.struck == {1}
