"""What strict mypy infers of processes, programs that are run, and calls in other interpreters."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from typing import assert_type

from reactor import Operation, Reactor, Steps, TaskGroup, coroutine, run
from reactor.net import Stream
from reactor.process import (
    Children,
    Completed,
    PipeStream,
    Process,
    children_of,
    in_process,
    run_process,
)


def plain(count: int, of: str = "") -> list[str]:
    return [of] * count


@coroutine
def body(process: Process, count: int) -> Steps[bytes]:
    assert_type((yield from process.wait()), int)
    yield from process.stop()
    return bytes(count)


@coroutine
def in_a_generator() -> Steps[None]:
    process = Process("cat", b"-", Path("file"), stdin=PIPE, stdout=DEVNULL, stderr=STDOUT)
    assert_type((yield from process.run(body, process, 3)), bytes)
    assert_type((yield from run_process("ls", cwd=Path())), Completed)
    assert_type((yield from in_process(plain, 3, "x")), list[str])


async def in_async_def() -> None:
    async with Process("cat", stdin=PIPE, pass_fds=[3], grace_seconds=1) as process:
        assert_type(process, Process)
        assert_type(process.stdin, PipeStream)
        stream: Stream = process.stdout
        assert_type(await stream.receive(), bytes)
        assert_type(process.pid, int)
        assert_type(process.returncode, int | None)
        assert_type(process.send_signal(signal.SIGHUP), bool)
        assert_type(process.terminate(), bool)
        assert_type(process.kill(), bool)
        assert_type(await process.wait(), int)
    with open("file", "rb") as file:
        completed = await run_process("cat", stdin=file, limit=1000, env={}, check=False)
        await run_process("cat", stdin=bytearray(b"input"), start_new_session=True)
    assert_type(completed.stdout, bytes)
    assert_type(await in_process(partial(plain, 3, of="x")), list[str])
    async with TaskGroup() as group:
        task = group.spawn(in_process, plain, 3, "x")
    assert_type(task.result, list[str])
    assert_type(run(in_process, abs, 3), int)


def a_call_is_an_operation() -> Operation[int]:
    return in_process(abs, 3)


def there_are_settings(reactor: Reactor) -> None:
    assert_type(children_of(reactor), Children)
    children_of(reactor).calls.total = 4
    children_of(reactor).by_signal = True


def a_pipe_is_a_stream(reactor: Reactor) -> Stream:
    return PipeStream(reactor, receiving=0, sending=1)
