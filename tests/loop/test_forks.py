"""Forks: a reactor does not survive one, says so, and leaves the parent's alone.

Each test forks inside a child of its own: what a child of that child does wrong, it does there.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import warnings
import weakref
from collections.abc import Callable

import pytest

from reactor import ClosedError, ForkedError, NotRunningError, Reactor, current_task, running
from reactor.poller import default_poller
from reactor.tasks import run_in
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Script, Waiter, nothing
from tests.loop.uses import CHEAP, CHECKED, THREADSAFE
from tests.poller.children import in_child, wait_for
from tests.pollers import MakePoller, each_poller


def refusal_in_fork(leave: Callable[[Reactor], object]) -> str:
    """Fork in a callback of a reactor that leave runs; return what the child's reactor said."""
    reader, writer = os.pipe()

    def scenario() -> None:
        children: list[int] = []
        with Reactor(debug=False) as reactor:
            reactor.call_soon(lambda: children.append(os.fork()))
            reactor.call_soon(reactor.stop)
            try:
                leave(reactor)
            except ForkedError as error:
                assert children == [0]
                os.write(writer, str(error).encode())
                return
        assert wait_for(children[0]) == 0

    assert in_child(scenario) == 0
    os.close(writer)
    with open(reader) as said:
        return said.read()


# -- the child's reactor


@pytest.mark.parametrize("leave", [Reactor.run, Reactor.turn])
def test_a_reactor_whose_callback_forked_ends_in_the_child_when_the_callback_returns(
    leave: Callable[[Reactor], object],
) -> None:
    poller = default_poller()
    poller.close()

    assert refusal_in_fork(leave) == (
        f"<Reactor over {type(poller).__name__}, at rest> was carried over a fork; "
        "make a new one in the child"
    )


def test_the_childs_share_of_the_batch_is_not_run() -> None:
    def scenario() -> None:
        reader, writer = os.pipe()
        children: list[int] = []
        with Reactor(debug=False) as reactor:
            reactor.call_soon(lambda: children.append(os.fork()))
            reactor.call_soon(os.write, writer, b"batch ")
            reactor.call_soon(reactor.call_soon, os.write, writer, b"next ")
            try:
                reactor.turn()
                reactor.turn()
            except ForkedError:
                assert children == [0]
                return
        assert wait_for(children[0]) == 0
        assert os.read(reader, 99) == b"batch next "

    assert in_child(scenario) == 0


def test_what_a_callback_raises_in_the_child_comes_out_of_run() -> None:
    def scenario() -> None:
        children: list[int] = []

        def fork() -> None:
            children.append(os.fork())
            if children == [0]:
                sys.exit(7)

        with Reactor(debug=False) as reactor:
            reactor.call_soon(fork)
            reactor.call_soon(reactor.stop)
            left = None
            try:
                reactor.run()
            except SystemExit as error:
                left = error.code
            if children == [0]:
                assert left == 7
                return
        assert wait_for(children[0]) == 0

    assert in_child(scenario) == 0


@pytest.mark.parametrize("name", CHECKED | CHEAP | THREADSAFE)
def test_a_reactor_that_was_carried_over_refuses(pair: Pair, name: str) -> None:
    near, _far = pair
    use = (CHECKED | CHEAP | THREADSAFE)[name]
    with Reactor(Script(), debug=False) as reactor:

        def child() -> None:
            with pytest.raises(ForkedError) as refusal:
                use(reactor, near)
            assert str(refusal.value) == (
                "<Reactor over Script, at rest> was carried over a fork; "
                "make a new one in the child"
            )

        assert in_child(child) == 0


def test_one_that_was_closed_before_the_fork_is_closed_in_the_child_too() -> None:
    with Reactor(Script(), debug=False) as reactor:
        pass

    def child() -> None:
        with pytest.raises(ClosedError):
            reactor.run()

    assert in_child(child) == 0


def test_close_and_forget_are_allowed_in_the_child(pair: Pair) -> None:
    near, _far = pair
    waiter = Waiter()
    script = Script()
    with Reactor(script, debug=False) as reactor:
        side = reactor.reading(near)
        side.park(waiter)

        def child() -> None:
            reactor.forget(near)
            reactor.close()
            reactor.close()
            assert side.fd == -1
            assert waiter.runs == 0
            assert script.dropped == []
            assert script.closes == 1

        assert in_child(child) == 0


def test_a_side_of_a_reactor_that_was_carried_over_refuses_to_be_waited_on(
    pair: Pair, seed: int | None
) -> None:
    near, _far = pair
    with World(seed=seed) as world:
        side = world.reactor.reading(near)

        def child() -> None:
            with pytest.raises(ClosedError):
                side.park(Waiter())

        assert in_child(child) == 0


def test_a_new_reactor_works_in_the_child_also_inside_the_old_ones_callback() -> None:
    def scenario() -> None:
        children: list[int] = []
        calls: list[str] = []

        def fork() -> None:
            children.append(os.fork())
            if children == [0]:
                assert running() is None
                with Reactor(debug=False) as fresh:
                    fresh.call_later(0.0, calls.append, "fresh")
                    fresh.call_threadsafe(fresh.stop)
                    fresh.run()

        with Reactor(debug=False) as old:
            old.call_soon(fork)
            try:
                old.turn()
            except ForkedError:
                assert children == [0]
                assert calls == ["fresh"]
                assert running() is None
                return
        assert wait_for(children[0]) == 0

    assert in_child(scenario) == 0


def test_no_task_runs_in_the_child_of_a_task() -> None:
    def scenario() -> None:
        children: list[int] = []

        async def main() -> None:
            children.append(os.fork())
            if children == [0]:
                with pytest.raises(NotRunningError):
                    current_task()

        with Reactor(debug=False) as reactor:
            try:
                run_in(reactor, main)
            except ForkedError:
                assert children == [0]
                return
        assert wait_for(children[0]) == 0

    assert in_child(scenario) == 0


def test_a_fork_in_a_forked_child_finds_nothing_left_to_do() -> None:
    with Reactor(debug=False) as reactor:

        def child() -> None:
            def grandchild() -> None:
                with pytest.raises(ForkedError):
                    reactor.run()

            assert in_child(grandchild) == 0

        assert in_child(child) == 0


# -- what is the parent's


def descriptors() -> set[int]:
    """Return what is open; not the descriptor that is open only while they are listed."""
    return {int(fd) for fd in os.listdir("/dev/fd") if is_open(int(fd))}


def is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


@each_poller
def test_the_child_closes_the_descriptors_of_the_poller_and_the_waker(
    make_poller: MakePoller, pair: Pair
) -> None:
    near, _far = pair
    before = descriptors()
    with Reactor(make_poller(), debug=False) as reactor:
        reactor.on_readable(near, nothing)
        ours = descriptors() - before

        def child() -> None:
            assert len(ours) >= 2
            assert not [fd for fd in ours if is_open(fd)]
            assert is_open(near.fileno())

        assert in_child(child) == 0


@each_poller
def test_what_the_parent_watches_is_still_watched_when_the_child_has_ended(
    make_poller: MakePoller, pair: Pair
) -> None:
    near, far = pair
    calls: list[bytes] = []
    with Reactor(make_poller(), debug=False) as reactor:
        reactor.on_readable(near, lambda: calls.append(near.recv(99)))
        reactor.on_writable(near, nothing)

        def child() -> None:
            reactor.forget(near)
            reactor.close()
            near.close()

        assert in_child(child) == 0
        far.send(b"still here")
        reactor.turn()
        reactor.call_threadsafe(calls.append, b"and here")
        reactor.turn()
        reactor.turn()

    assert calls == [b"still here", b"and here"]


def test_a_fork_of_a_reactor_that_never_ran_passes_in_silence(
    capfd: pytest.CaptureFixture[str],
    seed: int | None,
) -> None:
    with World(seed=seed) as world:
        assert in_child(nothing) == 0

        world.run_until(1.0)

    assert capfd.readouterr().err == ""  # what a fork hook raises is printed, and passes


def test_a_fork_by_another_thread_ends_the_reactor_in_the_child_too(pair: Pair) -> None:
    near, _far = pair
    ended: list[int] = []

    def scenario() -> None:
        with Reactor(debug=False) as reactor:
            reactor.on_readable(near, nothing)
            reactor.on_signal(signal.SIGUSR1, nothing)

            def child() -> None:
                assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL
                assert signal.set_wakeup_fd(-1) == -1
                with pytest.raises(ForkedError):
                    reactor.run()
                reactor.forget(near)
                reactor.close()

            thread = threading.Thread(target=lambda: ended.append(in_child(child)))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                thread.start()
                thread.join()
        assert ended == [0]

    assert in_child(scenario) == 0


def test_the_hook_keeps_no_reactor_alive() -> None:
    reactor = Reactor(debug=False)
    alive = weakref.ref(reactor)
    reactor.close()
    del reactor
    gc.collect()

    assert alive() is None


# -- signals

WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE)


def test_a_child_has_pythons_own_handlers_and_no_wake_up_descriptor() -> None:
    with Reactor(debug=False) as reactor:
        for signum in WATCHED:
            reactor.on_signal(signum, nothing)

        def child() -> None:
            assert [signal.getsignal(signum) for signum in WATCHED] == [
                signal.SIG_DFL,
                signal.default_int_handler,
                signal.SIG_IGN,
            ]
            assert signal.set_wakeup_fd(-1) == -1

        assert in_child(child) == 0


KEEPS = """
import os, signal, socket
from reactor import Reactor

near, far = socket.socketpair()
far.setblocking(False)
signal.set_wakeup_fd(far.fileno())
with Reactor():
    if not (child := os.fork()):
        os._exit(0 if signal.set_wakeup_fd(-1) == far.fileno() else 1)
    raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_child_without_watches_keeps_the_wake_up_descriptor_of_somebody_else() -> None:
    # In a process of its own: where asyncio is imported, it takes every child's away (3.12).
    assert subprocess.run([sys.executable, "-c", KEEPS], check=False).returncode == 0


def test_a_signal_that_the_parent_watches_ends_the_child(seed: int | None) -> None:
    with World(seed=seed) as world:
        world.reactor.on_signal(signal.SIGTERM, pytest.fail, "the parent was told")

        assert in_child(lambda: signal.raise_signal(signal.SIGTERM)) == -signal.SIGTERM
        world.run_until(1.0)


def test_a_signal_to_the_child_does_not_wake_the_parent(seed: int | None) -> None:
    with World(seed=seed) as world:
        world.reactor.on_signal(signal.SIGINT, pytest.fail, "the parent was told")

        def child() -> None:
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)

        assert in_child(child) == 0
        world.reactor.call_later(1.0, nothing)
        world.reactor.turn()
        assert world.clock.now == 1.0  # nothing was ready, so time has passed


def test_a_watch_of_a_signal_can_be_ended_in_the_child() -> None:
    with Reactor(debug=False) as reactor:
        watches = [reactor.on_signal(signal.SIGUSR1, nothing) for _ in range(2)]

        def child() -> None:
            assert [watch.cancel() for watch in watches] == [False, False]
            assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL

        assert in_child(child) == 0


def test_a_new_reactor_in_the_child_watches_signals_of_its_own(seed: int | None) -> None:
    with Reactor(debug=False) as parent:
        parent.on_signal(signal.SIGUSR1, pytest.fail, "the parent was told")

        def child() -> None:
            with World(seed=seed) as world:
                calls: list[str] = []
                world.reactor.on_signal(signal.SIGUSR1, calls.append, "one")
                signal.raise_signal(signal.SIGUSR1)
                world.run_until(1.0)
                assert calls == ["one"]
            assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL

        assert in_child(child) == 0
