"""in_thread: what is called in a thread, and what comes of it."""

from __future__ import annotations

import contextvars
import threading
import traceback
from collections import Counter

import pytest

from reactor import (
    NotRunningError,
    Reactor,
    TaskGroup,
    checkpoint,
    current_task,
    run,
    run_in,
    running,
)
from reactor.workers import in_thread, pool_of
from tests.tasks.parts import Form, Heard, each_form
from tests.workers.parts import LONG, Held, raising


def divide(number: int, by: int) -> tuple[float, int]:
    return number / by, threading.get_ident()


@each_form
def test_it_returns_what_the_function_returns_in_another_thread(
    form: Form, reactor: Reactor
) -> None:
    answer, thread = run_in(reactor, form, lambda: in_thread(divide, 3, 2))

    assert answer == 1.5
    assert thread != threading.get_ident()


@each_form
def test_it_raises_what_the_function_raises(form: Form, reactor: Reactor) -> None:
    error = ValueError("no luck")

    with pytest.raises(ValueError, match="no luck") as info:
        run_in(reactor, form, lambda: in_thread(raising(error)))

    assert info.value is error


def test_a_failure_shows_where_it_was_awaited_and_where_it_was_raised(reactor: Reactor) -> None:
    async def main() -> None:
        await in_thread(divide, 1, 0)

    with pytest.raises(ZeroDivisionError) as info:
        run_in(reactor, main)

    names = [frame.name for frame in traceback.extract_tb(info.value.__traceback__)]
    assert "main" in names
    assert names[-1] == "divide"
    assert "work" not in names  # which would lead to the call


def test_an_exception_that_is_returned_is_an_answer_like_any_other(reactor: Reactor) -> None:
    error = ValueError("not raised")

    assert run_in(reactor, in_thread, lambda: error) is error


def test_the_loop_turns_meanwhile(reactor: Reactor, held: Held) -> None:
    async def main() -> str:
        async with TaskGroup() as group:
            task = group.spawn(in_thread, held)
            await held.begun()
            for _ in range(3):
                await checkpoint()
            assert not task.done
            held.release(lambda: "held no longer")
        return str(task.result)

    assert run_in(reactor, main) == "held no longer"


def test_it_runs_in_a_copy_of_the_tasks_context_variables(reactor: Reactor) -> None:
    colour = contextvars.ContextVar[str]("colour")

    def look() -> str:
        seen = colour.get()
        colour.set("green")
        return seen

    async def main() -> tuple[str, str]:
        colour.set("red")
        return await in_thread(look), colour.get()

    assert run_in(reactor, main) == ("red", "red")


def test_no_reactor_and_no_task_runs_in_the_thread(reactor: Reactor) -> None:
    def look() -> None:
        assert running() is None
        with pytest.raises(NotRunningError):
            current_task()

    run_in(reactor, in_thread, look)


@each_form
def test_a_stop_iteration_is_the_cause_of_a_runtime_error(form: Form, reactor: Reactor) -> None:
    with pytest.raises(RuntimeError, match=r"raised StopIteration, which no coroutine") as info:
        run_in(reactor, form, lambda: in_thread(next, iter(())))

    assert isinstance(info.value.__cause__, StopIteration)


def test_sys_exit_in_a_thread_ends_the_program_as_it_does_in_a_task() -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(in_thread, raising(SystemExit(3)))

    with pytest.raises(SystemExit) as info:
        run(main)

    assert info.value.code == 3


def test_a_keyboard_interrupt_that_a_call_raises_leaves_the_loop(reactor: Reactor) -> None:
    with pytest.raises(KeyboardInterrupt, match="by hand"):
        run_in(reactor, in_thread, raising(KeyboardInterrupt("by hand")))


def test_what_cannot_be_called_is_refused_at_once() -> None:
    given: list[object] = [5]

    with pytest.raises(TypeError, match="5 cannot be called; give the function, not its call"):
        in_thread(*given)  # type: ignore[arg-type, unused-awaitable]


def test_outside_of_a_task_it_is_refused() -> None:
    with pytest.raises(NotRunningError):
        next(iter(in_thread(abs, -1)))


def test_where_the_system_gives_no_thread_the_task_hears_so_and_the_next_call_works(
    reactor: Reactor,
) -> None:
    async def main() -> int:
        former = threading.stack_size(1 << 46)  # more than there is
        try:
            with pytest.raises(RuntimeError, match="start new thread"):
                await in_thread(abs, -1)
        finally:
            threading.stack_size(former)
        pool_of(reactor).most = 1  # the one that was not made does not count
        return await in_thread(abs, -2)

    assert run_in(reactor, main) == 2


def test_where_the_system_gives_no_thread_to_who_stands_in_line_that_task_hears_so(
    reactor: Reactor, held: Held
) -> None:
    async def second() -> None:
        with pytest.raises(RuntimeError, match="start new thread"):
            await in_thread(abs, -1)

    async def main() -> None:
        pool = pool_of(reactor)
        pool.most = 1
        async with TaskGroup() as group:
            group.spawn(in_thread, held)
            await held.begun()
            group.spawn(second)
            await checkpoint()
            former = threading.stack_size(1 << 46)
            try:
                pool.most = 2
            finally:
                threading.stack_size(former)
            await checkpoint()
            assert await in_thread(abs, -2) == 2
            held.release()

    run_in(reactor, main)


def test_ten_thousand_calls_are_answered_by_forty_threads(reactor: Reactor, heard: Heard) -> None:
    lock = threading.Lock()
    now, highest = 0, 0
    meet = threading.Barrier(40)

    def call(number: int) -> tuple[int, int]:
        nonlocal now, highest
        with lock:
            now += 1
            highest = max(highest, now)
        if number < 40:
            meet.wait(LONG)  # so that forty are made
        with lock:
            now -= 1
        return number, threading.get_ident()

    async def main() -> tuple[list[int], int]:
        async with TaskGroup() as group:
            tasks = [group.spawn(in_thread, call, number) for number in range(10_000)]
        results = [task.result for task in tasks]
        return [number for number, _ in results], len(Counter(thread for _, thread in results))

    pool_of(reactor).idle_seconds = 1e9
    assert run_in(reactor, main) == (list(range(10_000)), 40)
    assert highest == 40
    assert heard.errors == []
