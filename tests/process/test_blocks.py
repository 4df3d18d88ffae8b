"""Blocks: a process does not outlive its own, however that is left."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable
from math import inf
from subprocess import PIPE

import pytest

from reactor import (
    DeadlockError,
    Operation,
    Reactor,
    Scope,
    Steps,
    TaskGroup,
    checkpoint,
    coroutine,
    move_on_after,
    run_in,
    sleep,
    wait,
)
from reactor.process import Process
from reactor.testing import World
from tests.process.parts import POLITE, STUBBORN, begun, ready
from tests.tasks.parts import for_ever

Body = Callable[[], Operation[object]]


@coroutine
def as_run(process: Process, body: Body) -> Steps[None]:
    yield from process.run(body)


async def as_async_with(process: Process, body: Body) -> None:
    async with process:
        await body()


each_block = pytest.mark.parametrize("block", [as_run, as_async_with], ids=["run", "async with"])
Block = Callable[[Process, Body], Operation[None]]


@coroutine
def nothing() -> Steps[None]:
    yield from checkpoint()


@each_block
def test_left_in_good_order_it_waits_for_the_end(block: Block, each_way: Reactor) -> None:
    process = Process("cat", stdin=PIPE, stdout=PIPE)  # which ends at the end of its input

    run_in(each_way, block, process, nothing)

    assert process.returncode == 0


@each_block
def test_who_writes_on_to_a_block_that_is_left_ends_too(block: Block, reactor: Reactor) -> None:
    process = Process("sh", "-c", "while echo y; do :; done", stdout=PIPE, stderr=PIPE)

    run_in(reactor, block, process, nothing)

    assert process.returncode is not None


@each_block
def test_left_by_an_exception_it_is_asked_to_end(block: Block, each_way: Reactor) -> None:
    process = Process("sleep", "60", stdin=PIPE)

    @coroutine
    def body() -> Steps[None]:
        yield from checkpoint()
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        run_in(each_way, block, process, body)
    assert process.returncode == -signal.SIGTERM


@each_block
def test_cancelled_it_is_asked_to_end(block: Block, each_way: Reactor) -> None:
    process = Process("sleep", "60")

    async def main() -> bool:
        with move_on_after(0.01) as scope:
            await wait(block(process, lambda: wait(for_ever())))
        return scope.cancelled_caught

    assert run_in(each_way, main)
    assert process.returncode == -signal.SIGTERM


@each_block
def test_one_that_does_not_end_is_killed_after_the_grace(block: Block, each_way: Reactor) -> None:
    process = Process(*STUBBORN, stdout=PIPE, grace_seconds=0.01)

    @coroutine
    def body() -> Steps[None]:
        yield from ready(process)
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        run_in(each_way, block, process, body)
    assert process.returncode == -signal.SIGKILL


def test_who_ends_within_the_grace_is_not_killed(each_way: Reactor) -> None:
    process = Process(*POLITE, stdout=PIPE, grace_seconds=inf)

    async def main() -> None:
        with Scope() as scope:
            async with process:
                await ready(process)
                scope.cancel()
                await checkpoint()

    run_in(each_way, main)

    assert process.returncode == 7


@each_block
def test_cancelled_while_it_waits_at_the_end_it_is_asked_to_end(
    block: Block, each_way: Reactor
) -> None:
    process = Process("sleep", "60")

    async def main() -> bool:
        with move_on_after(0.01) as scope:
            await wait(block(process, nothing))
        return scope.cancelled_caught

    assert run_in(each_way, main)
    assert process.returncode == -signal.SIGTERM


def test_the_pipes_of_a_block_that_is_left_are_closed(reactor: Reactor) -> None:
    process = Process("cat", stdin=PIPE, stdout=PIPE, stderr=PIPE)

    run_in(reactor, process.run, nothing)

    assert "-1" in repr(process.stdin)
    assert "-1" in repr(process.stdout)
    assert "-1" in repr(process.stderr)


def test_no_cancellation_breaks_off_a_stop(each_way: Reactor) -> None:
    log: list[str] = []

    async def main() -> None:
        async with Process(*STUBBORN, stdout=PIPE, grace_seconds=0.01) as process:
            await ready(process)
            with Scope() as scope:
                scope.cancel()
                await process.stop()
                log.append("stopped")
                await checkpoint()
            assert (scope.cancelled_caught, log) == (True, ["stopped"])
            assert process.returncode == -signal.SIGKILL

    run_in(each_way, main)


def test_cancelled_in_whatever_turn_it_is_reaped(each_way: Reactor) -> None:
    async def life(process: Process) -> None:
        async with process:
            await process.stdin.send_all(b"x")
            await process.stdout.receive_exactly(1)
            process.stdin.close()
            await process.wait()

    async def main(turns: int) -> Process:
        process = Process("cat", stdin=PIPE, stdout=PIPE)
        async with TaskGroup() as group:
            group.spawn(life, process)
            for _ in range(turns):
                await checkpoint()
            group.cancel()
        return process

    for turns in range(2, 12):
        assert run_in(each_way, main, turns).returncode in (0, -signal.SIGTERM)


def test_a_coroutine_that_is_closed_kills_at_once(each_way: Reactor) -> None:
    process = Process(*STUBBORN)
    task = begun(each_way, process)

    with each_way.standing_in(task):
        task.steps.close()

    assert process.returncode == -signal.SIGKILL


def test_a_stop_that_is_closed_kills_at_once(each_way: Reactor) -> None:
    process = Process(*STUBBORN, stdout=PIPE, grace_seconds=inf)

    async def main() -> None:
        async with process:
            await ready(process)
            each_way.call_later(0.01, each_way.stop)
            await process.stop()

    with pytest.raises(Exception, match="was stopped before"):
        run_in(each_way, main)
    assert process.returncode == -signal.SIGKILL


def test_an_async_generator_that_is_let_go_kills_at_once(reactor: Reactor) -> None:
    process = Process("sleep", "60")

    async def lines() -> AsyncIterator[int]:
        async with process:
            yield 1

    async def main() -> None:
        async for _ in lines():
            break

    run_in(reactor, main)

    assert process.returncode == -signal.SIGKILL


def test_a_keyboard_interrupt_kills_at_once(each_way: Reactor) -> None:
    process = Process("sleep", "60")

    async def main() -> None:
        async with process:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_in(each_way, main)
    assert process.returncode == -signal.SIGKILL


def test_a_reactor_that_is_closed_kills_whom_nobody_waits_for(each_way: Reactor) -> None:
    process = Process("sleep", "60", stdin=PIPE)
    task = begun(each_way, process)

    each_way.close()

    assert process.returncode == -signal.SIGKILL
    with each_way.standing_in(task):
        task.steps.close()


def test_a_world_does_not_wait_for_processes(seed: int | None) -> None:
    process = Process("cat", stdin=PIPE)

    with World(seed=seed) as world, pytest.raises(DeadlockError):
        world.run(process.run, process.wait)

    assert process.returncode == -signal.SIGKILL


def test_a_failure_elsewhere_stops_it(reactor: Reactor) -> None:
    process = Process("sleep", "60")

    async def fail() -> None:
        await sleep(0.01)
        raise ValueError("elsewhere")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(process.run, for_ever)
            group.spawn(fail)

    with pytest.raises(ExceptionGroup):
        run_in(reactor, main)
    assert process.returncode == -signal.SIGTERM
