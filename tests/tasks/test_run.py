"""run: from ordinary code into coroutines, and out again."""

from __future__ import annotations

import threading

import pytest

from reactor import (
    BusyError,
    Cancelled,
    ClosedError,
    Reactor,
    ReactorError,
    Steps,
    TaskCancelledError,
    TaskGroup,
    WrongThreadError,
    checkpoint,
    coroutine,
    current_task,
    run,
    running,
    sleep,
)
from reactor.poller import default_poller
from reactor.tasks import run_in
from reactor.testing import VirtualClock, VirtualPoller, World
from tests.tasks.parts import Notes, fail_with, for_ever, give


async def add(one: int, other: int) -> int:
    await checkpoint()
    return one + other


def test_run_returns_what_the_main_task_returned() -> None:
    assert run(add, 1, 2) == 3


def test_run_takes_a_generator_coroutine() -> None:
    @coroutine
    def main() -> Steps[str]:
        yield from checkpoint()
        return "generated"

    assert run(main) == "generated"


def test_run_raises_what_the_main_task_raises() -> None:
    error = ValueError("main")

    with pytest.raises(ValueError, match="main") as info:
        run(fail_with, error)

    assert info.value is error


def test_run_uses_the_poller_the_clock_and_the_tracer_that_it_is_given() -> None:
    clock, notes = VirtualClock(5.0), Notes()

    async def main() -> float:
        await sleep(3600)
        return current_task().reactor.now()

    assert run(main, poller=VirtualPoller(clock, default_poller()), clock=clock, tracer=notes) == (
        3605.0
    )
    assert notes.lines[0] == "main sets out"


def test_run_closes_its_reactor() -> None:
    async def main() -> Reactor:
        await checkpoint()
        return current_task().reactor

    with pytest.raises(ClosedError):
        run(main).turn()


def test_run_refuses_inside_of_run(world: World) -> None:
    async def main() -> None:
        with pytest.raises(BusyError, match="runs in this thread already"):
            run(for_ever)

    world.run(main)


def test_a_task_that_wrongly_runs_its_own_reactor_stays_the_current_one(world: World) -> None:
    async def main() -> None:
        task = current_task()
        with pytest.raises(BusyError):
            run_in(task.reactor, for_ever)
        assert current_task() is task

    world.run(main)


def test_a_reactor_that_is_run_in_stays_open(world: World) -> None:
    assert world.run(give, 1) == 1
    assert world.run(give, 2) == 2
    assert world.clock.now == 2.0


def test_run_in_leaves_what_is_none_of_its_own_to_the_next_run(world: World) -> None:
    calls: list[str] = []

    async def main() -> None:
        current_task().reactor.call_later(1, calls.append, "later")

    world.run(main)
    before = list(calls)
    world.run_until(1)

    assert (before, calls) == ([], ["later"])


def test_run_in_says_so_if_the_reactor_is_stopped_under_it(world: World) -> None:
    async def main() -> None:
        current_task().reactor.stop()
        await for_ever()

    with pytest.raises(ReactorError, match=r"was stopped before <Task .*main, done> was"):
        world.run(main)


def test_a_main_task_that_ends_in_the_turn_of_a_stop_has_ended(world: World) -> None:
    async def main() -> str:
        current_task().reactor.stop()
        return "the end"

    assert world.run(main) == "the end"


def test_a_reactor_can_be_run_again_after_it_was_stopped(world: World) -> None:
    async def main() -> None:
        current_task().reactor.stop()
        await for_ever()

    with pytest.raises(ReactorError):
        world.run(main)

    assert world.run(give, "again") == "again"


def test_a_main_task_that_raises_cancelled_by_itself_has_no_result(world: World) -> None:
    with pytest.raises(TaskCancelledError):
        world.run(fail_with, Cancelled())


def test_no_reactor_runs_behind_run() -> None:
    run(checkpoint)

    assert running() is None


def test_run_in_refuses_a_reactor_of_another_thread() -> None:
    refusals: list[BaseException] = []

    def elsewhere() -> None:
        with pytest.raises(WrongThreadError) as info:
            run_in(reactor, for_ever)
        refusals.append(info.value)

    with Reactor() as reactor:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()

    assert len(refusals) == 1


def test_run_in_refuses_a_reactor_that_is_closed() -> None:
    reactor = Reactor()
    reactor.close()

    with pytest.raises(ClosedError):
        run_in(reactor, for_ever)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_an_exit_in_the_main_task_is_raised_as_it_is(
    kind: type[BaseException], world: World
) -> None:
    error = kind()

    with pytest.raises(kind) as info:
        world.run(fail_with, error)

    assert info.value is error


def test_an_exit_deep_in_groups_is_raised_by_itself_and_names_the_group_as_its_cause(
    world: World,
) -> None:
    exit_3 = SystemExit(3)

    async def child() -> None:
        async with TaskGroup() as inner:
            inner.spawn(fail_with, ValueError("beside it"))
            inner.spawn(fail_with, exit_3)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(child)
            group.spawn(for_ever)

    with pytest.raises(SystemExit) as info:
        world.run(main)

    assert info.value is exit_3
    assert isinstance(info.value.__cause__, BaseExceptionGroup)


def test_a_group_without_an_exit_is_raised_as_it_is(world: World) -> None:
    class Quit(BaseException):
        """Somebody's own."""

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(fail_with, ValueError("one"))
            group.spawn(fail_with, Quit("two"))

    with pytest.raises(BaseExceptionGroup, match="2 failures in a task group"):
        world.run(main)
