"""Cancelled calls: in line, under way, and in the very turn in which the answer comes."""

from __future__ import annotations

import pytest

from reactor import (
    Cancelled,
    Reactor,
    ReactorError,
    Scope,
    TaskGroup,
    checkpoint,
    current_task,
    run_in,
)
from reactor.workers import in_thread, pool_of
from tests.tasks.parts import Form, Heard, each_form
from tests.workers.parts import Caller, Held, ended, raising

each_kind = pytest.mark.parametrize("cancellable", [False, True])


# -- in line


@each_form
@each_kind
def test_one_that_is_cancelled_in_line_is_never_called_and_the_others_keep_their_places(
    form: Form, cancellable: bool, reactor: Reactor, held: Held
) -> None:
    order: list[str] = []
    scopes = {name: Scope() for name in "abc"}

    async def stand(name: str) -> None:
        with scopes[name]:
            await form(lambda: in_thread(order.append, name, cancellable=cancellable))

    async def main() -> None:
        pool_of(reactor).most = 1
        async with TaskGroup() as group:
            group.spawn(in_thread, held)
            await held.begun()
            for name in "abc":
                group.spawn(stand, name)
            await checkpoint()
            scopes["b"].cancel()
            held.release()
        assert scopes["b"].cancelled_caught

    run_in(reactor, main)

    assert order == ["a", "c"]


@each_form
@each_kind
def test_inside_a_cancelled_scope_nothing_is_called(
    form: Form, cancellable: bool, reactor: Reactor
) -> None:
    called: list[str] = []

    async def main() -> bool:
        with Scope() as scope:
            scope.cancel()
            await form(lambda: in_thread(called.append, "called", cancellable=cancellable))
        return scope.cancelled_caught

    assert run_in(reactor, main)
    assert called == []


@pytest.mark.parametrize("first", ["cancelled", "begun"])
def test_one_that_is_cancelled_in_the_turn_in_which_its_turn_comes(
    first: str, reactor: Reactor, held: Held
) -> None:
    next_one = Caller(Held(reactor))

    async def main() -> None:
        pool_of(reactor).most = 1
        async with TaskGroup() as group:
            group.spawn(in_thread, held)
            await held.begun()
            group.spawn(next_one.call)
            await checkpoint()
            if first == "cancelled":
                next_one.scope.cancel()
            held.end()
            if first == "begun":
                reactor.call_threadsafe(next_one.scope.cancel)
                await next_one.held.begun()
                next_one.held.release(lambda: "to the end")

    run_in(reactor, main)

    if first == "cancelled":
        assert (next_one.held.calls, next_one.log) == (0, ["cancelled"])
    else:
        assert (next_one.held.calls, next_one.log) == (1, ["answer to the end", "cancelled"])


# -- under way


@each_form
def test_a_call_that_has_begun_is_waited_for_and_the_next_park_raises(
    form: Form, reactor: Reactor, held: Held
) -> None:
    log: list[object] = []

    async def call(scope: Scope) -> None:
        with scope:
            log.append(await form(lambda: in_thread(held)))
            await checkpoint()
            log.append("not reached")

    async def main() -> None:
        scope = Scope()
        async with TaskGroup() as group:
            task = group.spawn(call, scope)
            await held.begun()
            scope.cancel()
            for _ in range(3):
                await checkpoint()
            assert not task.done
            held.release(lambda: "the answer")
        assert scope.cancelled_caught

    run_in(reactor, main)

    assert log == ["the answer"]


@each_form
def test_a_cancellable_call_is_left_at_once_and_its_result_is_dropped(
    form: Form, reactor: Reactor, held: Held, heard: Heard
) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            scope = Scope()
            with scope:
                group.spawn(cancel_when_begun, scope, held)
                await form(lambda: in_thread(held, cancellable=True))
            assert scope.cancelled_caught
            held.end(lambda: "nobody hears this")
            await checkpoint()
            await checkpoint()

    run_in(reactor, main)

    assert heard.errors == []


async def cancel_when_begun(scope: Scope, held: Held) -> None:
    """Cancel scope when held is in a thread."""
    await held.begun()
    scope.cancel()


def test_a_call_that_was_left_holds_its_place_until_it_ends(reactor: Reactor, held: Held) -> None:
    left = Caller(held, cancellable=True)

    async def main() -> None:
        pool_of(reactor).most = 1
        async with TaskGroup() as group:
            await left.begin(group)
            left.scope.cancel()
            await checkpoint()
            assert left.log == ["cancelled"]
            task = group.spawn(in_thread, abs, -1)
            await checkpoint()
            assert repr(pool_of(reactor)) == "<Pool, 1 of 1 under way, 0 idle, 1 in line>"
            held.release()
        assert task.result == 1

    run_in(reactor, main)


def test_what_a_call_that_was_left_raises_is_reported(
    reactor: Reactor, held: Held, heard: Heard
) -> None:
    assert reported(reactor, held, ValueError("too late")) == ["ValueError('too late')"]
    assert heard.names == [f"<Call {held!r}, left by its task>"]


def test_what_is_no_exception_is_reported_as_the_cause_of_one(
    reactor: Reactor, held: Held, heard: Heard
) -> None:
    assert reported(reactor, held, SystemExit(3))[0].endswith(
        "left by its task> raised SystemExit(3), and nobody could receive it')"
    )
    (error,) = heard.errors
    assert isinstance(error, ReactorError)
    assert repr(error.__cause__) == "SystemExit(3)"


def reported(reactor: Reactor, held: Held, error: BaseException) -> list[str]:
    """Return what is reported when a call that was left raises error."""
    left = Caller(held, cancellable=True)

    async def main() -> None:
        async with TaskGroup() as group:
            await left.begin(group)
            left.scope.cancel()
            await checkpoint()
            held.end(raising(error))
            await checkpoint()
            await checkpoint()

    run_in(reactor, main)
    heard = reactor.on_error
    assert isinstance(heard, Heard)
    return [repr(each) for each in heard.errors]


# -- in the very turn in which the answer comes


@each_kind
def test_an_answer_that_is_heard_before_the_cancellation_is_delivered(
    cancellable: bool, reactor: Reactor, held: Held
) -> None:
    caller = Caller(held, cancellable=cancellable)

    async def main() -> None:
        async with TaskGroup() as group:
            await caller.begin(group)
            held.end(lambda: "in time")
            reactor.call_threadsafe(caller.scope.cancel)

    run_in(reactor, main)

    assert caller.log == ["answer in time", "cancelled"]


@each_kind
def test_a_failure_that_is_heard_before_the_cancellation_is_delivered(
    cancellable: bool, reactor: Reactor, held: Held, heard: Heard
) -> None:
    caller = Caller(held, cancellable=cancellable)

    async def main() -> None:
        async with TaskGroup() as group:
            await caller.begin(group)
            held.end(raising(ValueError("in time")))
            reactor.call_threadsafe(caller.scope.cancel)

    with pytest.raises(ExceptionGroup) as info:
        run_in(reactor, main)

    assert repr(info.value.exceptions) == "(ValueError('in time'),)"
    assert heard.errors == []


@each_kind
def test_a_cancellation_that_comes_before_the_answer_is_heard(
    cancellable: bool, reactor: Reactor, held: Held
) -> None:
    caller = Caller(held, cancellable=cancellable)

    async def main() -> None:
        async with TaskGroup() as group:
            await caller.begin(group)
            held.end(lambda: "too late for some")
            caller.scope.cancel()

    run_in(reactor, main)

    if cancellable:
        assert caller.log == ["cancelled"]
    else:
        assert caller.log == ["answer too late for some", "cancelled"]


def test_a_failure_that_is_heard_after_the_cancellation_is_reported(
    reactor: Reactor, held: Held, heard: Heard
) -> None:
    caller = Caller(held, cancellable=True)

    async def main() -> None:
        async with TaskGroup() as group:
            await caller.begin(group)
            held.end(raising(ValueError("too late")))
            caller.scope.cancel()
            await checkpoint()
            await checkpoint()

    run_in(reactor, main)

    assert [repr(error) for error in heard.errors] == ["ValueError('too late')"]
    assert caller.log == ["cancelled"]


# -- when the loop ends first


@each_kind
def test_a_task_that_is_closed_where_it_stands_leaves_its_call(
    cancellable: bool, reactor: Reactor, held: Held, heard: Heard
) -> None:
    async def main() -> None:
        current_task().reactor.call_soon(reactor.stop)
        await in_thread(held, cancellable=cancellable)

    with pytest.raises(ReactorError, match="was stopped before"):
        run_in(reactor, main)
    run_in(reactor, held.begun)  # it runs again
    held.end(raising(ValueError("for nobody")))
    run_in(reactor, in_thread, abs, -1)

    assert [repr(error) for error in heard.errors] == ["ValueError('for nobody')"]


def test_a_cancelled_that_a_call_raises_by_itself_is_a_failure(reactor: Reactor) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(in_thread, raising(Cancelled()))

    with pytest.raises(ExceptionGroup) as info:
        run_in(reactor, main)

    assert "raised Cancelled, but nothing cancelled it" in str(info.value.exceptions[0])


def test_the_thread_of_a_call_that_was_left_is_used_again(reactor: Reactor, held: Held) -> None:
    left = Caller(held, cancellable=True)
    again = Held(reactor)

    async def main() -> None:
        pool_of(reactor).most = 1
        pool_of(reactor).idle_seconds = 1e9
        async with TaskGroup() as group:
            await left.begin(group)
            left.scope.cancel()
            await checkpoint()
            group.spawn(in_thread, again)
            held.release()
            await again.begun()
            again.release()
        assert again.thread is held.thread

    run_in(reactor, main)
    reactor.close()
    ended(again.thread)
