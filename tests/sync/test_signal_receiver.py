"""SignalReceiver: real signals, for tasks, and everything as it was before afterwards."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from reactor import (
    BusyError,
    ClosedError,
    NotRunningError,
    ReactorError,
    Scope,
    Steps,
    Task,
    TaskGroup,
    WrongThreadError,
    checkpoint,
    coroutine,
    current_task,
    move_on_after,
    run,
    sleep,
)
from reactor.sync import SignalReceiver
from reactor.testing import World
from tests.tasks.parts import Form, each_form
from tests.threads import in_thread

ONE, OTHER = signal.SIGUSR1, signal.SIGUSR2


@pytest.fixture
def world(seed: int | None) -> Iterator[World]:
    """A reactor on which nothing sleeps; what nobody can receive comes out of it."""
    with World(seed=seed) as made:
        yield made


@pytest.fixture(autouse=True)
def all_as_before() -> Iterator[None]:
    """Whatever a test does, nobody watches for signals afterwards."""
    before = [signal.getsignal(each) for each in (ONE, OTHER)]
    yield
    assert [signal.getsignal(each) for each in (ONE, OTHER)] == before


async def heard() -> None:
    """Let the reactor hear of the signals that have come: the bell, then the watches."""
    for _ in range(3):
        await checkpoint()


def is_ready(task: Task[Any]) -> bool:
    """Tell whether task was woken, and has not run since."""
    return "ready" in repr(task)


# -- coming


@each_form
def test_next_waits_for_a_signal_and_returns_its_number(form: Form, world: World) -> None:
    async def main() -> int:
        with SignalReceiver(ONE, OTHER) as signals:
            current_task().reactor.call_later(1, signal.raise_signal, OTHER)
            return await form(signals.next)

    assert world.run(main) == OTHER


def test_async_for_brings_one_after_the_other(world: World) -> None:
    async def main() -> list[int]:
        got: list[int] = []
        with SignalReceiver(ONE, OTHER) as signals:
            signal.raise_signal(ONE)
            async for signum in signals:
                got.append(signum)
                if len(got) == 3:
                    break
                signal.raise_signal(OTHER if len(got) == 1 else ONE)
        return got

    assert world.run(main) == [ONE, OTHER, ONE]


def test_a_generator_receives_in_a_loop(world: World) -> None:
    @coroutine
    def main() -> Steps[list[int]]:
        got: list[int] = []
        with SignalReceiver(ONE, OTHER) as signals:
            signal.raise_signal(OTHER)
            while len(got) < 2:
                got.append((yield from signals.next()))
                signal.raise_signal(ONE)
        return got

    assert world.run(main) == [OTHER, ONE]


def test_a_signal_ends_the_sleep_of_a_real_loop() -> None:
    async def main() -> int:
        with SignalReceiver(ONE) as signals:
            thread = threading.Thread(target=os.kill, args=(os.getpid(), ONE))
            thread.start()
            try:
                return await signals.next()
            finally:
                thread.join()

    assert run(main) == ONE


@each_form
def test_what_comes_while_nobody_waits_is_kept_in_order_and_next_does_not_park(
    form: Form, world: World
) -> None:
    order: list[object] = []

    async def main() -> None:
        with SignalReceiver(ONE, OTHER) as signals:
            signal.raise_signal(OTHER)
            signal.raise_signal(ONE)
            await heard()
            current_task().reactor.call_soon(order.append, "parked")
            order.append(await form(signals.next))
            order.append(await form(signals.next))

    world.run(main)

    assert order == [OTHER, ONE]


def test_one_that_comes_again_before_it_was_taken_counts_once(world: World) -> None:
    async def main() -> list[int]:
        with SignalReceiver(ONE, OTHER) as signals:
            for signum in (ONE, OTHER, ONE, ONE):
                signal.raise_signal(signum)
            await heard()
            got = [await signals.next(), await signals.next()]
            with move_on_after(1):
                got.append(await signals.next())
        return got

    assert world.run(main) == [ONE, OTHER]


def test_one_that_comes_again_after_it_was_taken_counts_again(world: World) -> None:
    async def main() -> list[int]:
        got: list[int] = []
        with SignalReceiver(ONE) as signals:
            for _ in range(2):
                signal.raise_signal(ONE)
                got.append(await signals.next())
        return got

    assert world.run(main) == [ONE, ONE]


def test_of_two_receivers_the_newer_hears_of_a_signal(world: World) -> None:
    async def main() -> list[int]:
        got: list[int] = []
        with SignalReceiver(ONE) as outer:
            with SignalReceiver(ONE) as inner:
                signal.raise_signal(ONE)
                got.append(await inner.next())
            with move_on_after(1):
                got.append(await outer.next())
            signal.raise_signal(ONE)
            got.append(await outer.next())
        return got

    assert world.run(main) == [ONE, ONE]


def test_ctrl_c_is_a_signal_like_any_other_for_who_receives_it(world: World) -> None:
    async def main() -> int:
        with SignalReceiver(signal.SIGINT) as signals:
            signal.raise_signal(signal.SIGINT)
            await heard()
            signal.raise_signal(signal.SIGINT)
            return await signals.next()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert world.run(main) == signal.SIGINT
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


# -- cancelled


def test_a_task_that_is_closed_before_its_turn_leaves_the_signal_to_the_next(
    world: World,
) -> None:
    kept: list[SignalReceiver] = []

    async def main() -> None:
        with SignalReceiver(ONE) as signals:
            kept.append(signals)
            signal.raise_signal(ONE)
            world.reactor.call_threadsafe(world.reactor.stop)  # in the turn in which it is heard
            await signals.next()
            raise AssertionError("the loop was stopped before")

    async def later() -> int:
        return await kept[0].next()

    with pytest.raises(ReactorError, match="was stopped before"):
        world.run(main)
    assert world.run(later) == ONE


@each_form
def test_inside_a_cancelled_scope_a_wait_raises_at_once(form: Form, world: World) -> None:
    async def main() -> bool:
        with SignalReceiver(ONE) as signals, Scope() as scope:
            scope.cancel()
            await form(signals.next)
        return scope.cancelled_caught

    assert world.run(main)


# -- refused


def test_one_task_at_a_time_may_wait(world: World) -> None:
    async def main() -> None:
        with SignalReceiver(ONE) as signals:
            async with TaskGroup() as group:
                group.spawn(signals.next)
                await sleep(1)
                with pytest.raises(BusyError, match="SIGUSR1> has a task that waits; one at a"):
                    await signals.next()
                signal.raise_signal(ONE)

    world.run(main)


@pytest.mark.in_order("somebody comes between the signal and the turn of whom it woke")
def test_who_has_been_woken_is_not_overtaken(world: World) -> None:
    async def main() -> int:
        with SignalReceiver(ONE) as signals:
            async with TaskGroup() as group:
                task = group.spawn(signals.next)
                await checkpoint()
                signal.raise_signal(ONE)
                while not is_ready(task):
                    await checkpoint()
                with pytest.raises(BusyError):
                    await signals.next()
        return task.result

    assert world.run(main) == ONE


def test_without_a_signal_it_is_refused() -> None:
    with pytest.raises(ValueError, match="no signal is given"):
        SignalReceiver()


def test_outside_of_a_task_it_is_refused() -> None:
    with pytest.raises(NotRunningError):
        SignalReceiver(ONE).__enter__()


def test_off_the_main_thread_it_is_refused() -> None:
    async def main() -> None:
        with pytest.raises(WrongThreadError, match="main thread only"):
            SignalReceiver(ONE).__enter__()

    in_thread(lambda: run(main))


def test_where_one_signal_cannot_be_watched_none_is(world: World) -> None:
    before = signal.getsignal(ONE)

    async def main() -> None:
        with pytest.raises(OSError, match="Invalid argument"):
            SignalReceiver(ONE, signal.SIGKILL).__enter__()
        assert signal.getsignal(ONE) == before

    world.run(main)


def test_one_that_is_open_is_not_entered_again(world: World) -> None:
    async def main() -> int:
        with SignalReceiver(ONE) as signals:
            with pytest.raises(BusyError, match="SIGUSR1> is open already"):
                signals.__enter__()
            signal.raise_signal(ONE)
            return await signals.next()

    assert world.run(main) == ONE


def test_before_it_is_entered_nothing_comes(world: World) -> None:
    async def main() -> None:
        with pytest.raises(
            ClosedError, match="<SignalReceiver of SIGUSR1, 12, not open> is not open; nothing"
        ):
            await SignalReceiver(ONE, 12).next()

    world.run(main)


# -- left


def test_when_it_is_left_the_handlers_of_before_are_back(world: World) -> None:
    caught: list[int] = []
    former = signal.signal(ONE, lambda signum, frame: caught.append(signum))

    async def main() -> None:
        with SignalReceiver(ONE, OTHER):
            assert signal.getsignal(OTHER) != signal.SIG_DFL
            signal.raise_signal(ONE)
        assert signal.getsignal(OTHER) == signal.SIG_DFL
        signal.raise_signal(ONE)

    try:
        world.run(main)
    finally:
        signal.signal(ONE, former)

    assert caught == [ONE]


def test_a_task_that_waits_when_another_leaves_it_hears_so(world: World) -> None:
    async def waiter(signals: SignalReceiver) -> str:
        with pytest.raises(ClosedError, match="is not open"):
            await signals.next()
        return "heard"

    async def main() -> str:
        async with TaskGroup() as group:
            with SignalReceiver(ONE) as signals:
                task = group.spawn(waiter, signals)
                await checkpoint()
        return task.result

    assert world.run(main) == "heard"


def test_what_had_come_before_it_was_left_may_still_be_taken(world: World) -> None:
    async def main() -> int:
        with SignalReceiver(ONE) as signals:
            signal.raise_signal(ONE)
            await heard()
        signum = await signals.next()
        with pytest.raises(ClosedError):
            await signals.next()
        return signum

    assert world.run(main) == ONE


def test_one_that_was_left_may_be_entered_again_and_begins_anew(world: World) -> None:
    async def main() -> list[int]:
        got: list[int] = []
        signals = SignalReceiver(ONE)
        with signals:
            signal.raise_signal(ONE)
            await heard()
        with signals:
            with move_on_after(1):
                got.append(await signals.next())
            signal.raise_signal(ONE)
            got.append(await signals.next())
        return got

    assert world.run(main) == [ONE]
