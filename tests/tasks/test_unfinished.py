"""Async generators that are let go before their end: what can be done is done, the rest is told."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from reactor import ReactorError, checkpoint, run
from reactor.testing import World
from tests.tasks.parts import Heard

log: list[str] = []


@pytest.fixture(autouse=True)
def empty_log() -> None:
    log.clear()


async def at_once() -> AsyncGenerator[int, None]:
    try:
        yield 1
    finally:
        log.append("finally")


async def in_time() -> AsyncGenerator[int, None]:
    try:
        yield 1
    finally:
        log.append("begins")
        await checkpoint()
        log.append("ends")


async def badly() -> AsyncGenerator[int, None]:
    try:
        yield 1
    finally:
        raise ValueError("in the end")


async def break_off(generator: AsyncGenerator[int, None]) -> None:
    async for _ in generator:
        break
    del generator
    gc.collect()
    await checkpoint()


def test_what_needs_no_waiting_is_done_on_the_spot(world: World) -> None:
    async def main() -> None:
        async for _ in at_once():
            break
        assert log == ["finally"]

    world.run(main)


def test_what_would_wait_is_reported_with_what_to_do(seed: int | None) -> None:
    heard = Heard()
    with World(on_error=heard, seed=seed) as world:
        world.run(break_off, in_time())
        world.run_until(1)

    (error,) = heard.errors
    assert isinstance(error, ReactorError)
    assert "in_time" in str(error)
    assert "waits in its `finally`; use contextlib.aclosing" in str(error)
    assert log == ["begins"]


def test_what_fails_is_reported(seed: int | None) -> None:
    heard = Heard()
    with World(on_error=heard, seed=seed) as world:
        world.run(break_off, badly())
        world.run_until(1)

    (error,) = heard.errors
    assert isinstance(error, ValueError)


def test_with_aclosing_it_is_ended_in_order(world: World) -> None:
    async def main() -> None:
        async with aclosing(in_time()) as generator:
            async for _ in generator:
                break
        assert log == ["begins", "ends"]

    world.run(main)


def test_the_hooks_of_before_are_put_back() -> None:
    before = sys.get_asyncgen_hooks()
    run(checkpoint)

    assert sys.get_asyncgen_hooks() == before
