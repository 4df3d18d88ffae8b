"""Abandoned tasks: what happens when the loop ends before they do.

Law of this file: each is closed where it stands, innermost first, in its own context; and what
comes out of it is reported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from math import inf
from typing import Any

import pytest

from reactor import (
    Cancelled,
    ReactorError,
    Scope,
    TaskGroup,
    checkpoint,
    current_task,
    move_on_after,
    running,
    sleep,
    timeout,
)
from reactor.testing import World
from tests.tasks.parts import abandoned, chain, for_ever, tell_end

NAME: ContextVar[str] = ContextVar("NAME", default="nobody")


def test_a_task_is_closed_where_it_stands(seed: int | None) -> None:
    log: list[str] = []

    heard = abandoned(lambda: tell_end(log, "main"), seed=seed)

    assert log == ["main closed"]
    assert heard.errors == []


def test_the_innermost_are_closed_first_and_siblings_in_order(seed: int | None) -> None:
    log: list[str] = []

    async def parent(name: str) -> None:
        try:
            async with TaskGroup() as group:
                group.spawn(tell_end, log, f"{name}1")
                group.spawn(tell_end, log, f"{name}2")
        finally:
            log.append(f"{name} left")

    async def main() -> None:
        try:
            async with TaskGroup() as outer, TaskGroup() as inner:
                outer.spawn(parent, "a")
                inner.spawn(parent, "b")
        finally:
            log.append("main left")

    heard = abandoned(main, seed=seed)

    assert log == [
        *("b1 closed", "b2 closed", "b left"),
        *("a1 closed", "a2 closed", "a left"),
        "main left",
    ]
    assert heard.errors == []


def test_the_finally_of_a_task_runs_in_its_context(seed: int | None) -> None:
    names: list[str] = []

    async def child() -> None:
        NAME.set("child")
        try:
            await for_ever()
        finally:
            names.append(NAME.get())

    async def main() -> None:
        NAME.set("main")
        async with TaskGroup() as group:
            group.spawn(child)

    abandoned(main, seed=seed)

    assert names == ["child"]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(Scope, id="plain"),
        pytest.param(partial(timeout, inf), id="timeout"),
        pytest.param(partial(Scope, shield=True), id="shield"),
    ],
)
def test_scopes_are_left_in_order(make: Callable[[], Scope], seed: int | None) -> None:
    async def main() -> None:
        with make():
            async with TaskGroup() as group:
                with make():
                    group.spawn(for_ever)

    assert abandoned(main, seed=seed).errors == []


def test_a_group_that_waits_for_cancelled_tasks_is_left_too(seed: int | None) -> None:
    async def stubborn() -> None:
        with Scope(shield=True):
            await for_ever()

    async def main() -> None:
        with move_on_after(1):
            async with TaskGroup() as group:
                group.spawn(stubborn)

    assert abandoned(main, seed=seed).errors == []


def test_what_a_finally_raises_is_reported_and_the_others_are_closed_all_the_same(
    seed: int | None,
) -> None:
    log: list[str] = []

    async def clumsy(name: str) -> None:
        try:
            await for_ever()
        finally:
            raise ValueError(name)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(clumsy, "one")
            group.spawn(tell_end, log, "between")
            group.spawn(clumsy, "two")

    heard = abandoned(main, seed=seed)

    assert [str(error) for error in heard.errors] == ["one", "two"]
    assert "clumsy, done>" in heard.names[0]
    assert log == ["between closed"]


def test_an_on_error_that_fails_is_called_when_all_are_closed(seed: int | None) -> None:
    log: list[str] = []

    async def clumsy() -> None:
        try:
            await for_ever()
        finally:
            raise ValueError("finally")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(clumsy)
            group.spawn(tell_end, log, "behind it")

    with World(seed=seed) as world, pytest.raises(ValueError, match="finally"):
        world.run(main)

    assert log == ["behind it closed"]


@pytest.mark.parametrize("error", [SystemExit(4), Cancelled(), GeneratorExit("own")])
def test_what_is_no_exception_is_reported_as_the_cause_of_one(
    error: BaseException, seed: int | None
) -> None:
    async def clumsy() -> None:
        try:
            await for_ever()
        finally:
            raise error

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(clumsy)

    heard = abandoned(main, seed=seed)

    if isinstance(error, GeneratorExit):  # Python takes any for the one that it sent
        assert heard.errors == []
    else:
        (reported,) = heard.errors
        assert isinstance(reported, ReactorError)
        assert reported.__cause__ is error
        assert "clumsy, done> raised" in str(reported)


def test_a_finally_that_waits_is_reported_and_those_around_it_run(seed: int | None) -> None:
    log: list[str] = []

    async def main() -> None:
        try:
            try:
                await for_ever()
            finally:
                log.append("inner")
                await sleep(1)
                log.append("not reached")
        finally:
            log.append("outer")

    heard = abandoned(main, seed=seed)

    assert log == ["inner", "outer"]
    assert [str(error) for error in heard.errors] == ["coroutine ignored GeneratorExit"]


def test_a_coroutine_that_will_not_end_is_given_up(seed: int | None) -> None:
    tasks: list[Any] = []

    async def main() -> None:
        tasks.append(current_task())
        while tasks:
            try:
                await for_ever()
            except GeneratorExit:
                pass

    heard = abandoned(main, seed=seed)
    tasks.clear()  # and now it ends

    assert 1 < len(heard.errors) < 100


def test_an_interrupt_while_tasks_are_closed_is_raised_at_once(seed: int | None) -> None:
    async def main() -> None:
        try:
            await for_ever()
        finally:
            raise KeyboardInterrupt

    with World(seed=seed) as world, pytest.raises(KeyboardInterrupt):
        world.run(main)


def test_a_task_that_has_not_begun_is_closed_without_a_step(seed: int | None) -> None:
    log: list[str] = []

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(tell_end, log, "child")
            current_task().reactor.stop()

    with World(seed=seed) as world:
        with pytest.raises(ReactorError, match="was stopped"):
            world.run(main)
        assert world.reactor.ready == []

    assert log == []


def test_a_chain_of_groups_deeper_than_python_recurses_is_closed(seed: int | None) -> None:
    log: list[str] = []
    heard = abandoned(partial(chain, sys.getrecursionlimit() + 100, log), seed=seed)

    assert heard.errors == []
    assert log == ["for_ever closed"]


def test_what_is_closed_with_the_loop_can_use_scopes_and_know_itself_in_its_finally(
    world: World,
) -> None:
    log: list[object] = []

    async def careful() -> None:
        try:
            await for_ever()
        finally:
            with move_on_after(2, shield=True):
                log.append(current_task().name)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(careful)
            await checkpoint()
            world.reactor.call_soon(sys.exit, 3)

    with pytest.raises(SystemExit):
        world.run(main)

    assert [str(name).rpartition(".")[2] for name in log] == ["careful"]
    assert running() is None
