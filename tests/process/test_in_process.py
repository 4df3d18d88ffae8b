"""in_process: a call in a fresh interpreter, its answer, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from reactor import (
    ExitError,
    Reactor,
    ReactorError,
    Scope,
    Steps,
    TaskGroup,
    checkpoint,
    coroutine,
    current_task,
    run_in,
)
from reactor.process import PipeStream, children_of, in_process
from tests.process import called
from tests.process.parts import LONG, exists
from tests.tasks.parts import Form, each_form

PROJECT = Path(__file__).parents[2]


@each_form
def test_what_a_call_returns_comes_back(form: Form, each_way: Reactor) -> None:
    assert run_in(each_way, form, lambda: in_process(called.repeat, "ab", 3)) == "ababab"


@each_form
def test_what_a_call_raises_is_raised_with_a_note_of_where(form: Form, reactor: Reactor) -> None:
    with pytest.raises(ValueError, match="no luck") as caught:
        run_in(reactor, form, lambda: in_process(called.fail, "no luck"))
    (note,) = caught.value.__notes__
    assert note.startswith("in its process:\nTraceback")
    assert "raise ValueError(message)" in note
    assert "callee.py" not in note


def test_it_is_another_process_with_our_arguments_and_nothing_of_ours(reactor: Reactor) -> None:
    pid, argv, imported = run_in(reactor, in_process, called.surroundings)
    assert pid != os.getpid()
    assert argv == sys.argv
    assert not imported


def test_megabytes_go_there_and_back(reactor: Reactor) -> None:
    text = "x" * 3_000_000
    assert run_in(reactor, in_process, called.repeat, text, 2) == text * 2


@pytest.mark.parametrize(
    ("fn", "args", "returncode", "words"),
    [
        (called.leave, (5,), 5, "leave .* gave no answer: its process, .*, ended with status 5"),
        (called.die, (signal.SIGKILL,), -9, "ended by SIGKILL"),
        (called.fork_and_die, (), 4, "ended with status 4"),
    ],
)
def test_one_that_dies_without_an_answer_is_told_with_how(
    fn: Any, args: Any, returncode: int, words: str, each_way: Reactor
) -> None:
    with pytest.raises(ExitError, match=words) as caught:
        run_in(each_way, in_process, fn, *args)
    assert caught.value.returncode == returncode


def test_one_that_dies_before_it_has_read_its_call_is_told_too(
    reactor: Reactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(ExitError, match="ended with status 1"):
        run_in(reactor, in_process, called.repeat, "x" * 3_000_000, 2)


def test_an_interpreter_that_is_not_there_is_told(
    reactor: Reactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "no-such-python")
    with pytest.raises(FileNotFoundError):
        run_in(reactor, in_process, called.repeat, "x", 2)


class Said:
    """What a process says, in a file that is a pipe."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "fifo")
        os.mkfifo(self.path)
        self._fd = os.open(self.path, os.O_RDWR)  # so that nobody waits to open it

    @coroutine
    def pid(self) -> Steps[int]:
        """Wait for a process to say its number, and return that; then let others have a turn."""
        with PipeStream(current_task().reactor, receiving=self._fd) as stream:
            pid = int((yield from stream.receive_until()))
        for _ in range(5):
            yield from checkpoint()
        return pid


@each_form
def test_cancelled_it_is_killed(form: Form, each_way: Reactor, tmp_path: Path) -> None:
    said = Said(tmp_path)

    async def main() -> int:
        async with TaskGroup() as group:
            group.spawn(form, lambda: in_process(called.sit, said.path))
            pid = await said.pid()
            group.cancel()
        return pid

    assert not exists(run_in(each_way, main))


def test_an_answer_that_has_come_is_not_lost_to_a_cancellation(
    reactor: Reactor, tmp_path: Path
) -> None:
    said = Said(tmp_path)

    async def call(scope: Scope, log: list[str]) -> None:
        with scope:
            log.append(await in_process(called.hang, said.path))
            await checkpoint()
            log.append("not reached")

    async def main() -> list[str]:
        scope, log = Scope(), list[str]()
        async with TaskGroup() as group:
            group.spawn(call, scope, log)
            pid = await said.pid()
            scope.cancel()
            await checkpoint()
            os.kill(pid, signal.SIGKILL)
        return log

    assert run_in(reactor, main) == ["answer"]


def test_one_that_has_answered_and_does_not_end_is_stopped(tmp_path: Path) -> None:
    said, passed = Said(tmp_path), [0.0]

    async def main() -> tuple[str, int]:
        async with TaskGroup() as group:
            task = group.spawn(in_process, called.hang, said.path)
            pid = await said.pid()
            passed.append(5.0)
        return task.result, pid

    with Reactor(clock=lambda: time.monotonic() + passed[-1]) as reactor:
        reactor.call_later(LONG, reactor.stop)
        answer, pid = run_in(reactor, main)
    assert (answer, exists(pid)) == ("answer", False)


def test_an_answer_holds_also_where_somebody_else_reaps_its_process(
    reactor: Reactor, tmp_path: Path
) -> None:
    said = Said(tmp_path)

    async def main() -> str:
        async with TaskGroup() as group:
            task = group.spawn(in_process, called.hang, said.path)
            pid = await said.pid()
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return task.result

    assert run_in(reactor, main) == "answer"


def test_an_answer_is_kept_while_its_process_takes_its_time_to_end(
    reactor: Reactor, tmp_path: Path
) -> None:
    path = tmp_path / "done"
    assert run_in(reactor, in_process, called.linger, str(path)) == "answer"
    assert path.read_text() == "done"


def test_ctrl_c_is_left_to_us(reactor: Reactor) -> None:
    assert run_in(reactor, in_process, called.interrupted) == "went on"


def test_an_exit_is_raised_like_anything_else(reactor: Reactor) -> None:
    async def main() -> object:
        with pytest.raises(SystemExit) as caught:
            await in_process(sys.exit, 3)
        return caught.value.code

    assert run_in(reactor, main) == 3


def test_the_end_of_an_iteration_is_the_cause_of_a_runtime_error(reactor: Reactor) -> None:
    with pytest.raises(RuntimeError) as caught:
        run_in(reactor, in_process, called.stop_iteration)
    assert isinstance(caught.value.__cause__, StopIteration)


def test_what_cannot_be_sent_is_told_before_anything_starts(reactor: Reactor) -> None:
    with pytest.raises(Exception, match="lambda") as caught:
        run_in(reactor, in_process, lambda: 5)
    assert "in_process sends" in caught.value.__notes__[0]


def test_a_result_that_cannot_be_sent_back_is_told(reactor: Reactor) -> None:
    with pytest.raises(TypeError, match="not to be sent"):
        run_in(reactor, in_process, called.unsendable)


@pytest.mark.parametrize("fn", [called.unwelcome, called.fail_oddly, called.fail_unsendably])
def test_an_answer_that_cannot_be_received_is_told(fn: Any, reactor: Reactor) -> None:
    with pytest.raises(
        ReactorError, match=f"the answer of {fn.__name__}.*cannot be brought here"
    ) as caught:
        run_in(reactor, in_process, fn)
    assert isinstance(caught.value.__cause__, Exception)


def test_the_words_of_an_error_that_cannot_be_received_are_kept(reactor: Reactor) -> None:
    with pytest.raises(ReactorError) as caught:
        run_in(reactor, in_process, called.fail_oddly)
    assert "OddError: 1 and 2" in caught.value.__notes__[0]


def test_what_cannot_be_called_is_refused() -> None:
    what: Any = 5
    with pytest.raises(TypeError, match="5 cannot be called; give the function, not its call"):
        _ = in_process(what)


def test_only_so_many_are_under_way_at_once(reactor: Reactor) -> None:
    calls = children_of(reactor).calls
    assert calls.total == os.cpu_count()

    async def main() -> list[str]:
        calls.total = 1
        async with TaskGroup() as group:
            tasks = [group.spawn(in_process, called.repeat, "x", times) for times in (1, 2, 3)]
            await checkpoint()
            assert repr(calls) == "<CapacityLimiter, 1 of 1 borrowed, 2 waiting>"
        return [task.result for task in tasks]

    assert run_in(reactor, main) == ["x", "xx", "xxx"]
    assert calls.borrowed == 0


MAIN = """
from __future__ import annotations
import sys
from reactor import run
from reactor.process import in_process

class Point:
    def __init__(self, x): self.x = x

def double(point): return Point(2 * point.x)

def nested(point): return run(in_process, double, point)

if {guard}:
    print(run(in_process, {fn}, Point(4)).x)
"""


def run_script(*command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(PROJECT)}
    return subprocess.run(
        [sys.executable, *command], env=env, capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize(("fn", "way"), [("double", "module"), ("nested", "path")])
def test_functions_of_the_main_module_can_be_called(fn: str, way: str, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(MAIN.format(guard="__name__ == '__main__'", fn=fn))
    command = [str(script)] if way == "path" else ["-m", "program"]
    ended = run_script(*command, cwd=tmp_path)
    assert (ended.stdout, ended.stderr) == ("8\n", "")


def test_a_program_that_starts_itself_again_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(MAIN.format(guard="True", fn="double"))
    ended = run_script(str(script))
    assert 'has to stand under `if __name__ == "__main__"`' in ended.stderr


def test_functions_of_a_main_module_that_is_no_file_are_told() -> None:
    script = MAIN.format(guard="True", fn="double")
    ended = run_script("-c", script)
    assert "the main module, which is no file; put the function into a module" in ended.stderr


def test_flags_and_warnings_are_passed_on() -> None:
    script = (
        "import sys; from reactor import run; from reactor.process import in_process\n"
        "from tests.process.called import flags; print(run(in_process, flags))"
    )
    ended = run_script("-OO", "-Werror::ImportWarning", "-c", script)
    assert (ended.stdout, ended.stderr) == ("(2, ['error::ImportWarning'])\n", "")
