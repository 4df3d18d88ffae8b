"""Ends: how a process ended, who hears of it, and what signals hit."""

from __future__ import annotations

import errno
import os
import signal
import threading
from math import inf
from subprocess import PIPE, Popen

import pytest

from reactor import (
    ForkedError,
    Reactor,
    Scope,
    TaskGroup,
    WrongThreadError,
    checkpoint,
    current_task,
    move_on_after,
    run,
    run_in,
)
from reactor.process import Process, children_of, run_process
from reactor.process.child import has_pidfds
from tests.poller.children import in_child
from tests.process.parts import POLITE, begun, can_have_pidfds, ready, wait_without_reaping
from tests.tasks.parts import Form, each_form


@pytest.mark.parametrize(
    ("line", "returncode", "words"),
    [
        ("exit 0", 0, "ended with status 0"),
        ("exit 255", 255, "ended with status 255"),
        ("kill -KILL $$", -9, "ended by SIGKILL"),
        ("kill -TERM $$", -15, "ended by SIGTERM"),
        ("kill -40 $$", -40, "ended by signal 40"),
    ],
)
@each_form
def test_how_it_ended_is_told(
    line: str, returncode: int, words: str, form: Form, each_way: Reactor
) -> None:
    async def main() -> None:
        async with Process("sh", "-c", line) as process:
            assert await form(process.wait) == returncode
            assert process.returncode == returncode
            assert repr(process) == f"<Process sh -c {line}, pid {process.pid}, {words}>"

    run_in(each_way, main)


def test_an_end_before_the_first_wait_is_not_lost(each_way: Reactor) -> None:
    async def main() -> int:
        async with Process("sh", "-c", "exit 3") as process:
            wait_without_reaping(process.pid)
            assert process.returncode is None  # it was not heard of yet
            assert await process.wait() == 3
        return await process.wait()

    assert run_in(each_way, main) == 3


def test_several_may_wait(each_way: Reactor) -> None:
    async def main() -> list[int]:
        async with Process("cat", stdin=PIPE) as process:
            async with TaskGroup() as group:
                tasks = [group.spawn(process.wait) for _ in range(3)]
                await checkpoint()
                process.stdin.close()
        return [task.result for task in tasks]

    assert run_in(each_way, main) == [0, 0, 0]


def test_of_several_each_tells_its_own_end(each_way: Reactor) -> None:
    async def one(status: int) -> int:
        async with Process("sh", "-c", f"exit {status}") as process:
            return await process.wait()
        raise AssertionError

    async def main() -> list[int]:
        async with TaskGroup() as group:
            tasks = [group.spawn(one, status) for status in range(100)]
        return [task.result for task in tasks]

    assert run_in(each_way, main) == list(range(100))


def test_the_children_of_others_are_left_alone(each_way: Reactor) -> None:
    async def main() -> int:
        stranger = os.posix_spawnp("true", ["true"], os.environ)
        wait_without_reaping(stranger)
        await run_process("true")
        return os.waitstatus_to_exitcode(os.waitpid(stranger, 0)[1])

    assert run_in(each_way, main) == 0


def test_who_was_reaped_by_somebody_else_is_told_clearly(each_way: Reactor) -> None:
    async def main() -> None:
        async with Process("sh", "-c", "exit 3") as process:
            os.waitpid(process.pid, 0)
            with pytest.raises(ChildProcessError, match=r"how <.*ended unseen> ended is not known"):
                await process.wait()
            with pytest.raises(ChildProcessError):
                process.returncode  # noqa: B018 - it raises
            assert not process.kill()

    run_in(each_way, main)


@pytest.mark.skipif(not can_have_pidfds(), reason="only where there is a pidfd")
def test_where_ends_of_children_are_ignored_nobody_knows_them(reactor: Reactor) -> None:
    async def main() -> None:
        async with Process("true") as process:
            with pytest.raises(ChildProcessError, match="SIGCHLD is ignored"):
                await process.wait()

    former = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        run_in(reactor, main)
    finally:
        signal.signal(signal.SIGCHLD, former)


@pytest.mark.parametrize("turns", range(5))
def test_a_wait_that_is_cancelled_loses_nothing_in_whatever_turn(
    turns: int, each_way: Reactor
) -> None:
    async def wait(process: Process, scope: Scope, log: list[object]) -> None:
        with scope:
            log.append(await process.wait())
            await checkpoint()
            log.append("not reached")
        log.append(await process.wait())

    async def main(early: bool) -> list[object]:
        log: list[object] = []
        scope = Scope()
        async with Process("sh", "-c", "exit 3") as process:
            async with TaskGroup() as group:
                group.spawn(wait, process, scope, log)
                await checkpoint()
                wait_without_reaping(process.pid)
                for _ in range(turns):
                    await checkpoint()
                call = current_task().reactor
                if early:  # before what this turn wakes
                    call.call_soon(scope.cancel)
                else:
                    call.call_later(0, scope.cancel)
        return log

    for early in (True, False):
        log = run_in(each_way, main, early)
        assert log in ([3], [3, 3], [3, "not reached", 3])


@pytest.mark.skipif(not can_have_pidfds(), reason="only where there is a pidfd")
@pytest.mark.parametrize("first", ["the end", "the cancellation"])
def test_in_one_turn_the_first_of_end_and_cancellation_counts(first: str, reactor: Reactor) -> None:
    async def wait(process: Process, scope: Scope, log: list[str]) -> None:
        with scope:
            log.append(f"status {await process.wait()}")
            await checkpoint()
            log.append("not reached")
        log.append(f"cancelled {scope.cancelled_caught}")

    async def main() -> list[str]:
        log: list[str] = []
        scope = Scope()
        async with Process("cat", stdin=PIPE) as process:
            async with TaskGroup() as group:
                group.spawn(wait, process, scope, log)
                await checkpoint()
                process.stdin.close()
                wait_without_reaping(process.pid)
                if first == "the end":
                    reactor.call_later(0, scope.cancel)
                else:
                    reactor.call_soon(scope.cancel)
        return log

    told = ["status 0"] if first == "the end" else []
    assert run_in(reactor, main) == [*told, "cancelled True"]


@each_form
def test_a_wait_that_is_cancelled_lets_the_process_go_on(form: Form, each_way: Reactor) -> None:
    async def main() -> int:
        async with Process("cat", stdin=PIPE) as process:
            with move_on_after(0.01) as scope:
                await form(process.wait)
            assert scope.cancelled_caught
            process.stdin.close()
            return await process.wait()
        raise AssertionError

    assert run_in(each_way, main) == 0


def test_signals_are_sent(each_way: Reactor) -> None:
    async def main() -> list[int]:
        ends = []
        for name, args in (("terminate", ()), ("kill", ()), ("send_signal", (signal.SIGUSR1,))):
            async with Process("sleep", "60") as process:
                assert getattr(process, name)(*args) is True
                ends.append(await process.wait())
                assert getattr(process, name)(*args) is False
        return ends

    assert run_in(each_way, main) == [-signal.SIGTERM, -signal.SIGKILL, -signal.SIGUSR1]


def test_a_signal_for_one_that_has_ended_is_not_sent_and_its_end_is_heard(
    each_way: Reactor,
) -> None:
    async def main() -> None:
        async with Process("sh", "-c", "exit 4") as process:
            async with TaskGroup() as group:
                task = group.spawn(process.wait)
                await checkpoint()
                wait_without_reaping(process.pid)
                assert not process.terminate()
                assert process.returncode == 4
            assert task.result == 4

    run_in(each_way, main)


@each_form
def test_stop_asks_first(form: Form, each_way: Reactor) -> None:
    async def main() -> tuple[bytes, int]:
        async with Process(*POLITE, stdout=PIPE) as process:
            await ready(process)
            await form(process.stop)
            return await process.stdout.receive(), await process.wait()
        raise AssertionError

    assert run_in(each_way, main) == (b"bye\n", 7)


def test_stop_ends_its_input_too(each_way: Reactor) -> None:
    program = "trap '' TERM; echo ready; cat; exit 5"

    async def main() -> int:
        async with Process(
            "sh", "-c", program, stdin=PIPE, stdout=PIPE, grace_seconds=inf
        ) as process:
            await ready(process)
            await process.stop()
            return await process.wait()
        raise AssertionError

    assert run_in(each_way, main) == 5


def test_stop_of_one_that_has_ended_is_done(each_way: Reactor) -> None:
    async def main() -> int:
        async with Process("true") as process:
            await process.wait()
            await process.stop()
            return await process.wait()
        raise AssertionError

    assert run_in(each_way, main) == 0


def test_the_handler_of_before_is_back_when_nobody_lives(reactor: Reactor) -> None:
    former = signal.getsignal(signal.SIGCHLD)
    children_of(reactor).by_signal = True

    async def main() -> None:
        async with Process("cat", stdin=PIPE):
            assert signal.getsignal(signal.SIGCHLD) != former
            await run_process("true")
            assert signal.getsignal(signal.SIGCHLD) != former

    run_in(reactor, main)

    assert signal.getsignal(signal.SIGCHLD) == former


@pytest.mark.parametrize("by_signal", [True, False])
def test_only_pidfds_work_off_the_main_thread(by_signal: bool) -> None:
    if not by_signal and not can_have_pidfds():
        pytest.skip("only where there is a pidfd")
    results: list[object] = []

    async def main() -> None:
        children_of(current_task().reactor).by_signal = by_signal
        try:
            results.append((await run_process("true")).returncode)
        except WrongThreadError as error:
            results.append(type(error))

    thread = threading.Thread(target=run, args=[main])
    thread.start()
    thread.join()

    assert results == [WrongThreadError if by_signal else 0]


def test_in_a_forked_child_it_is_nobodys(each_way: Reactor) -> None:
    async def main() -> int:
        process = Process("cat", stdin=PIPE)
        children = children_of(each_way)

        async def body() -> None:
            def child() -> None:
                for fn in (process.kill, process.terminate):
                    with pytest.raises(ForkedError):
                        fn()
                with pytest.raises(ForkedError):
                    run(process.wait)
                assert repr(children) == "<Children, 0 alive>"
                assert run(run_process, "true").returncode == 0  # on a reactor of its own

            assert in_child(child) == 0
            await process.stdin.send_end()

        await process.run(body)
        return await process.wait()

    assert run_in(each_way, main) == 0


def test_a_forked_child_that_lets_a_block_go_does_not_end_its_process(each_way: Reactor) -> None:
    process = Process("cat", stdin=PIPE)
    task = begun(each_way, process)

    assert in_child(task.steps.close) == 0

    assert process.send_signal(0)  # it lives
    with each_way.standing_in(task):
        task.steps.close()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(not can_have_pidfds(), reason="only where there is a pidfd")
def test_one_that_was_reaped_before_it_could_be_watched_has_ended(reactor: Reactor) -> None:
    def start() -> Popen[bytes]:
        popen = Popen(["true"])
        os.waitpid(popen.pid, 0)
        return popen

    child = children_of(reactor).start(start)

    assert (child.ended, child.status, child.state) == (True, None, "ended unseen")
    assert repr(children_of(reactor)) == "<Children, 0 alive>"


@pytest.mark.parametrize(
    ("number", "verdict"), [(errno.ENOSYS, False), (errno.EPERM, False), (errno.EMFILE, True)]
)
def test_a_system_that_refuses_pidfds_has_none(number: int, verdict: bool) -> None:
    def refuse(pid: int) -> int:
        raise OSError(number, "refused")

    assert has_pidfds(refuse) is (verdict and can_have_pidfds())
    assert not has_pidfds(None)
