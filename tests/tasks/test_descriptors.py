"""Waiting on descriptors: the loop says when, the woken task makes the system call itself."""

from __future__ import annotations

import os
import socket

import pytest

from reactor import (
    BusyError,
    ClosedError,
    Scope,
    TaskGroup,
    WaitQueue,
    checkpoint,
    current_task,
    move_on_after,
    sleep,
    wait_readable,
    wait_writable,
)
from reactor.testing import World
from tests.tasks.parts import Pair, drain, fill, now


async def receive(sock: socket.socket, log: list[str]) -> None:
    """Wait for bytes, and note them or what comes instead."""
    try:
        await wait_readable(sock)
    except ClosedError:
        log.append("closed")
    else:
        log.append(sock.recv(100).decode())


def test_wait_readable_waits_until_there_is_something(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> tuple[float, bytes]:
        current_task().reactor.call_later(3, far.send, b"hello")
        await wait_readable(near)
        return now(), near.recv(100)

    assert world.run(main) == (3.0, b"hello")


def test_wait_readable_ends_with_the_peer(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> bytes:
        current_task().reactor.call_later(3, far.close)
        await wait_readable(near)
        return near.recv(100)

    assert world.run(main) == b""


def test_wait_writable_waits_until_there_is_room(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> tuple[float, int]:
        fill(near)
        current_task().reactor.call_later(3, drain, far)
        await wait_writable(near)
        return now(), near.send(b"x")

    assert world.run(main) == (3.0, 1)


def test_both_sides_of_a_descriptor_may_be_waited_for(world: World, pair: Pair) -> None:
    near, far = pair
    log: list[str] = []

    async def write() -> None:
        await wait_writable(near)
        log.append("writable")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(receive, near, log)
            group.spawn(write)
            await sleep(1)
            far.send(b"readable")

    world.run(main)

    assert log == ["writable", "readable"]


def test_a_side_has_one_waiter(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> None:
        async with TaskGroup() as group:
            task = group.spawn(wait_readable, near)
            await sleep(1)
            with pytest.raises(BusyError, match="already has a waiter") as info:
                await wait_readable(near)
            assert repr(task) in str(info.value)
            far.send(b"x")

    world.run(main)


@pytest.mark.in_order("one task comes between the wake and the turn of another")
def test_a_task_whose_place_another_took_before_its_turn_hears_of_the_close_too(
    world: World, pair: Pair
) -> None:
    near, far = pair
    log: list[str] = []

    async def second(turn: WaitQueue[None]) -> None:
        await turn
        await receive(near, log)

    async def main() -> None:
        turn = WaitQueue[None]()
        async with TaskGroup() as group:
            group.spawn(receive, near, log)
            group.spawn(second, turn)
            await checkpoint()
            turn.wake_one(None)  # runs next turn, before the first, which that turn finds readable
            world.reactor.call_soon(world.reactor.forget, near)
            far.send(b"x")

    world.run(main)

    assert log == ["closed", "closed"]


# -- cancelled


def test_a_wait_that_is_cancelled_lets_go_of_the_side(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> tuple[float, bytes]:
        with move_on_after(1):
            await wait_readable(near)
        current_task().reactor.call_later(1, far.send, b"later")
        await wait_readable(near)
        return now(), near.recv(100)

    assert world.run(main) == (2.0, b"later")


def test_a_cancellation_in_the_turn_of_the_wake_loses_no_byte_and_comes_at_the_next_park(
    world: World, pair: Pair
) -> None:
    near, far = pair
    log: list[str] = []

    async def main() -> None:
        scope = Scope()

        def at_once() -> None:
            far.send(b"bytes")
            reactor.call_soon(scope.cancel)  # before the reader, which the next wake queues

        reactor = current_task().reactor
        reactor.call_later(1, at_once)
        with scope:
            await receive(near, log)
            await sleep(1)
            log.append("not reached")
        log.append("behind")

    world.run(main)

    assert log == ["bytes", "behind"]


def test_a_task_that_is_ready_and_cancelled_is_queued_once(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> list[float]:
        scope, times = Scope(), list[float]()
        with scope:
            far.send(b"x")
            current_task().reactor.call_soon(scope.cancel)
            await wait_readable(near)
            times.append(now())
        for _ in range(3):  # a second entry in the queue would cut one of these short
            await sleep(5)
            times.append(now())
        return times

    assert world.run(main) == [0.0, 5.0, 10.0, 15.0]


# -- forgotten


def test_a_descriptor_forgotten_while_a_task_waits_on_it_is_a_closed_error(
    world: World, pair: Pair
) -> None:
    near, _ = pair

    async def main() -> None:
        current_task().reactor.call_later(1, current_task().reactor.forget, near)
        with pytest.raises(ClosedError, match=f"fd {near.fileno()} was closed on this side"):
            await wait_readable(near)
        await sleep(1)

    world.run(main)

    assert world.clock.now == 2.0


def test_a_descriptor_forgotten_while_its_task_is_ready_never_gives_bytes_of_the_next(
    world: World, pair: Pair
) -> None:
    near, far = pair
    log: list[str] = []

    async def main() -> None:
        trigger, string = socket.socketpair()
        fresh, other = socket.socketpair()
        other.send(b"of somebody else")

        async def closer() -> None:
            await wait_readable(trigger)
            current_task().reactor.forget(near)
            log.append("forgotten")
            os.dup2(fresh.fileno(), near.fileno())  # the number goes to the next connection

        with trigger, string, fresh, other:
            async with TaskGroup() as group:
                group.spawn(closer)
                group.spawn(receive, near, log)
                await sleep(1)
                string.send(b"x")
                far.send(b"of the first")
            current_task().reactor.forget(trigger)

    world.run(main)

    assert log in (["forgotten", "closed"], ["of the first", "forgotten"])


def test_a_forgotten_descriptor_beats_a_cancellation_that_comes_later_in_the_turn(
    world: World, pair: Pair
) -> None:
    near, _ = pair
    log: list[str] = []

    async def main() -> None:
        reactor = current_task().reactor
        with Scope() as scope:
            reactor.call_later(1, reactor.forget, near)
            reactor.call_later(1, scope.cancel)
            await receive(near, log)
            await checkpoint()
            log.append("not reached")

    world.run(main)

    assert log == ["closed"]


def test_a_cancellation_beats_a_descriptor_forgotten_later_in_the_turn(
    world: World, pair: Pair
) -> None:
    near, _ = pair
    log: list[str] = []

    async def main() -> bool:
        reactor = current_task().reactor
        with Scope() as scope:
            reactor.call_later(1, scope.cancel)
            reactor.call_later(1, reactor.forget, near)
            await receive(near, log)
        return scope.cancelled_caught

    assert world.run(main)
    assert log == []


def test_a_task_that_has_gone_on_is_not_hit_by_a_descriptor_that_it_left(
    world: World, pair: Pair
) -> None:
    near, far = pair

    async def main() -> float:
        reactor = current_task().reactor
        far.send(b"x")
        await wait_readable(near)
        reactor.call_later(1, reactor.forget, near)
        await sleep(2)
        return now()

    assert world.run(main) == 2.0


def test_what_is_no_descriptor_is_refused(world: World) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match=r"-1 is closed \(its descriptor is -1\)"):
            await wait_readable(-1)

    world.run(main)
