"""run_process: a program from its start to its end, and what it wrote."""

from __future__ import annotations

import os
import pickle
import signal
from subprocess import PIPE
from typing import Any

import pytest

from reactor import (
    ExitError,
    LimitError,
    Reactor,
    Scope,
    TaskGroup,
    checkpoint,
    move_on_after,
    run_in,
)
from reactor.process import Process, run_process
from tests.process.parts import PYTHON
from tests.tasks.parts import Form, each_form

MANY = 3_000_000


@each_form
def test_what_a_program_wrote_comes_back(form: Form, each_way: Reactor) -> None:
    completed = run_in(
        each_way, form, lambda: run_process("sh", "-c", "cat; echo err >&2", stdin=b"in")
    )
    assert completed == (0, b"in", b"err\n")
    assert completed.returncode == 0


def test_it_has_no_input_unless_that_is_given(reactor: Reactor) -> None:
    assert run_in(reactor, run_process, "cat") == (0, b"", b"")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_whatever_holds_bytes_is_input(kind: Any, reactor: Reactor) -> None:
    assert run_in(reactor, lambda: run_process("cat", stdin=kind(b"in"))).stdout == b"in"


def test_megabytes_on_all_its_files_at_once_are_no_deadlock(reactor: Reactor) -> None:
    program = (
        "import os, sys, threading as t\n"
        f"def out(fd): [os.write(fd, bytes(10000)) for _ in range({MANY // 10_000})]\n"
        "for fd in (1, 2): t.Thread(target=out, args=[fd]).start()\n"
        f"assert len(sys.stdin.buffer.read()) == {MANY}"
    )
    completed = run_in(reactor, lambda: run_process(*PYTHON, program, stdin=bytes(MANY)))
    assert completed == (0, bytes(MANY), bytes(MANY))


def test_who_does_not_read_its_input_is_no_failure(reactor: Reactor) -> None:
    completed = run_in(reactor, lambda: run_process("echo", "x", stdin=bytes(MANY)))
    assert completed.stdout == b"x\n"


def test_who_closes_its_output_early_is_waited_for(reactor: Reactor) -> None:
    program = "exec >&- 2>&-; cat >/dev/null; exit 3"
    completed = run_in(
        reactor, lambda: run_process("sh", "-c", program, stdin=bytes(MANY), check=False)
    )
    assert completed == (3, b"", b"")


@each_form
def test_a_failure_is_raised_with_what_was_written(form: Form, each_way: Reactor) -> None:
    with pytest.raises(ExitError) as caught:
        run_in(each_way, form, lambda: run_process("sh", "-c", "echo out; echo err >&2; exit 9"))
    error = caught.value
    assert (error.returncode, error.stdout, error.stderr) == (9, b"out\n", b"err\n")
    assert str(error).endswith("ended with status 9>; what it wrote is in this error")


def test_a_signal_is_a_failure(reactor: Reactor) -> None:
    with pytest.raises(ExitError, match="ended by SIGKILL") as caught:
        run_in(reactor, run_process, "sh", "-c", "kill -KILL $$")
    assert caught.value.returncode == -signal.SIGKILL


def test_a_failure_is_none_unless_it_is_checked(reactor: Reactor) -> None:
    assert run_in(reactor, lambda: run_process("false", check=False)) == (1, b"", b"")


def test_an_error_of_an_end_can_be_pickled() -> None:
    error = pickle.loads(pickle.dumps(ExitError("no good", 9, b"out", b"err")))
    assert (str(error), error.returncode, error.stdout, error.stderr) == (
        "no good", 9, b"out", b"err",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_more_than_the_limit_stops_the_program_and_is_kept(name: str, each_way: Reactor) -> None:
    program = "exec 1>&2; " if name == "stderr" else ""
    with pytest.raises(LimitError, match=f"more than 1000 bytes came as {name}") as caught:
        run_in(
            each_way,
            lambda: run_process("sh", "-c", program + "while echo yyyyyyy; do :; done", limit=1000),
        )
    assert len(caught.value.partial) > 1000
    assert caught.value.partial.startswith(b"yyyyyyy\n")
    assert "SIGTERM" not in str(caught.value)


def test_as_much_as_the_limit_is_allowed(reactor: Reactor) -> None:
    completed = run_in(reactor, lambda: run_process("printf", "12345", limit=5))
    assert completed.stdout == b"12345"


def test_a_limit_of_nothing_is_a_limit(reactor: Reactor) -> None:
    assert run_in(reactor, lambda: run_process("true", limit=0)).stdout == b""


@pytest.mark.parametrize("limit", [-1, float("nan")])
def test_a_limit_that_cannot_be_is_refused(limit: float, reactor: Reactor) -> None:
    with pytest.raises(ValueError, match="cannot be kept; give 0 or more"):
        run_in(reactor, lambda: run_process("true", limit=limit))


def test_nobody_would_send_to_a_pipe(reactor: Reactor) -> None:
    with pytest.raises(ValueError, match="give the bytes, or use Process"):
        run_in(reactor, lambda: run_process("cat", stdin=PIPE))


@each_form
def test_cancelled_it_stops_the_program(form: Form, each_way: Reactor) -> None:
    async def main() -> bool:
        with move_on_after(0.02) as scope:
            await form(lambda: run_process("sleep", "60", stdin=bytes(MANY)))
        return scope.cancelled_caught

    assert run_in(each_way, main)


def test_an_output_that_a_grandchild_holds_open_is_waited_for(reactor: Reactor) -> None:
    gate, key = os.pipe()
    program = f"{{ read x < /dev/fd/{gate}; echo late; }} & echo early"

    async def main() -> bytes:
        async with TaskGroup() as group:
            task = group.spawn(lambda: run_process("sh", "-c", program, pass_fds=[gate]))
            await checkpoint()
            os.close(key)
        return task.result.stdout

    try:
        assert sorted(run_in(reactor, main).splitlines()) == [b"early", b"late"]
    finally:
        os.close(gate)


def test_who_waits_no_longer_for_a_grandchild_says_so(reactor: Reactor) -> None:
    async def main() -> tuple[bool, bytes]:
        got = b""
        with Scope() as scope:
            async with Process("sh", "-c", "sleep 9 & echo early", stdout=PIPE) as process:
                assert await process.wait() == 0
                got = await process.stdout.receive()
                reactor.call_soon(scope.cancel)
                await process.stdout.receive()
        return scope.cancelled_caught, got

    assert run_in(reactor, main) == (True, b"early\n")
