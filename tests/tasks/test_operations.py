"""Operations: the mark on generators, wait, and what cannot be waited for."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from functools import partial
from types import TracebackType
from typing import Any, cast

import pytest

from reactor import ReactorError, Steps, TaskGroup, coroutine, sleep, wait
from reactor.testing import World
from tests.tasks.parts import Cell, Form, each_form, give, now


async def an_async_def() -> None:
    """Something that needs no mark."""


async def an_async_generator() -> AsyncIterator[int]:
    yield 1


def a_plain_function() -> None:
    """Something that cannot wait."""


@pytest.mark.parametrize("fn", [an_async_def, an_async_generator, a_plain_function, print, Cell])
def test_only_generator_functions_can_be_marked(fn: Any) -> None:
    with pytest.raises(TypeError, match="is no generator function; mark only functions that yield"):
        coroutine(fn)


def test_nothing_runs_before_a_marked_generator_is_waited_for(world: World) -> None:
    begun: list[str] = []

    @coroutine
    def begin() -> Steps[None]:
        begun.append("begun")
        yield from sleep(0)

    async def main() -> list[str]:
        operation = begin()
        before = list(begun)
        await operation
        return before

    assert world.run(main) == []
    assert begun == ["begun"]


def test_methods_can_be_marked(world: World) -> None:
    class Clock:
        @coroutine
        def after(self, seconds: float) -> Steps[float]:
            yield from sleep(seconds)
            return now()

        @staticmethod
        @coroutine
        def sharp() -> Steps[float]:
            yield from sleep(1)
            return now()

    async def main() -> list[float]:
        return [await Clock().after(2), await Clock.sharp()]

    assert world.run(main) == [2.0, 3.0]


class Foreign(Coroutine[Any, Any, str]):
    """A coroutine that is not Python's own, as compilers make them."""

    def __init__(self) -> None:
        self._steps = sleep(1).__await__()

    def send(self, value: Any) -> Any:
        try:
            return self._steps.send(value)
        except StopIteration:
            raise StopIteration("foreign") from None

    def throw(
        self,
        kind: Any,
        value: BaseException | object = None,
        trace: TracebackType | None = None,
    ) -> Any:
        return self._steps.throw(kind)

    def close(self) -> None:
        self._steps.close()

    def __await__(self) -> Generator[Any, Any, str]:
        yield from self._steps
        return "foreign"


def test_wait_takes_any_coroutine_object(world: World) -> None:
    @coroutine
    def main() -> Steps[str]:
        return (yield from wait(Foreign()))

    assert world.run(main) == "foreign"


def test_any_coroutine_object_can_be_a_task(world: World) -> None:
    assert world.run(Foreign) == "foreign"


@each_form
@pytest.mark.parametrize("thing", [5, None, print, "text"])
def test_what_cannot_be_waited_for_is_refused_by_name(thing: Any, form: Form, world: World) -> None:
    with pytest.raises(TypeError, match="cannot be waited for; call a coroutine function") as info:
        world.run(form, lambda: wait(thing))

    assert str(info.value).startswith(repr(thing))


@pytest.mark.parametrize("make", [a_plain_function, partial(int, 5), an_async_generator])
def test_what_makes_nothing_to_wait_for_cannot_be_spawned(
    make: Callable[[], Any], world: World
) -> None:
    async def main() -> None:
        async with TaskGroup() as group:
            with pytest.raises(TypeError, match="cannot be waited for"):
                group.spawn(make)

    world.run(main)


def test_a_socket_is_not_taken_for_a_coroutine_although_it_can_send(world: World) -> None:
    with socket.socket() as sock, pytest.raises(TypeError, match="cannot be waited for"):
        world.run(lambda: sock)  # type: ignore[arg-type, return-value]  # refused at run time too


@pytest.fixture
def debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marking with REACTOR_DEBUG=1."""
    monkeypatch.setenv("REACTOR_DEBUG", "1")


@pytest.mark.usefixtures("debugging")
def test_a_forgotten_operation_is_told_of_when_debugging() -> None:
    @coroutine
    def forgotten() -> Steps[None]:
        yield from sleep(1)

    operation = forgotten()
    with pytest.warns(RuntimeWarning, match=r"forgotten, called at .*test_operations.py:\d+, "):
        del operation


@pytest.mark.usefixtures("debugging")
def test_an_operation_that_is_awaited_twice_is_told_of_when_debugging(world: World) -> None:
    @coroutine
    def once() -> Steps[None]:
        yield from sleep(1)

    async def main() -> None:
        operation = once()
        await operation
        with pytest.raises(
            ReactorError, match=r"once, called at .*test_operations.py:\d+, was awaited before$"
        ):
            await operation

    world.run(main)


@each_form
@pytest.mark.parametrize("debug", ["0", "1"])
def test_a_generator_function_in_part_can_be_marked_too(
    debug: str, form: Form, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(one: int, other: int) -> Steps[int]:
        yield from sleep(1)
        return one + other

    monkeypatch.setenv("REACTOR_DEBUG", debug)
    add_one = coroutine(partial(add, 1))

    assert world.run(form, lambda: add_one(2)) == 3


@each_form
@pytest.mark.usefixtures("debugging")
def test_debugging_does_not_change_what_a_marked_generator_does(form: Form, world: World) -> None:
    @coroutine
    def later(answer: str) -> Steps[str]:
        return (yield from wait(give(answer)))

    assert world.run(form, lambda: later("as before")) == "as before"
    assert world.run(later, "as a task") == "as a task"


class Proxy:
    """Passes on whatever is asked of it, so that its type has no send."""

    def __init__(self, what: Coroutine[Any, Any, str]) -> None:
        self._what = what

    def __getattr__(self, name: str) -> Any:
        return getattr(self._what, name)


def test_what_has_send_only_by_itself_can_be_a_task(world: World) -> None:
    def main() -> Coroutine[Any, Any, str]:
        return cast("Coroutine[Any, Any, str]", Proxy(Foreign()))

    assert world.run(main) == "foreign"
