"""Ctrl-C, as far as one process can show it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from reactor import Cancelled, Scope, WaitQueue, checkpoint, current_task, run, sleep


@pytest.fixture
def handler() -> Iterator[Callable[[], Any]]:
    """Python's own handler of SIGINT, also where a shell has it ignored; tells which is set."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


async def raise_sigint() -> None:
    """Send Ctrl-C to this program, and wait for what comes of it."""
    signal.raise_signal(signal.SIGINT)
    await sleep(30)


@pytest.mark.usefixtures("handler")
def test_ctrl_c_cancels_the_main_task_and_becomes_keyboard_interrupt() -> None:
    log: list[str] = []

    async def main() -> None:
        try:
            await raise_sigint()
        except Cancelled:
            log.append("cancelled")
            raise

    with pytest.raises(KeyboardInterrupt):
        run(main)

    assert log == ["cancelled"]


@pytest.mark.usefixtures("handler")
def test_what_a_task_fails_with_after_ctrl_c_is_the_cause() -> None:
    async def main() -> None:
        try:
            await raise_sigint()
        finally:
            raise ValueError("in the end")

    with pytest.raises(KeyboardInterrupt) as info:
        run(main)

    assert repr(info.value.__cause__) == "ValueError('in the end')"


@pytest.mark.usefixtures("handler")
def test_a_main_task_that_swallows_ctrl_c_does_not_hide_it() -> None:
    async def main() -> str:
        with pytest.raises(Cancelled):
            await raise_sigint()
        return "as if nothing had been"

    with pytest.raises(KeyboardInterrupt):
        run(main)


@pytest.mark.usefixtures("handler")
def test_the_second_ctrl_c_goes_through_a_shield() -> None:
    log: list[str] = []

    async def main() -> None:
        try:
            with pytest.raises(Cancelled):
                await raise_sigint()
            with Scope(shield=True):
                await raise_sigint()
        finally:
            log.append("finally")

    with pytest.raises(KeyboardInterrupt):
        run(main)

    assert log == ["finally"]


@pytest.mark.usefixtures("handler")
def test_the_second_ctrl_c_interrupts_a_task_that_keeps_the_loop_from_hearing_of_the_first() -> (
    None
):
    log: list[str] = []

    async def busy() -> None:
        signal.raise_signal(signal.SIGINT)
        log.append("not yet")
        signal.raise_signal(signal.SIGINT)
        log.append("not reached")

    with pytest.raises(KeyboardInterrupt):
        run(busy)

    assert log == ["not yet"]


@pytest.mark.usefixtures("handler")
def test_ctrl_c_in_the_last_step_is_not_lost() -> None:
    async def main() -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(main)


def test_a_watch_of_the_user_s_takes_ctrl_c_over_and_its_second_press_is_no_interrupt(
    handler: Callable[[], Any],
) -> None:
    heard: WaitQueue[str] = WaitQueue()

    async def main() -> list[str]:
        current_task().reactor.on_signal(signal.SIGINT, heard.wake_all, "heard")
        answers: list[str] = []
        for _ in range(3):
            signal.raise_signal(signal.SIGINT)
            answers.append(await heard)
        return answers

    assert run(main) == ["heard"] * 3
    assert handler() is signal.default_int_handler


def test_what_has_taken_ctrl_c_over_hears_of_it_twice_although_the_loop_was_busy(
    handler: Callable[[], Any],
) -> None:
    presses: list[str] = []

    async def main() -> None:
        current_task().reactor.on_signal(signal.SIGINT, presses.append, "heard")
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        await sleep(0.01)
        signal.raise_signal(signal.SIGINT)  # in the last step

    run(main)

    assert presses == ["heard"] * 2
    assert handler() is signal.default_int_handler


def test_a_handler_that_is_set_while_it_runs_stays(handler: Callable[[], Any]) -> None:
    def mine(signum: int, frame: FrameType | None) -> None:
        raise AssertionError("nobody presses Ctrl-C")

    async def main() -> None:
        signal.signal(signal.SIGINT, mine)
        await checkpoint()

    run(main)

    assert handler() is mine


def test_ctrl_c_is_python_s_own_again_behind_run(handler: Callable[[], Any]) -> None:
    async def main() -> Any:
        return handler()

    assert run(main) is not signal.default_int_handler
    assert handler() is signal.default_int_handler


def test_a_handler_of_the_user_s_is_left_alone(handler: Callable[[], Any]) -> None:
    caught: list[int] = []

    def mine(signum: int, frame: FrameType | None) -> None:
        caught.append(signum)

    async def main() -> str:
        signal.raise_signal(signal.SIGINT)
        await checkpoint()
        return "went on"

    signal.signal(signal.SIGINT, mine)

    assert run(main) == "went on"
    assert caught == [signal.SIGINT]
    assert handler() is mine


def test_off_the_main_thread_ctrl_c_is_left_alone(handler: Callable[[], Any]) -> None:
    seen: list[Any] = []

    async def main() -> None:
        seen.append(handler())

    thread = threading.Thread(target=run, args=(main,))
    thread.start()
    thread.join()

    assert seen == [signal.default_int_handler]
