"""Leftovers: nothing of a call is kept when it has ended, and nothing waits for the collector."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from math import inf
from typing import Any

import pytest

from reactor import Reactor, Scope, TaskGroup, checkpoint, current_task, run_in, sleep
from reactor.workers import in_reactor, in_thread, pool_of
from tests.tasks.parts import Heard
from tests.workers.parts import Caller, Held, begin_alone, ended


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """What dies here dies by itself."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def threads_stay(reactor: Reactor) -> None:
    """Idle threads, which might keep something, are there when a test looks."""
    pool_of(reactor).idle_seconds = inf


class Thing:
    """Something to keep."""


class ThingError(Exception):
    """Something to keep, as an error."""


def raise_thing() -> None:
    raise ThingError


def test_an_answer_is_kept_by_nobody(reactor: Reactor) -> None:
    async def main() -> weakref.ref[Thing]:
        return weakref.ref(await in_thread(Thing))

    assert run_in(reactor, main)() is None


def test_an_argument_is_kept_by_nobody(reactor: Reactor) -> None:
    async def main() -> weakref.ref[Thing]:
        thing = Thing()
        await in_thread(repr, thing)
        return weakref.ref(thing)

    assert run_in(reactor, main)() is None


def test_an_error_is_kept_by_nobody(reactor: Reactor) -> None:
    async def main() -> weakref.ref[ThingError]:
        try:
            await in_thread(raise_thing)
        except ThingError as error:
            return weakref.ref(error)
        raise AssertionError("nothing was raised")

    assert run_in(reactor, main)() is None


def test_a_task_that_fails_with_an_error_of_a_thread_is_kept_by_nobody(reactor: Reactor) -> None:
    refs: list[weakref.ref[Any]] = []

    async def fails() -> None:
        refs.append(weakref.ref(current_task()))
        await in_thread(raise_thing)

    async def main() -> None:
        try:
            async with TaskGroup() as group:
                group.spawn(fails)
        except* ThingError as errors:
            refs.append(weakref.ref(errors.exceptions[0]))

    run_in(reactor, main)

    assert [ref() for ref in refs] == [None, None]


def test_the_answer_of_a_call_that_was_left_is_kept_by_nobody(reactor: Reactor, held: Held) -> None:
    refs: list[weakref.ref[Thing]] = []
    left = Caller(held, cancellable=True)

    def make() -> Thing:
        thing = Thing()
        refs.append(weakref.ref(thing))
        return thing

    async def main() -> None:
        async with TaskGroup() as group:
            await left.begin(group)
            left.scope.cancel()
            await checkpoint()
            held.end(make)
            await in_thread(abs, -1)

    run_in(reactor, main)

    assert [ref() for ref in refs] == [None]


def test_what_a_thread_asked_for_is_kept_by_nobody(reactor: Reactor) -> None:
    def ask(make: Callable[[], Thing]) -> list[weakref.ref[Any]]:
        refs: list[weakref.ref[Any]] = [weakref.ref(in_reactor(make))]
        try:
            in_reactor(raise_thing)
        except ThingError as error:
            refs.append(weakref.ref(error))
        refs.append(weakref.ref(in_reactor(waited_for)))
        return refs

    def look() -> list[object]:
        return [ref() for ref in ask(Thing)]

    async def waited_for() -> Thing:
        await sleep(0)
        return Thing()

    assert run_in(reactor, in_thread, look) == [None, None, None]


def test_a_reactor_that_was_closed_is_kept_by_no_thread(held: Held) -> None:
    def scenario() -> tuple[weakref.ref[Reactor], threading.Thread]:
        with Reactor(on_error=Heard()) as own:
            thread = run_in(own, in_thread, threading.current_thread)
        return weakref.ref(own), thread

    ref, thread = scenario()
    ended(thread)
    del thread
    gc.collect()  # a reactor has circles of its own

    assert ref() is None


def test_what_a_call_raises_after_the_end_is_kept_by_nobody(
    reactor: Reactor, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs: list[weakref.ref[Any]] = []
    monkeypatch.setattr(
        threading, "excepthook", lambda args: refs.append(weakref.ref(args.exc_value))
    )
    begin_alone(reactor, held)
    reactor.close()
    held.release(raise_thing)
    ended(held.thread)

    assert [ref() for ref in refs] == [None]


def test_a_cancelled_task_is_kept_by_nobody(reactor: Reactor, held: Held) -> None:
    refs: list[weakref.ref[Any]] = []

    async def main() -> None:
        async with TaskGroup() as group:
            task = group.spawn(in_thread, held)
            refs.append(weakref.ref(task))
            del task
            await held.begun()
            with Scope() as scope:
                scope.cancel()
            group.cancel()
            held.release()

    run_in(reactor, main)

    assert [ref() for ref in refs] == [None]
