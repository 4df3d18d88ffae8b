"""What a callback lets out: an Exception goes to on_error, anything else leaves run() at once."""

from __future__ import annotations

import logging

import pytest

from reactor import Reactor
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import Heard, fail_with


def test_a_failure_is_logged_with_the_callbacks_file_and_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = ValueError("cannot")
    with Reactor(debug=False) as reactor:
        reactor.call_soon(fail_with, error)
        reactor.turn()

    [record] = caplog.records
    place = f"{fail_with.__code__.co_filename}:{fail_with.__code__.co_firstlineno}"
    assert (record.name, record.levelno) == ("reactor", logging.ERROR)
    assert record.getMessage() == f"<Handle fail_with ({place})> failed"
    assert record.exc_info == (ValueError, error, error.__traceback__)


def test_one_that_fails_does_not_stop_the_others(pair: Pair, seed: int | None) -> None:
    near, far = pair
    heard = Heard()
    calls: list[str] = []
    errors = [ValueError(word) for word in ("soon", "readable", "timer")]
    with World(on_error=heard, seed=seed) as world:
        world.reactor.call_soon(fail_with, errors[0])
        world.reactor.call_soon(calls.append, "after")
        world.reactor.on_readable(near, fail_with, errors[1])
        world.reactor.call_at(0.0, fail_with, errors[2])
        world.reactor.call_at(0.0, calls.append, "last")
        far.send(b"x")
        world.reactor.turn()

    assert sorted(calls) == ["after", "last"]
    assert sorted(heard.errors, key=str) == sorted(errors, key=str)


def test_on_error_hears_which_callback_it_was(seed: int | None) -> None:
    heard: list[object] = []
    with World(on_error=lambda what, error: heard.append(what), seed=seed) as world:
        handle = world.reactor.call_soon(fail_with, ValueError("cannot"))
        world.reactor.turn()

    assert heard == [handle]


def test_what_on_error_raises_leaves_run_and_nothing_else_is_lost(
    pair: Pair, seed: int | None
) -> None:
    near, far = pair
    calls: list[str] = []

    def fail() -> None:
        calls.append("failed")
        raise ValueError("cannot")

    with World(seed=seed) as world:  # its on_error raises what it hears
        world.reactor.call_soon(fail)
        world.reactor.call_soon(calls.append, "soon")
        world.reactor.on_readable(near, lambda: calls.append(near.recv(9).decode()))
        world.reactor.call_at(0.0, calls.append, "timer")
        far.send(b"readable")
        with pytest.raises(ValueError, match="cannot"):
            world.reactor.run()
        assert calls[-1] == "failed"

        world.reactor.turn()

    assert sorted(calls) == ["failed", "readable", "soon", "timer"]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_exception_leaves_run_at_once(
    kind: type[BaseException], seed: int | None
) -> None:
    heard = Heard()
    calls: list[str] = []
    with World(on_error=heard, seed=seed) as world:
        world.reactor.call_soon(fail_with, kind())
        world.reactor.call_soon(calls.append, "after")
        with pytest.raises(kind):
            world.reactor.run()

    assert calls == []
    assert heard.errors == []


def test_what_was_cut_off_comes_first_in_the_next_turn(world: World) -> None:
    calls: list[str] = []

    def interrupt() -> None:
        world.reactor.call_soon(calls.append, "made ready meanwhile")
        raise KeyboardInterrupt

    world.reactor.call_soon(calls.append, "before")
    world.reactor.call_soon(interrupt)
    world.reactor.call_soon(calls.append, "cut off, first")
    world.reactor.call_soon(calls.append, "cut off, second")
    with pytest.raises(KeyboardInterrupt):
        world.reactor.turn()
    assert calls == ["before"]

    world.reactor.turn()
    assert calls == ["before", "cut off, first", "cut off, second", "made ready meanwhile"]


def test_what_was_cut_off_may_be_cut_off_again(world: World) -> None:
    calls: list[str] = []
    for _ in range(3):
        world.reactor.call_soon(fail_with, KeyboardInterrupt())
    world.reactor.call_soon(calls.append, "last")

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            world.reactor.turn()
    world.reactor.turn()

    assert calls == ["last"]


def test_what_was_cut_off_can_still_be_called_off(world: World) -> None:
    world.reactor.call_soon(fail_with, KeyboardInterrupt())
    handle = world.reactor.call_soon(pytest.fail, "it ran")
    with pytest.raises(KeyboardInterrupt):
        world.reactor.turn()

    assert handle.cancel() is True
    world.reactor.turn()
