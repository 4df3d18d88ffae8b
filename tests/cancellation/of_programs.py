"""What threads and other processes do for a task."""

from __future__ import annotations

import threading
from subprocess import PIPE

from reactor import TaskGroup, checkpoint
from reactor.net import resolve
from reactor.process import Process, in_process, run_process
from reactor.workers import in_thread, pool_of
from tests.cancellation.case import case
from tests.cancellation.trial import Trial
from tests.process.called import repeat
from tests.process.parts import exists

# -- threads


@case("in_thread", real_time=True)
async def a_thread_is_waited_for(trial: Trial) -> None:
    calls: list[str] = []
    trial.attempt(lambda: in_thread(calls.append, "called"))
    assert not await trial.was_cancelled() or calls == []
    assert await in_thread(len, calls) == len(calls)


@case("in_thread", real_time=True)
async def a_thread_is_stood_in_line_for(trial: Trial) -> None:
    pool_of(trial.reactor).most = 1
    go, calls = threading.Event(), list[str]()
    async with TaskGroup() as group:
        group.spawn(lambda: in_thread(go.wait, 30))
        await checkpoint()
        trial.attempt(lambda: in_thread(calls.append, "first"))
        await checkpoint()
        group.spawn(lambda: in_thread(calls.append, "next"))
        await checkpoint()
        in_line = trial.cancelled
        go.set()
        cancelled = await trial.was_cancelled()
    assert cancelled or not in_line
    assert calls == (["next"] if cancelled else ["first", "next"])


@case("in_thread", real_time=True)
async def a_thread_is_left_to_itself(trial: Trial) -> None:
    go, ended = threading.Event(), threading.Event()

    def call() -> str:
        go.wait(30)
        ended.set()
        return "done"

    pool_of(trial.reactor).most = 1
    trial.attempt(lambda: in_thread(call, cancellable=True))
    await checkpoint()
    await checkpoint()
    go.set()
    await trial.was_cancelled()
    await in_thread(ended.is_set)


@case("resolve", real_time=True)
async def a_name_is_looked_up(trial: Trial) -> None:
    trial.attempt(lambda: resolve("localhost", 80))
    await trial.was_cancelled()
    await resolve("localhost", 80)


# -- processes


@case("in_process", real_time=True)
async def a_call_is_made_in_a_process(trial: Trial) -> None:
    trial.attempt(lambda: in_process(repeat, "ab", 2))
    assert await trial.was_cancelled() or trial.task.result == "abab"


@case("run_process", parks=3, real_time=True)
async def a_program_is_run(trial: Trial) -> None:
    trial.attempt(lambda: run_process("cat", stdin=b"to be told"))
    assert await trial.was_cancelled() or trial.task.result.stdout == b"to be told"


@case("Process.run", parks=2, real_time=True)
async def a_program_has_a_block(trial: Trial) -> None:
    process = Process("cat", stdin=PIPE, stdout=PIPE)

    async def body() -> bytes:
        await process.stdin.send_all(b"to be told")
        return await process.stdout.receive_exactly(10)

    trial.attempt(lambda: process.run(body))
    assert await trial.was_cancelled() or trial.task.result == b"to be told"
    assert "alive" not in repr(process)


@case("Process.run", parks=2, real_time=True)
async def a_program_is_a_block(trial: Trial) -> None:
    async def body() -> bytes:
        async with Process("cat", stdin=PIPE, stdout=PIPE) as process:
            await process.stdin.send_all(b"to be told")
            return await process.stdout.receive_exactly(10)

    trial.attempt(body)
    assert await trial.was_cancelled() or trial.task.result == b"to be told"


@case("Process.wait", real_time=True)
async def a_program_is_waited_for(trial: Trial) -> None:
    async with Process("cat", stdin=PIPE) as process:
        trial.attempt(process.wait)
        await checkpoint()
        await checkpoint()
        process.stdin.close()
        assert await trial.was_cancelled() or trial.task.result == 0
        assert await process.wait() == 0


@case("Process.stop", real_time=True)
async def a_program_is_stopped(trial: Trial) -> None:
    async with Process("sleep", "60") as process:
        trial.attempt(process.stop)
        await trial.was_cancelled()
        await process.stop()
        assert not exists(process.pid)
