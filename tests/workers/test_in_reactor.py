"""in_reactor: what a thread has its task do, and how it ends."""

from __future__ import annotations

import contextvars
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from reactor import (
    Cancelled,
    ClosedError,
    NotRunningError,
    Operation,
    Reactor,
    ReactorError,
    Scope,
    Steps,
    Task,
    TaskCancelledError,
    TaskGroup,
    WaitQueue,
    checkpoint,
    coroutine,
    current_task,
    move_on_after,
    run,
    run_in,
    sleep,
    wait,
)
from reactor.tasks import Sleep
from reactor.workers import in_reactor, in_thread
from tests.pollers import MakePoller, each_poller
from tests.tasks.parts import Form, Heard, each_form, for_ever
from tests.workers.parts import Attentive, Caller, Held, begin_alone, ended, raising

each_kind = pytest.mark.parametrize("cancellable", [False, True])


def name_and_thread(name: str) -> tuple[str, int, Task[Any]]:
    return name, threading.get_ident(), current_task()


@coroutine
def twice_in_a_generator(text: str) -> Steps[str]:
    yield from sleep(0)
    return 2 * text


async def twice_in_async_def(text: str) -> str:
    await sleep(0)
    return 2 * text


# -- answers


@each_form
def test_it_is_called_by_the_task_that_waits(form: Form, reactor: Reactor) -> None:
    async def main() -> tuple[tuple[str, int, Task[Any]], Task[Any]]:
        return await form(lambda: in_thread(in_reactor, name_and_thread, "name")), current_task()

    (name, thread, task), main_task = run_in(reactor, main)

    assert (name, thread, task) == ("name", threading.get_ident(), main_task)


@each_form
@pytest.mark.parametrize("twice", [twice_in_a_generator, twice_in_async_def])
def test_an_operation_and_a_coroutine_are_waited_for(
    form: Form, twice: Callable[[str], Any], reactor: Reactor
) -> None:
    assert run_in(reactor, form, lambda: in_thread(in_reactor, twice, "ab")) == "abab"


def test_under_debug_operations_are_waited_for_too(
    reactor: Reactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REACTOR_DEBUG", "1")
    twice = coroutine(plain_twice)

    assert run_in(reactor, in_thread, in_reactor, twice, "ab") == "abab"


def plain_twice(text: str) -> Steps[str]:
    yield from sleep(0)
    return 2 * text


def test_a_trap_is_waited_for(reactor: Reactor) -> None:
    queue: WaitQueue[str] = WaitQueue()

    def line_up() -> WaitQueue[str]:
        reactor.call_soon(queue.wake_all, "woken")
        return queue

    assert run_in(reactor, lambda: in_thread(in_reactor, line_up)) == "woken"


def test_a_generator_that_is_no_coroutine_is_an_answer(reactor: Reactor) -> None:
    def call() -> list[int]:
        return list(in_reactor(lambda: (number for number in range(3))))

    assert run_in(reactor, in_thread, call) == [0, 1, 2]


def test_a_class_whose_things_can_be_waited_for_is_an_answer(reactor: Reactor) -> None:
    assert run_in(reactor, in_thread, lambda: in_reactor(lambda: Sleep)) is Sleep


def test_a_thread_may_ask_as_often_as_it_likes(reactor: Reactor) -> None:
    def call() -> list[str]:
        return [in_reactor(twice_in_a_generator, letter) for letter in "abc" * 100]

    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that neither thread gets far before the other goes on
    try:
        assert run_in(reactor, in_thread, call) == ["aa", "bb", "cc"] * 100
    finally:
        sys.setswitchinterval(often)


def test_what_it_raises_is_raised_in_the_thread(reactor: Reactor) -> None:
    error = ValueError("over there")

    def call() -> str:
        with pytest.raises(ValueError, match="over there") as info:
            in_reactor(raising(error))
        assert info.value is error
        names = [frame.name for frame in traceback.extract_tb(info.value.__traceback__)]
        assert "_serve" not in names  # which would lead to the call
        return names[-1]

    assert run_in(reactor, in_thread, call) == "act"


@pytest.mark.parametrize("error", [StopIteration("over"), SystemExit(3), Cancelled()])
def test_what_is_no_plain_error_is_raised_in_the_thread_too(
    error: BaseException, reactor: Reactor
) -> None:
    def call() -> str:
        try:
            in_reactor(raising(error))
        except BaseException as raised:
            return type(raised).__name__
        return "nothing was raised"

    told = "TaskCancelledError" if isinstance(error, Cancelled) else type(error).__name__
    assert run_in(reactor, in_thread, call) == told


def test_what_the_thread_does_not_catch_comes_back_to_the_task(reactor: Reactor) -> None:
    with pytest.raises(SystemExit):
        run_in(reactor, lambda: in_thread(in_reactor, raising(SystemExit(3))))


def test_the_context_variables_there_are_the_tasks_own(reactor: Reactor) -> None:
    colour = contextvars.ContextVar[str]("colour")

    def call() -> str:
        colour.set("the thread's")
        seen = in_reactor(colour.get)
        in_reactor(colour.set, "set for it")
        return seen

    async def main() -> tuple[str, str]:
        colour.set("the task's")
        return await in_thread(call), colour.get()

    assert run_in(reactor, main) == ("the task's", "set for it")


def test_a_thread_may_have_another_thread_work_for_it(reactor: Reactor) -> None:
    def call() -> tuple[int, int]:
        return in_reactor(in_thread, threading.get_ident), threading.get_ident()

    inner, outer = run_in(reactor, in_thread, call)

    assert len({inner, outer, threading.get_ident()}) == 3


@each_poller
def test_over_every_poller_a_thread_is_answered(make_poller: MakePoller) -> None:
    def call() -> list[str]:
        return [in_reactor(twice_in_async_def, letter) for letter in "ab"]

    assert run(in_thread, call, poller=make_poller()) == ["aa", "bb"]


# -- cancelled meanwhile


def ask_and_tell(log: list[str], fn: Callable[[], Any]) -> str:
    """In a thread: have fn called, and note what became of it."""
    try:
        log.append(f"answer {in_reactor(fn)}")
    except ReactorError as error:
        log.append(type(error).__name__)
    return "the end"


@each_form
def test_a_cancellation_there_is_raised_in_the_thread_and_the_end_is_waited_for(
    form: Form, reactor: Reactor
) -> None:
    log: list[str] = []

    async def main() -> bool:
        with Scope() as scope:
            reactor.call_later(0.01, scope.cancel)
            log.append(await form(lambda: in_thread(ask_and_tell, log, lambda: wait(for_ever()))))
            await checkpoint()
            log.append("not reached")
        return scope.cancelled_caught

    assert run_in(reactor, main)
    assert log == ["TaskCancelledError", "the end"]


def test_inside_a_cancelled_scope_a_thread_gets_answers_but_no_waits(reactor: Reactor) -> None:
    log: list[str] = []

    def call() -> None:
        in_reactor(scope.cancel)
        ask_and_tell(log, lambda: "at once")
        ask_and_tell(log, lambda: sleep(0))
        ask_and_tell(log, lambda: "still there")

    scope = Scope()

    async def main() -> None:
        with scope:
            await in_thread(call)
            log.append("the end")

    run_in(reactor, main)

    assert log == ["answer at once", "TaskCancelledError", "answer still there", "the end"]


def test_a_cancellable_call_is_left_when_it_is_cancelled_there(
    reactor: Reactor, held: Held
) -> None:
    log: list[str] = []
    scope = Scope()

    def be_cancelled() -> Operation[None]:
        reactor.call_soon(scope.cancel)
        return wait(for_ever())

    def call() -> None:
        ask_and_tell(log, be_cancelled)
        held()
        ask_and_tell(log, lambda: "not called")

    async def main() -> None:
        with scope:
            await in_thread(call, cancellable=True)
        assert scope.cancelled_caught
        await held.begun()
        held.end()

    run_in(reactor, main)

    assert log == ["TaskCancelledError", "ClosedError"]


def test_a_scope_of_its_own_stops_a_cancellation_there(reactor: Reactor) -> None:
    async def patience() -> str:
        with move_on_after(0.01):
            await for_ever()
        return "moved on"

    assert run_in(reactor, in_thread, in_reactor, patience) == "moved on"


def asks(log: list[str]) -> Callable[[], str]:
    """Return what asks for something in a thread, and notes what became of it."""
    return lambda: ask_and_tell(log, lambda: "done")


@each_kind
def test_what_is_asked_for_before_the_cancellation_is_done(
    cancellable: bool, reactor: Attentive, held: Held
) -> None:
    log: list[str] = []
    caller = Caller(held, cancellable=cancellable)

    async def main() -> None:
        async with TaskGroup() as group:
            await caller.begin(group)
            reactor.wait_for_post(lambda: held.release(asks(log)))
            reactor.call_threadsafe(caller.scope.cancel)

    run_in(reactor, main)
    reactor.close()
    ended(held.thread)

    assert log == ["answer done"]
    assert caller.log == (["cancelled"] if cancellable else ["answer the end", "cancelled"])


@each_kind
def test_what_is_asked_for_when_the_task_was_cancelled_before_it_heard_so(
    cancellable: bool, reactor: Attentive, held: Held
) -> None:
    log: list[str] = []
    caller = Caller(held, cancellable=cancellable)

    async def main() -> None:
        async with TaskGroup() as group:
            await caller.begin(group)
            reactor.wait_for_post(lambda: held.release(asks(log)))
            caller.scope.cancel()

    run_in(reactor, main)
    reactor.close()
    ended(held.thread)

    assert log == (["ClosedError"] if cancellable else ["answer done"])
    assert caller.log == (["cancelled"] if cancellable else ["answer the end", "cancelled"])


@each_kind
def test_what_is_asked_for_just_after_the_cancellation_in_one_turn(
    cancellable: bool, reactor: Attentive, held: Held, heard: Heard
) -> None:
    log: list[str] = []
    caller = Caller(held, cancellable=cancellable)

    async def main() -> None:
        async with TaskGroup() as group:
            await caller.begin(group)
            reactor.call_threadsafe(caller.scope.cancel)
            reactor.wait_for_post(lambda: held.release(asks(log)))

    run_in(reactor, main)
    reactor.close()
    ended(held.thread)

    assert log == (["ClosedError"] if cancellable else ["answer done"])
    assert caller.log == (["cancelled"] if cancellable else ["answer the end", "cancelled"])
    assert heard.errors == []


@each_kind
@pytest.mark.parametrize("turns", range(6))
def test_a_task_that_is_closed_refuses_what_its_thread_has_asked_for(
    turns: int, cancellable: bool, reactor: Attentive, held: Held
) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(in_thread_of, held, cancellable)
            await held.begun()
            reactor.wait_for_post(lambda: held.release(lambda: ask_and_tell(log, endless)))
            for _ in range(turns):  # it is in the letter box, heard, under way in the task
                await checkpoint()
            reactor.stop()
            await for_ever()

    with pytest.raises(ReactorError, match="was stopped before"):
        run_in(reactor, main)
    held.end()

    assert log == ["ClosedError"]


async def in_thread_of(held: Held, cancellable: bool) -> None:
    await in_thread(held, cancellable=cancellable)


def endless() -> Operation[None]:
    return wait(for_ever())


def test_an_interrupt_there_leaves_the_loop_and_the_thread_is_refused(
    reactor: Reactor, held: Held
) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(in_thread, held)
            await held.begun()
            held.release(lambda: ask_and_tell(log, raising(KeyboardInterrupt("Ctrl-C"))))

    with pytest.raises(KeyboardInterrupt, match="Ctrl-C"):
        run_in(reactor, main)
    reactor.close()
    ended(held.thread)

    assert log == ["ClosedError"]


# -- refused


def test_a_call_whose_task_has_left_is_refused_also_while_no_loop_turns(
    reactor: Reactor, held: Held
) -> None:
    log: list[str] = []
    left = Caller(held, cancellable=True)

    async def main() -> None:
        async with TaskGroup() as group:
            await left.begin(group)
            left.scope.cancel()

    run_in(reactor, main)
    held.end(asks(log))

    assert log == ["ClosedError"]


def test_the_refusal_says_which_call_was_left(reactor: Reactor, held: Held) -> None:
    said: list[str] = []
    left = Caller(held, cancellable=True)

    def ask() -> None:
        with pytest.raises(ClosedError) as info:
            in_reactor(bool)
        said.append(str(info.value))

    async def main() -> None:
        async with TaskGroup() as group:
            await left.begin(group)
            left.scope.cancel()

    run_in(reactor, main)
    held.end(ask)

    assert said == [
        f"<Call {held!r}, left by its task>: its task does not wait any more; do without it"
    ]


def test_the_cancellation_says_which_call_it_was(reactor: Reactor, held: Held) -> None:
    said: list[str] = []

    def ask() -> None:
        with pytest.raises(TaskCancelledError) as info:
            in_reactor(raising(Cancelled()))
        said.append(str(info.value))

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(in_thread, held)
            await held.begun()
            held.release(ask)

    run_in(reactor, main)

    assert said == [f"<Call {held!r}>: its task was cancelled meanwhile"]


def test_when_the_reactor_was_closed_it_is_refused(reactor: Reactor, held: Held) -> None:
    log: list[str] = []

    begin_alone(reactor, held)
    reactor.close()
    held.release(asks(log))
    ended(held.thread)

    assert log == ["ClosedError"]


def test_what_was_asked_for_when_the_reactor_is_closed_is_refused(
    reactor: Attentive, held: Held
) -> None:
    log: list[str] = []

    begin_alone(reactor, held)
    reactor.wait_for_post(lambda: held.release(asks(log)))
    reactor.close()
    ended(held.thread)

    assert log == ["ClosedError"]


def test_outside_of_a_worker_it_is_refused(reactor: Reactor) -> None:
    said: list[str] = []

    def ask() -> None:
        with pytest.raises(NotRunningError) as info:
            in_reactor(bool)
        said.append(str(info.value))

    def call() -> None:
        thread = threading.Thread(target=ask, name="own")  # in a worker, but not one
        thread.start()
        ended(thread)

    ask()
    run_in(reactor, in_thread, call)

    assert said[0].startswith("<_MainThread(MainThread, started")
    assert said[1].startswith("<Thread(own, started")
    assert said[1].endswith(
        "is no worker; in_reactor is for what in_thread calls, in its own thread"
    )
