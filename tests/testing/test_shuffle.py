"""Seeds: what is ready is mixed, what is promised is kept, and the same seed does the same."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reactor import (
    DeadlockError,
    Reactor,
    Runnable,
    Started,
    TaskGroup,
    WaitQueue,
    all_of,
    checkpoint,
    current_task,
    move_on_after,
    sleep,
)
from reactor.net import Connection
from reactor.testing import ShuffledReactor, VirtualClock, World
from tests.tasks.parts import Notes
from tests.tasks.test_any_program import PROGRAMS, Program, perform
from tests.trials import examples

SEEDS = range(200)


def in_order(make: Callable[[World, list[str]], object], seed: int | None) -> str:
    """Return the order in which what make schedules runs, in one turn."""
    order: list[str] = []
    with World(seed=seed) as world:
        make(world, order)
        world.run_until(1.0)
    return "".join(order)


def orders(make: Callable[[World, list[str]], object]) -> set[str]:
    """Return all orders that the seeds bring."""
    return {in_order(make, seed) for seed in SEEDS}


class Named(Runnable):
    """Notes that it runs."""

    def __init__(self, name: str, order: list[str]) -> None:
        self.name = name
        self.order = order

    def run(self) -> None:
        self.order.append(self.name)


def queue_three(world: World, order: list[str]) -> None:
    world.reactor.ready.extend(Named(name, order) for name in "abc")


# -- what is mixed


def test_without_a_seed_it_is_first_come_first_run() -> None:
    assert in_order(queue_three, None) == "abc"


def test_with_seeds_every_order_comes() -> None:
    assert orders(queue_three) == {"abc", "acb", "bac", "bca", "cab", "cba"}


def test_tasks_that_were_spawned_together_begin_in_any_order() -> None:
    async def main(order: list[str]) -> None:
        async def task(name: str) -> None:
            order.append(name)

        async with TaskGroup() as group:
            for name in "abc":
                group.spawn(task, name)

    seen = set()
    for seed in SEEDS:
        order: list[str] = []
        with World(seed=seed) as world:
            world.run(main, order)
        seen.add("".join(order))
    assert len(seen) == 6


def test_tasks_that_slept_until_the_same_moment_go_on_in_any_order() -> None:
    async def main(order: list[str]) -> None:
        async def long() -> None:
            await sleep(1)
            order.append("long")

        async def short() -> None:
            await sleep(0.25)
            await sleep(0.75)  # its timer is made after the other's, whoever begins first
            order.append("short")

        await all_of(long, short)

    seen = set()
    for seed in range(40):
        order: list[str] = []
        with World(seed=seed) as world:
            world.run(main, order)
        seen.add(" ".join(order))
    assert seen == {"long short", "short long"}


def test_watches_that_are_ready_in_one_turn_are_called_in_any_order() -> None:
    def watch(world: World, order: list[str]) -> None:
        for name in "ab":
            near, far = socket.socketpair()
            socks.extend((near, far))
            world.reactor.on_writable(near, note, world, near, order, name)

    def note(world: World, sock: socket.socket, order: list[str], name: str) -> None:
        world.reactor.forget(sock)
        order.append(name)

    socks: list[socket.socket] = []
    try:
        assert {in_order(watch, seed) for seed in range(40)} == {"ab", "ba"}
    finally:
        for sock in socks:
            sock.close()


def test_a_call_and_a_timer_of_one_turn_may_pass_each_other() -> None:
    def schedule(world: World, order: list[str]) -> None:
        world.reactor.call_soon(order.append, "c")
        world.reactor.call_at(0.0, order.append, "t")

    assert orders(schedule) == {"ct", "tc"}


# -- what is kept


def test_calls_keep_their_order_among_themselves() -> None:
    def schedule(world: World, order: list[str]) -> None:
        for name in "123":
            world.reactor.ready.append(Named("x", order))
            world.reactor.call_soon(order.append, name)

    seen = orders(schedule)

    assert {order.replace("x", "") for order in seen} == {"123"}
    assert len(seen) == 20  # every way to mix three with three


def test_timers_keep_their_order_by_moment_and_then_by_age() -> None:
    def schedule(world: World, order: list[str]) -> None:
        world.reactor.call_at(0.5, order.append, "2")
        world.reactor.call_at(0.25, order.append, "1")
        world.reactor.call_at(0.5, order.append, "3")
        world.reactor.call_at(0.0, setattr, world.clock, "now", 0.75)  # all are due at once

    assert orders(schedule) == {"123"}


def test_what_becomes_ready_meanwhile_waits_for_the_next_turn() -> None:
    def schedule(world: World, order: list[str]) -> None:
        world.reactor.ready.extend(Named(name, order) for name in "aa")
        world.reactor.call_soon(world.reactor.ready.append, Named("b", order))

    assert orders(schedule) == {"aab"}


def test_a_reactor_that_mixes_is_a_reactor_like_any_other() -> None:
    heard: list[Exception] = []
    with ShuffledReactor(
        7, clock=VirtualClock(), on_error=lambda what, error: heard.append(error)
    ) as reactor:
        assert isinstance(reactor, Reactor)
        reactor.call_soon(int, "seven")
        reactor.turn()
    assert [type(error) for error in heard] == [ValueError]


def test_a_world_tells_its_seed() -> None:
    with World(seed=7) as world, World() as plain:
        assert (world.seed, plain.seed) == (7, None)
        assert repr(world) == "<World at 0 s, seed 7>"
        assert repr(plain) == "<World at 0 s>"


# -- programs that rely on no more than they were promised


async def through_a_queue() -> list[int]:
    queue, got = WaitQueue[int](), list[int]()

    async def stand() -> None:
        got.append(await queue)

    async with TaskGroup() as group:
        for _ in range(3):
            group.spawn(stand)
        await sleep(1)
        for number in range(3):
            queue.wake_one(number)
    return sorted(got)


async def in_time() -> list[float]:
    async def nap(seconds: float) -> float:
        with move_on_after(2):
            await sleep(seconds)
        return current_task().reactor.now()

    return await all_of(*(partial(nap, seconds) for seconds in (1, 2, 3, 1)))


async def by_start() -> str:
    async def serve(started: Started[str]) -> None:
        started("ready")
        await sleep(1)

    async with TaskGroup() as group:
        await group.start(serve)
    return "both"


async def failures() -> list[str]:
    async def fail(name: str) -> None:
        await sleep(1)
        raise ValueError(name)

    try:
        async with TaskGroup() as group:
            for name in "ab":
                group.spawn(fail, name)
    except ExceptionGroup as errors:
        return sorted({type(error).__name__ for error in errors.exceptions})
    return []


async def over_sockets() -> bytes:
    async def echo(connection: Connection) -> None:
        with connection:
            async for line in connection.lines():
                await connection.send_all(line[::-1])

    reactor = current_task().reactor
    near, far = socket.socketpair()
    with Connection(reactor, near) as here:
        async with TaskGroup() as group:
            group.spawn(echo, Connection(reactor, far))
            await here.send_all(b"one\ntwo\n")
            await here.send_end()
            reply = await here.receive_exactly(6)
            group.cancel()
    return reply


@pytest.mark.parametrize("program", [through_a_queue, in_time, by_start, failures, over_sockets])
def test_a_program_that_relies_on_no_more_than_its_promises_gives_the_same_under_every_seed(
    program: Callable[[], object],
) -> None:
    results: list[object] = []
    for seed in (None, *SEEDS):
        with World(seed=seed) as world:
            results.append(world.run(program))  # type: ignore[arg-type] # each is an async def

    assert results == results[:1] * len(results)


def test_one_that_relies_on_more_is_found() -> None:
    async def main() -> str:
        told: list[str] = []

        async def begin() -> None:
            told.append("begun")

        async with TaskGroup() as group:
            group.spawn(begin)
            await checkpoint()  # both go on in the next turn, and nothing says who is first
            told.append("went on")
        return ", ".join(told)

    results = set()
    for seed in range(20):
        with World(seed=seed) as world:
            results.add(world.run(main))
    assert results == {"begun, went on", "went on, begun"}


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PROGRAMS, st.integers())
def test_any_program_keeps_the_laws_of_cancellation_under_any_seed(
    program: Program, seed: int
) -> None:
    perform(program, seed)


@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PROGRAMS, st.integers())
def test_any_program_does_the_same_each_time_under_one_seed(program: Program, seed: int) -> None:
    assert perform(program, seed) == perform(program, seed)


def test_another_seed_is_another_run() -> None:
    async def main() -> None:
        async def one() -> None:
            await checkpoint()

        async def other() -> None:
            await checkpoint()

        await all_of(one, other)

    def trace(seed: int) -> list[str]:
        notes = Notes()
        with World(seed=seed, tracer=notes) as world:
            world.run(main)
        return notes.lines

    assert trace(1) == trace(1)
    assert len({"\n".join(trace(seed)) for seed in range(9)}) > 1


def test_a_deadlock_is_found_under_a_seed_too() -> None:
    with World(seed=1) as world, pytest.raises(DeadlockError):
        world.run(WaitQueue[None])
