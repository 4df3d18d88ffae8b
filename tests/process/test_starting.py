"""Starting: what a process is given, and what becomes of one that cannot be started."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from typing import Any

import pytest

from reactor import Reactor, ReactorError, Scope, run_in
from reactor.process import Process, children_of, run_process
from tests.process.parts import can_have_pidfds
from tests.tasks.parts import Form, each_form


def output(reactor: Reactor, *command: str, **options: Any) -> bytes:
    """Return what a program writes to its standard output."""
    return run_in(reactor, lambda: run_process(*command, **options)).stdout


@each_form
def test_a_process_talks_with_us_through_pipes(form: Form, each_way: Reactor) -> None:
    process = Process("cat", stdin=PIPE, stdout=PIPE)

    async def talk() -> bytes:
        await form(lambda: process.stdin.send_all(b"hello\n"))
        line = await form(process.stdout.receive_until)
        await form(process.stdin.send_end)
        assert await form(process.stdout.receive) == b""
        return line

    assert run_in(each_way, process.run, talk) == b"hello"
    assert process.returncode == 0


def test_in_async_def_a_process_is_a_block(reactor: Reactor) -> None:
    async def main() -> bytes:
        async with Process("echo", "hello", stdout=PIPE) as process:
            return await process.stdout.receive_until()
        raise AssertionError

    assert run_in(reactor, main) == b"hello"


def test_arguments_are_passed_as_they_are(reactor: Reactor) -> None:
    said = output(reactor, "printf", "%s|", "a b", "$HOME", "*", "é")
    assert said == "a b|$HOME|*|é|".encode()


def test_bytes_and_paths_are_arguments_too(reactor: Reactor, tmp_path: Path) -> None:
    completed = run_in(reactor, run_process, b"echo", tmp_path)
    assert completed.stdout == os.fsencode(tmp_path) + b"\n"


def test_it_runs_in_the_folder_and_with_the_environment_it_is_given(
    reactor: Reactor, tmp_path: Path
) -> None:
    env = {"PATH": os.environ["PATH"], "WHAT": "this"}
    said = output(reactor, "sh", "-c", "pwd -P; echo $WHAT", cwd=tmp_path, env=env)
    assert said == os.fsencode(tmp_path.resolve()) + b"\nthis\n"


def test_files_and_descriptors_take_the_place_of_pipes(reactor: Reactor, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"from a file")
    with path.open("rb") as source, (tmp_path / "out").open("wb") as target:
        completed = run_in(
            reactor, lambda: run_process("cat", stdin=source, stdout=target.fileno())
        )
    assert completed == (0, b"", b"")
    assert (tmp_path / "out").read_bytes() == b"from a file"


def test_dev_null_is_empty_and_takes_everything(reactor: Reactor) -> None:
    completed = run_in(
        reactor,
        lambda: run_process("sh", "-c", "cat; echo x; echo y >&2", stdin=DEVNULL, stdout=DEVNULL),
    )
    assert completed == (0, b"", b"y\n")


def test_standard_error_goes_where_standard_output_goes(reactor: Reactor) -> None:
    said = output(reactor, "sh", "-c", "echo out; echo err >&2", stderr=STDOUT)
    assert said == b"out\nerr\n"


def test_our_own_files_are_inherited(reactor: Reactor, capfd: pytest.CaptureFixture[str]) -> None:
    run_in(reactor, lambda: run_process("sh", "-c", "echo o; echo e >&2", stdout=None, stderr=None))
    assert capfd.readouterr() == ("o\n", "e\n")


def test_a_descriptor_can_be_passed_and_no_other_is(reactor: Reactor) -> None:
    near, far = os.pipe()
    program = f"echo hello > /dev/fd/{far}; test -e /dev/fd/{near}; echo $?"
    try:
        assert output(reactor, "sh", "-c", program, pass_fds=[far]) == b"1\n"
        assert os.read(near, 100) == b"hello\n"
    finally:
        os.close(near)
        os.close(far)


@pytest.mark.parametrize("option", [{"process_group": 0}, {"start_new_session": True}], ids=str)
def test_it_can_have_a_group_or_a_session_of_its_own(
    option: dict[str, Any], reactor: Reactor
) -> None:
    async def main() -> tuple[bool, bool]:
        async with Process("cat", stdin=PIPE, **option) as process:
            pid = process.pid
            return os.getpgid(pid) == pid, os.getsid(pid) == pid
        raise AssertionError

    assert run_in(reactor, main) == (True, "start_new_session" in option)


@pytest.mark.parametrize(
    ("command", "options", "kind"),
    [
        (["no-such-program"], {}, FileNotFoundError),
        (["/dev/null"], {}, PermissionError),
        (["true"], {"cwd": "/no/such/folder"}, FileNotFoundError),
        (["true"], {"cwd": "/dev/null"}, NotADirectoryError),
    ],
)
def test_what_cannot_be_started_says_why_and_leaves_nothing(
    command: list[str], options: dict[str, Any], kind: type[OSError], each_way: Reactor
) -> None:
    process = Process(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, **options)
    former = signal.getsignal(signal.SIGCHLD)

    with pytest.raises(kind) as caught:
        run_in(each_way, process.run, unreachable)

    assert caught.value.filename == options.get("cwd", command[0])
    assert repr(process).endswith("not started>")
    assert repr(children_of(each_way)) == "<Children, 0 alive>"
    assert signal.getsignal(signal.SIGCHLD) == former


async def unreachable() -> None:
    raise AssertionError("the process was not started")


@pytest.mark.parametrize("command", [(), (["echo", "x"],), ("echo", 5)])
def test_what_is_no_command_is_refused(command: Any) -> None:
    with pytest.raises(TypeError, match="is no command; give the program"):
        Process(*command)


@pytest.mark.parametrize("seconds", [float("nan"), -1])
def test_a_grace_that_cannot_be_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="a grace of"):
        Process("true", grace_seconds=seconds)


@pytest.mark.parametrize("name", ["stdin", "stdout"])
def test_only_standard_error_goes_where_standard_output_goes(name: str, reactor: Reactor) -> None:
    options: Any = {name: STDOUT}
    with pytest.raises(ValueError, match=f"{name}=STDOUT makes no sense"):
        run_in(reactor, Process("true", **options).run, unreachable)


def test_what_is_no_descriptor_is_refused_and_the_pipes_are_closed(reactor: Reactor) -> None:
    odd: Any = b"text"
    with pytest.raises(ValueError, match="has no descriptor"):
        run_in(reactor, Process("cat", stdin=PIPE, stdout=PIPE, stderr=odd).run, unreachable)


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_what_is_no_pipe_cannot_be_used_here(name: str, reactor: Reactor) -> None:
    async def main() -> None:
        async with Process("true") as process:
            with pytest.raises(ReactorError, match=f"its {name} is no pipe; start it with {name}="):
                getattr(process, name)

    run_in(reactor, main)


@pytest.mark.parametrize("name", ["stdin", "pid", "returncode", "terminate", "kill"])
def test_one_that_is_not_started_is_told_so(name: str) -> None:
    with pytest.raises(ReactorError, match="<Process true, not started> is not started; enter"):
        getattr(Process("true"), name)()


def test_it_is_started_once(reactor: Reactor) -> None:
    async def main() -> None:
        async with Process("true") as process:
            with pytest.raises(ReactorError, match="was started before; make a new one"):
                async with process:
                    pass

    run_in(reactor, main)


def test_inside_a_cancelled_scope_nothing_is_started(reactor: Reactor) -> None:
    process = Process("true")

    async def main() -> None:
        with Scope() as scope:
            scope.cancel()
            async with process:
                raise AssertionError

    run_in(reactor, main)

    assert repr(process).endswith("not started>")


@pytest.mark.skipif(not can_have_pidfds(), reason="only where there is a pidfd")
def test_one_whose_end_cannot_be_heard_is_killed_and_reaped(reactor: Reactor) -> None:
    class Deaf(Reactor):
        def reading_anew(self, file: Any) -> Any:
            raise OSError("no more can be watched")

    with Deaf() as deaf:
        with pytest.raises(OSError, match="no more can be watched"):
            run_in(deaf, Process("sleep", "60").run, unreachable)
