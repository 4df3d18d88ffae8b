"""Debug: where callbacks were scheduled, and which of them hold the loop."""

from __future__ import annotations

import _thread
import logging
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

import reactor as package
from reactor import Handle, Reactor, WrongThreadError
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Heard, Script, fail_with, nothing

Scheduling = Callable[[Reactor, Pair], Handle]

SCHEDULING: dict[str, Scheduling] = {
    "call_soon": lambda reactor, pair: reactor.call_soon(nothing),
    "call_at": lambda reactor, pair: reactor.call_at(1.0, nothing),
    "call_later": lambda reactor, pair: reactor.call_later(1.0, nothing),
    "call_threadsafe": lambda reactor, pair: reactor.call_threadsafe(nothing),
    "on_readable": lambda reactor, pair: reactor.on_readable(pair[0], nothing),
    "on_writable": lambda reactor, pair: reactor.on_writable(pair[0], nothing),
    "on_signal": lambda reactor, pair: reactor.on_signal(signal.SIGUSR1, nothing),
}


def place(fn: Callable[..., Any]) -> str:
    return f"{fn.__code__.co_filename}:{fn.__code__.co_firstlineno}"


# -- where they were scheduled


@pytest.mark.parametrize("name", SCHEDULING)
def test_in_debug_a_callback_is_shown_with_the_line_that_scheduled_it(
    pair: Pair, name: str
) -> None:
    with Reactor(Script(), debug=True) as reactor:
        handle = SCHEDULING[name](reactor, pair)

        line = place(SCHEDULING[name])
        assert repr(handle) == (
            f"<{type(handle).__name__} nothing ({place(nothing)}), scheduled at {line}>"
        )


@pytest.mark.parametrize("name", SCHEDULING)
def test_without_debug_nobody_remembers_where(pair: Pair, name: str) -> None:
    with Reactor(Script(), debug=False) as reactor:
        assert "scheduled at" not in repr(SCHEDULING[name](reactor, pair))


def test_the_log_of_a_failure_says_where_it_was_scheduled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Reactor(Script(), debug=True) as reactor:
        handle = reactor.call_soon(fail_with, ValueError("cannot"))
        reactor.turn()

    assert handle.origin is not None
    assert f", scheduled at {handle.origin}> failed" in caplog.text
    assert handle.origin.startswith(__file__)


def test_a_folder_whose_name_begins_like_the_packages_is_not_part_of_it() -> None:
    home = os.path.dirname(str(package.__file__))
    filename = f"{home}_application/main.py"
    found: dict[str, Any] = {}
    with Reactor(Script(), debug=True) as reactor:
        code = compile("\nhandle = reactor.call_soon(print)", filename, "exec")
        exec(code, {"reactor": reactor}, found)

    assert found["handle"].origin == f"{filename}:2"


def test_what_nobody_outside_the_package_has_scheduled_is_shown_with_our_own_line() -> None:
    heard = Heard()
    with Reactor(on_error=heard, debug=True) as reactor:
        reactor.call_later(30.0, fail_with, TimeoutError("the call has not come"))
        # A thread that is begun by hand has no frame above what it calls.
        _thread.start_new_thread(reactor.call_threadsafe, (fail_with, ValueError("cannot")))
        while not heard.errors:
            reactor.turn()

    [name] = heard.names
    assert "scheduler.py:" in name.split("scheduled at")[1]


# -- slow ones


def hold(world: World, seconds: float) -> None:
    """Hold the loop for so long, as its clock shows it."""
    world.clock.now += seconds


def test_a_slow_callback_is_reported(caplog: pytest.LogCaptureFixture, seed: int | None) -> None:
    with World(debug=True, seed=seed) as world:
        handle = world.reactor.call_soon(hold, world, 0.25)
        world.reactor.turn()

    [record] = caplog.records
    assert (record.name, record.levelno) == ("reactor", logging.WARNING)
    assert record.getMessage() == f"{handle!r} held the loop for 0.250 seconds"


def test_one_that_is_quick_enough_is_not_reported(
    caplog: pytest.LogCaptureFixture, seed: int | None
) -> None:
    with World(debug=True, seed=seed) as world:
        world.reactor.call_soon(hold, world, 0.1)
        world.reactor.turn()

    assert caplog.records == []


def test_one_that_fails_slowly_is_reported_as_slow_and_as_failed(
    caplog: pytest.LogCaptureFixture,
    seed: int | None,
) -> None:
    def fail_slowly() -> None:
        hold(world, 0.25)
        raise ValueError("cannot")

    heard = Heard()
    with World(debug=True, on_error=heard, seed=seed) as world:
        world.reactor.call_soon(fail_slowly)
        world.reactor.turn()

    assert "held the loop for 0.250 seconds" in caplog.text
    assert [str(error) for error in heard.errors] == ["cannot"]


def test_without_debug_a_slow_callback_is_not_reported(
    caplog: pytest.LogCaptureFixture, seed: int | None
) -> None:
    with World(seed=seed) as world:
        world.reactor.call_soon(hold, world, 0.25)
        world.reactor.turn()

    assert caplog.records == []


def test_debug_changes_nothing_that_is_done(pair: Pair, seed: int | None) -> None:
    near, far = pair
    far.send(b"x")

    def play(*, debug: bool) -> list[str]:
        calls: list[str] = []
        with World(debug=debug, seed=seed) as world:
            world.reactor.call_soon(calls.append, "ready")
            world.reactor.on_readable(near, calls.append, "data")
            world.reactor.call_at(0.0, calls.append, "timer")
            world.reactor.turn()
        return calls

    assert play(debug=True) == play(debug=False)
    assert sorted(play(debug=True)) == ["data", "ready", "timer"]


# -- asking for it


def debugs(reactor: Reactor) -> bool:
    """Tell whether reactor remembers where a callback was scheduled."""
    return reactor.call_soon(nothing).origin is not None


@pytest.mark.parametrize(
    ("value", "asked"), [("1", True), ("yes", True), ("0", False), ("", False), (None, False)]
)
def test_the_environment_asks_for_debug(
    monkeypatch: pytest.MonkeyPatch, value: str | None, asked: bool
) -> None:
    if value is None:
        monkeypatch.delenv("REACTOR_DEBUG", raising=False)
    else:
        monkeypatch.setenv("REACTOR_DEBUG", value)

    with Reactor(Script()) as reactor:
        assert debugs(reactor) is asked


@pytest.mark.parametrize("debug", [True, False])
def test_whoever_makes_a_reactor_overrules_the_environment(
    monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    monkeypatch.setenv("REACTOR_DEBUG", str(int(not debug)))

    with Reactor(Script(), debug=debug) as reactor:
        assert debugs(reactor) is debug


def test_a_callback_that_is_refused_in_debug_is_not_queued() -> None:
    refused: list[BaseException] = []
    with Reactor(Script(), debug=True) as reactor:

        def call() -> None:
            try:
                reactor.call_soon(nothing)
            except WrongThreadError as error:
                refused.append(error)
            finally:
                done.release()

        done = _thread.allocate_lock()
        done.acquire()
        _thread.start_new_thread(call, ())
        assert done.acquire(timeout=30)
        assert len(refused) == 1
        assert reactor.ready == []
