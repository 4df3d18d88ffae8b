"""Callbacks: how one is asked for, called off, shown, and what it runs in."""

from __future__ import annotations

import contextvars
import functools
import weakref

import pytest

from reactor import Handle, Reactor, Runnable
from reactor.loop import describe
from reactor.testing import World
from tests.loop.conftest import Pair
from tests.loop.parts import nothing


def test_a_callback_gets_its_arguments_and_runs_once(world: World) -> None:
    calls: list[tuple[int, str]] = []

    def note(number: int, word: str) -> None:
        calls.append((number, word))

    world.reactor.call_soon(note, 7, "seven")
    world.run_until(1.0)

    assert calls == [(7, "seven")]


def test_one_called_off_before_its_turn_does_not_run(world: World) -> None:
    handle = world.reactor.call_soon(pytest.fail, "it ran")

    assert handle.cancel() is True
    world.reactor.turn()


def test_one_can_be_called_off_by_another_of_the_same_turn(world: World) -> None:
    victims: list[Handle] = []
    world.reactor.call_soon(lambda: [victim.cancel() for victim in victims])
    victims.append(world.reactor.call_soon(pytest.fail, "it ran"))

    world.reactor.turn()


def test_calling_off_what_has_run_is_too_late(world: World) -> None:
    handle = world.reactor.call_soon(nothing)
    world.reactor.turn()

    assert handle.cancel() is False


def test_one_that_runs_now_is_not_live_any_more(world: World) -> None:
    handles: list[Handle] = []
    seen: list[bool] = []
    handles.append(world.reactor.call_soon(lambda: seen.append(handles[0].cancel())))

    world.reactor.turn()

    assert seen == [False]


def test_calling_off_lets_go_of_the_callback_at_once(world: World) -> None:
    class Load:
        pass

    load = Load()
    alive = weakref.ref(load)
    handle = world.reactor.call_soon(id, load)
    del load

    handle.cancel()

    assert alive() is None


def test_whatever_has_a_run_may_stand_in_the_queue(world: World) -> None:
    runs: list[str] = []

    class Mine(Runnable):
        def run(self) -> None:
            runs.append("mine")

    world.reactor.ready.append(Mine())
    world.reactor.turn()

    assert runs == ["mine"]


def test_a_runnable_without_its_methods_says_so() -> None:
    with pytest.raises(NotImplementedError, match=r"Runnable .* has no run\(\)"):
        Runnable().run()
    with pytest.raises(NotImplementedError, match=r"Runnable .* on 'side', but has no lose\(\)"):
        Runnable().lose("side", ValueError())


# -- what it runs in

COLOUR = contextvars.ContextVar("COLOUR", default="none")


def red() -> contextvars.Context:
    context = contextvars.copy_context()
    context.run(COLOUR.set, "red")
    return context


def test_each_kind_of_call_runs_in_the_context_that_it_is_given(world: World, pair: Pair) -> None:
    near, far = pair
    seen: list[str] = []

    def note(kind: str) -> None:
        seen.append(f"{kind} {COLOUR.get()}")

    world.reactor.call_soon(note, "soon", context=red())
    world.reactor.call_at(0.0, note, "at", context=red())
    world.reactor.call_later(0.0, note, "later", context=red())
    world.reactor.call_threadsafe(note, "threadsafe", context=red())
    readable = world.reactor.on_readable(near, note, "readable", context=red())
    writable = world.reactor.on_writable(far, note, "writable", context=red())
    far.send(b"x")
    world.reactor.turn()
    readable.cancel()
    writable.cancel()
    world.reactor.turn()

    assert sorted(seen) == [
        "at red",
        "later red",
        "readable red",
        "soon red",
        "threadsafe red",
        "writable red",
    ]


def test_without_a_context_it_runs_in_the_reactors_own(world: World) -> None:
    seen: list[str] = []
    world.reactor.call_soon(lambda: seen.append(COLOUR.get()))

    red().run(world.reactor.turn)

    assert seen == ["red"]


def test_what_a_callback_sets_in_its_context_stays_there(world: World) -> None:
    context = contextvars.copy_context()
    world.reactor.call_soon(COLOUR.set, "blue", context=context)

    world.reactor.turn()

    assert (context[COLOUR], COLOUR.get()) == ("blue", "none")


# -- how it is shown


def test_a_handle_is_shown_with_the_file_and_the_line_of_its_callback(world: World) -> None:
    line = nothing.__code__.co_firstlineno

    shown = repr(world.reactor.call_soon(nothing))

    assert shown == f"<Handle nothing ({nothing.__code__.co_filename}:{line})>"


def test_a_timer_is_shown_as_one(world: World) -> None:
    assert repr(world.reactor.call_later(1.0, nothing)).startswith("<Timer nothing (")


def test_one_called_off_is_shown_as_such(world: World) -> None:
    handle = world.reactor.call_soon(nothing)
    handle.cancel()

    assert repr(handle) == "<Handle cancelled>"


def test_a_method_is_described_by_its_name_and_place() -> None:
    assert describe(Reactor.stop).startswith("Reactor.stop (")
    assert describe(World.close).split(" ")[1].startswith("(")


def test_a_partial_is_described_by_what_it_calls() -> None:
    assert describe(functools.partial(functools.partial(nothing))) == describe(nothing)


def test_what_is_not_written_in_python_is_described_by_its_name() -> None:
    assert describe([].append) == "list.append"


def test_an_object_that_can_be_called_is_described_as_it_shows_itself() -> None:
    class Mine:
        def __call__(self) -> None: ...

        def __repr__(self) -> str:
            return "<Mine>"

    assert describe(Mine()) == "<Mine>"


def test_a_method_of_a_runnable_is_shown_as_that_runnable(world: World) -> None:
    inner = world.reactor.call_soon(nothing)

    assert repr(world.reactor.call_later(1, inner.run)) == f"<Timer {inner!r}>"
