"""Forks: a child starts with no threads, wherever it was forked."""

from __future__ import annotations

import os
import threading
import warnings

import pytest

from reactor import ForkedError, Reactor, TaskGroup, checkpoint, run, run_in
from reactor.workers import Pool, in_reactor, in_thread, pool_of
from tests.poller.children import in_child, wait_for
from tests.workers.parts import Held


def test_a_child_starts_with_no_threads(reactor: Reactor) -> None:
    pool = pool_of(reactor)
    run_in(reactor, in_thread, abs, -1)

    def child() -> None:
        assert threading.active_count() == 1
        assert repr(pool) == "<Pool, 0 of 40 under way, 0 idle, 0 in line>"
        with pytest.raises(ForkedError):
            pool_of(reactor)
        assert run(in_thread, abs, -2) == 2  # on a reactor of its own

    assert in_child(child) == 0
    assert run_in(reactor, in_thread, abs, -3) == 3


def test_a_child_forgets_who_was_in_a_thread_and_who_in_line(reactor: Reactor, held: Held) -> None:
    async def main() -> None:
        pool = pool_of(reactor)
        pool.most = 1
        async with TaskGroup() as group:
            group.spawn(in_thread, held)
            await held.begun()
            group.spawn(in_thread, abs, -1)
            assert await in_line(pool)

            def child() -> None:
                assert repr(pool) == "<Pool, 0 of 1 under way, 0 idle, 0 in line>"

            assert in_child(child) == 0
            held.release()

    run_in(reactor, main)


async def in_line(pool: Pool) -> bool:
    """Wait until somebody stands in line."""
    await checkpoint()
    return repr(pool).endswith("1 in line>")


def test_in_a_child_that_a_thread_has_forked_it_is_told_so(reactor: Reactor) -> None:
    def child() -> None:
        with pytest.raises(ForkedError):
            in_reactor(abs, -1)

    assert run_in(reactor, in_thread, in_child, child) == 0
    assert run_in(reactor, in_thread, abs, -1) == 1


def fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def test_a_child_that_comes_back_from_its_call_ends_with_the_thread(reactor: Reactor) -> None:
    assert wait_for(run_in(reactor, in_thread, fork)) == 0


def test_what_a_call_raises_in_a_child_comes_out_of_the_thread(reactor: Reactor) -> None:
    def leave(args: threading.ExceptHookArgs) -> None:
        os._exit(7 if repr(args.exc_value) == "ValueError('in the child')" else 1)

    def call() -> int:
        if (pid := fork()) == 0:
            threading.excepthook = leave
            raise ValueError("in the child")
        return pid

    assert wait_for(run_in(reactor, in_thread, call)) == 7
