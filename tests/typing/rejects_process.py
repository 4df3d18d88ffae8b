"""What strict mypy refuses: commands that are none, lost waits, arguments that do not fit."""

from __future__ import annotations

from subprocess import PIPE

from reactor import Reactor, Steps, coroutine, sleep
from reactor.process import PipeStream, Process, children_of, in_process, run_process


def plain(count: int) -> list[str]:
    return [""] * count


async def async_def(count: int) -> bytes:
    await sleep(1)
    return bytes(count)


@coroutine
def in_a_generator() -> Steps[None]:
    yield from in_process(plain)  # E: arg-type
    yield from in_process(plain, "three")  # E: arg-type
    yield from in_process(plain(3))  # E: arg-type
    in_process(plain, 3)  # E: unused-awaitable
    number: int = yield from in_process(plain, 3)  # E: assignment
    yield from Process("true").run(plain, 3)  # E: arg-type
    yield from Process("true").run(async_def, "three")  # E: arg-type


async def in_async_def() -> None:
    with Process("true"):  # E: attr-defined  __enter__  # E: attr-defined  __exit__
        pass
    async with Process(["echo", "x"]) as process:  # E: arg-type
        process.wait()  # E: unused-awaitable
        process.stop()  # E: unused-awaitable
        process.send_signal("SIGHUP")  # E: arg-type
        text: str = await process.stdout.receive()  # E: assignment
    await run_process("cat", stdin="text")  # E: arg-type
    await run_process("cat", timeout=5)  # E: call-arg
    run_process("true")  # E: unused-awaitable


def the_rest(reactor: Reactor) -> None:
    Process("cat", stdin=b"input")  # E: arg-type
    Process("cat", shell=True)  # E: call-arg
    PipeStream(reactor, 0, 1)  # E: call-arg
    children_of(reactor).calls = 4  # E: assignment
