"""Ctrl-C and exits of whole programs: real processes, real signals.

Each program prints what happens to it, so that nobody has to guess when it may be interrupted.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]

PREFACE = """
import signal, socket, sys, threading
from reactor import *

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored

def say(what):
    print(what, flush=True)

async def stay(name, seconds=30):
    try:
        say(name + " waits")
        await sleep(seconds)
    finally:
        say(name + " ends")
"""

BOUND = 60.0


class Program:
    """A Python program that is talked to by signals, and says what it does."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def expect(self, *lines: str) -> None:
        """Read these lines; the program says them in any order."""
        assert self._process.stdout is not None
        said = [self._process.stdout.readline().strip() for _ in lines]
        assert sorted(said) == sorted(lines)

    def interrupt(self) -> None:
        """Send Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def interrupt_until_it_ends(self) -> int:
        """Send Ctrl-C again and again, since two at once count as one; return the exit status."""
        for _ in range(round(BOUND / 0.05)):
            self.interrupt()
            with suppress(subprocess.TimeoutExpired):
                return self._process.wait(0.05)
        raise AssertionError("the program does not end")

    def end(self) -> tuple[int, list[str], str]:
        """Return the exit status, the lines that were not read, and the last line of errors."""
        output, errors = self._process.communicate(timeout=BOUND)
        return self._process.returncode, output.split("\n")[:-1], errors.strip().split("\n")[-1]


@contextmanager
def program(text: str) -> Iterator[Program]:
    """Run text behind the preface."""
    process = subprocess.Popen(
        [sys.executable, "-c", PREFACE + dedent(text)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Program(process)
    finally:
        process.kill()
        process.communicate()


def test_the_first_ctrl_c_cancels_the_main_task_and_ends_the_program() -> None:
    with program("run(stay, 'main'); say('not reached')") as it:
        it.expect("main waits")
        it.interrupt()

        assert it.end() == (-signal.SIGINT, ["main ends"], "KeyboardInterrupt")


def test_ctrl_c_ends_children_before_their_parents() -> None:
    text = """
    async def main():
        async with TaskGroup() as outer:
            outer.spawn(stay, "child")
            outer.spawn(parent)
        say("not reached")

    async def parent():
        try:
            async with TaskGroup() as inner:
                inner.spawn(stay, "grandchild")
        finally:
            say("parent ends")

    try:
        run(main)
    except KeyboardInterrupt:
        say("out of run")
    """
    with program(text) as it:
        it.expect("child waits", "grandchild waits")
        it.interrupt()
        status, said, _ = it.end()

    assert status == 0
    assert said[-1] == "out of run"
    assert sorted(said[:-1]) == ["child ends", "grandchild ends", "parent ends"]
    assert said.index("grandchild ends") < said.index("parent ends")


def test_the_second_ctrl_c_interrupts_at_once_what_shields_itself() -> None:
    text = """
    async def main():
        async with TaskGroup() as group:
            group.spawn(stay, "child")
            with Scope(shield=True):
                await stay("main")

    run(main)
    """
    with program(text) as it:
        it.expect("main waits", "child waits")
        it.interrupt()
        it.expect("child ends")
        it.interrupt()

        assert it.end() == (-signal.SIGINT, ["main ends"], "KeyboardInterrupt")


def test_ctrl_c_interrupts_a_task_that_never_waits() -> None:
    text = """
    async def main():
        say("main computes")
        while True:
            pass

    run(main)
    """
    with program(text) as it:
        it.expect("main computes")

        assert it.interrupt_until_it_ends() == -signal.SIGINT


def test_after_one_ctrl_c_what_shields_itself_may_finish_in_peace() -> None:
    text = """
    async def main():
        async with TaskGroup() as group:
            child = group.spawn(stay, "child")
            with Scope(shield=True):
                try:
                    await child.join()
                except TaskCancelledError:
                    say("main is told")
                await checkpoint()
                say("main finishes")

    run(main)
    """
    with program(text) as it:
        it.expect("child waits")
        it.interrupt()

        assert it.end() == (
            -signal.SIGINT,
            ["child ends", "main is told", "main finishes"],
            "KeyboardInterrupt",
        )


def test_ctrl_c_goes_to_a_handler_of_the_user_s_own() -> None:
    text = """
    near, far = socket.socketpair()

    async def main():
        say("main waits")
        await wait_readable(near)
        return "result"

    signal.signal(signal.SIGINT, lambda *_: far.send(b"mine"))
    say(run(main))
    """
    with program(text) as it:
        it.expect("main waits")
        it.interrupt()

        assert it.end() == (0, ["result"], "")


def test_ctrl_c_does_not_reach_a_reactor_off_the_main_thread() -> None:
    text = """
    near, far = socket.socketpair()

    async def main():
        say("thread waits")
        await wait_readable(near)
        say("thread ends")

    thread = threading.Thread(target=run, args=(main,))
    try:
        thread.start()
        while True:
            threading.Event().wait(0.1)  # a signal on the very brink of a wait does not end it
    except KeyboardInterrupt:
        say("main thread interrupted")
    far.send(b"go on")
    thread.join()
    """
    with program(text) as it:
        it.expect("thread waits")
        it.interrupt()

        assert it.end() == (0, ["main thread interrupted", "thread ends"], "")


def test_sys_exit_in_a_child_cancels_the_others_in_order_and_ends_the_program() -> None:
    text = """
    async def leave():
        await checkpoint()
        sys.exit(3)

    async def main():
        try:
            async with TaskGroup() as group:
                group.spawn(stay, "a")
                group.spawn(stay, "b")
                group.spawn(leave)
                await stay("body")
        finally:
            say("main ends")

    run(main)
    """
    with program(text) as it:
        assert it.end() == (
            3,
            ["body waits", "a waits", "b waits", "body ends", "a ends", "b ends", "main ends"],
            "",
        )


def test_sys_exit_in_a_callback_closes_the_tasks_and_ends_the_program() -> None:
    text = """
    async def main():
        current_task().reactor.call_soon(sys.exit, 4)
        await stay("main")

    run(main)
    """
    with program(text) as it:
        assert it.end() == (4, ["main waits", "main ends"], "")
