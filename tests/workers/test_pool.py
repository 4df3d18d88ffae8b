"""Pool: how many threads there are, how long, and what becomes of them when their reactor ends."""

from __future__ import annotations

import threading
from math import inf, nan

import pytest

from reactor import (
    ClosedError,
    Reactor,
    ReactorError,
    TaskGroup,
    WrongThreadError,
    checkpoint,
    run_in,
)
from reactor.workers import Pool, in_thread, pool_of
from tests.tasks.parts import Heard
from tests.threads import in_thread as in_another_thread
from tests.workers.parts import LONG, Held, begin_alone, ended, raising


@pytest.fixture
def pool(reactor: Reactor) -> Pool:
    """The pool of the reactor, whose threads stay."""
    made = pool_of(reactor)
    made.idle_seconds = inf
    return made


# -- how many


def test_a_reactor_has_one_pool_and_each_its_own(reactor: Reactor) -> None:
    with Reactor() as other:
        assert pool_of(reactor) is pool_of(reactor)
        assert pool_of(reactor) is not pool_of(other)


def test_an_idle_thread_is_used_again(pool: Pool, reactor: Reactor) -> None:
    async def main() -> set[int]:
        return {await in_thread(threading.get_ident) for _ in range(10)}

    assert len(run_in(reactor, main)) == 1


def test_of_several_idle_ones_who_worked_last_is_used_first(pool: Pool, reactor: Reactor) -> None:
    first, second = Held(reactor), Held(reactor)

    async def main() -> None:
        async with TaskGroup() as group:
            for held in (first, second):
                group.spawn(in_thread, held)
                await held.begun()
            second.release()
            while repr(pool) != "<Pool, 1 of 40 under way, 1 idle, 0 in line>":
                await checkpoint()
            first.release()
        assert await in_thread(threading.current_thread) is first.thread

    run_in(reactor, main)


def test_at_most_so_many_calls_are_under_way_and_the_others_wait_in_line(
    pool: Pool, reactor: Reactor
) -> None:
    order: list[int] = []
    several = [Held(reactor) for _ in range(2)]

    async def main() -> None:
        pool.most = 2
        async with TaskGroup() as group:
            for held in several:
                group.spawn(in_thread, held)
                await held.begun()
            for number in range(5):
                group.spawn(in_thread, order.append, number)
            await checkpoint()
            assert repr(pool) == "<Pool, 2 of 2 under way, 0 idle, 5 in line>"
            assert order == []
            several[0].release()  # the other thread stays where it is, so all goes through one
            while len(order) < 5:
                await checkpoint()
            several[1].release()

    run_in(reactor, main)

    assert order == list(range(5))


def test_when_more_may_be_under_way_those_in_line_begin(pool: Pool, reactor: Reactor) -> None:
    several = [Held(reactor) for _ in range(4)]

    async def main() -> None:
        pool.most = 1
        async with TaskGroup() as group:
            for held in several:
                group.spawn(in_thread, held)
            await several[0].begun()
            pool.most = 3
            for held in several[:3]:
                await held.begun()
            assert repr(pool) == "<Pool, 3 of 3 under way, 0 idle, 1 in line>"
            for held in several:
                held.release()

    run_in(reactor, main)

    assert [held.calls for held in several] == [1] * 4


def test_when_fewer_may_be_under_way_none_begins_until_enough_have_ended(
    pool: Pool, reactor: Reactor
) -> None:
    several = [Held(reactor) for _ in range(3)]

    async def main() -> None:
        async with TaskGroup() as group:
            for held in several[:2]:
                group.spawn(in_thread, held)
                await held.begun()
            pool.most = 1
            group.spawn(in_thread, several[2])
            several[0].release()
            while repr(pool) != "<Pool, 1 of 1 under way, 1 idle, 1 in line>":
                await checkpoint()
            several[1].release()
            several[2].release()

    run_in(reactor, main)

    assert pool.most == 1
    assert several[2].calls == 1


def test_less_than_one_is_refused(pool: Pool) -> None:
    with pytest.raises(ValueError, match=r"idle, 0 in line> cannot have 0 threads; give 1 or more"):
        pool.most = 0

    assert pool.most == 40


# -- how long


def test_a_thread_that_has_nothing_to_do_ends(pool: Pool, reactor: Reactor) -> None:
    pool.idle_seconds = 0.01

    ended(run_in(reactor, in_thread, threading.current_thread))  # no loop turns meanwhile

    assert repr(pool) == "<Pool, 0 of 40 under way, 0 idle, 0 in line>"
    assert run_in(reactor, in_thread, abs, -1) == 1


@pytest.mark.parametrize("seconds", [-1, nan])
def test_less_than_nothing_is_refused(seconds: float, pool: Pool) -> None:
    with pytest.raises(ValueError, match=f"cannot keep a thread for {seconds} seconds; give 0 or"):
        pool.idle_seconds = seconds


def test_an_idle_thread_is_kept_ten_seconds_unless_told_otherwise(reactor: Reactor) -> None:
    assert pool_of(reactor).idle_seconds == 10.0


def test_for_ever_is_as_long_as_the_system_can_wait(pool: Pool) -> None:
    assert pool.idle_seconds == threading.TIMEOUT_MAX


def test_no_call_is_lost_to_a_thread_that_ends_in_the_same_moment(
    pool: Pool, reactor: Reactor
) -> None:
    async def caller() -> int:
        return sum([await in_thread(abs, -1) for _ in range(500)])

    async def main() -> int:
        pool.idle_seconds = 0
        async with TaskGroup() as group:
            tasks = [group.spawn(caller) for _ in range(4)]
        return sum(task.result for task in tasks)

    assert run_in(reactor, main) == 2000


def test_a_call_that_never_ends_does_not_keep_the_program(reactor: Reactor) -> None:
    assert run_in(reactor, in_thread, threading.current_thread).daemon


# -- the end of the reactor


def test_idle_threads_end_with_their_reactor(pool: Pool, reactor: Reactor) -> None:
    meet = threading.Barrier(3)

    def call() -> threading.Thread:
        meet.wait(LONG)
        return threading.current_thread()

    async def main() -> list[threading.Thread]:
        async with TaskGroup() as group:
            tasks = [group.spawn(in_thread, call) for _ in range(3)]
        return [task.result for task in tasks]

    threads = run_in(reactor, main)
    assert len(set(threads)) == 3
    assert all(thread.is_alive() for thread in threads)
    reactor.close()

    for thread in threads:
        ended(thread)


@pytest.fixture
def uncaught(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What came out of threads, as Python's own hook hears of it."""
    said: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: said.append(repr(args.exc_value)))
    return said


def test_close_does_not_wait_for_calls_under_way_and_their_threads_end_after_them(
    pool: Pool, reactor: Reactor, held: Held, heard: Heard, uncaught: list[str]
) -> None:
    task = begin_alone(reactor, held)
    reactor.close()
    assert held.thread.is_alive()
    held.release(lambda: "nobody hears this")
    ended(held.thread)

    assert not task.done
    assert (heard.errors, uncaught) == ([], [])


def test_what_a_call_raises_when_its_reactor_was_closed_comes_out_of_the_thread(
    pool: Pool, reactor: Reactor, held: Held, heard: Heard, uncaught: list[str]
) -> None:
    begin_alone(reactor, held)
    reactor.close()
    held.release(raising(ValueError("too late")))
    ended(held.thread)

    assert (heard.errors, uncaught) == ([], ["ValueError('too late')"])


def test_what_a_call_had_raised_when_its_reactor_is_closed_is_reported(
    reactor: Reactor, held: Held, heard: Heard, uncaught: list[str]
) -> None:
    begin_alone(reactor, held)
    held.end(raising(ValueError("just now")))
    reactor.close()

    assert [repr(error) for error in heard.errors] == ["ValueError('just now')"]
    assert heard.names == [f"<Call {held!r}, left by its task>"]
    assert uncaught == []


def test_who_stands_in_line_when_the_reactor_is_closed_is_never_called(
    pool: Pool, reactor: Reactor, held: Held
) -> None:
    called: list[str] = []
    pool.most = 1
    begin_alone(reactor, held)
    reactor.call_soon(reactor.stop)
    with pytest.raises(ReactorError, match="was stopped before"):
        run_in(reactor, in_thread, called.append, "called")
    reactor.close()
    held.release()
    ended(held.thread)

    assert called == []


def test_a_pool_is_the_reactors_threads_alone(reactor: Reactor) -> None:
    with pytest.raises(WrongThreadError):
        in_another_thread(lambda: pool_of(reactor))


def test_a_closed_reactor_has_no_pool(reactor: Reactor) -> None:
    reactor.close()

    with pytest.raises(ClosedError):
        pool_of(reactor)
