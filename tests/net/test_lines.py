"""Lines: one after the other, in either form, until the peer finishes or one is too long."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from reactor import LimitError, Operation, Steps, TaskGroup, checkpoint, coroutine
from reactor.net import Stream
from reactor.testing import World
from tests.net.scripted_stream import ScriptedStream

Read: TypeAlias = Callable[[Stream, int], Operation[list[bytes]] | Coroutine[Any, Any, list[bytes]]]

ENOUGH = 100


async def by_async_for(stream: Stream, limit: int) -> list[bytes]:
    return [line async for line in stream.lines(limit)]


@coroutine
def one_by_one(stream: Stream, limit: int) -> Steps[list[bytes]]:
    told = []
    while (line := (yield from stream.receive_line(limit))) is not None:
        told.append(line)
    return told


either_form = pytest.mark.parametrize("read", [by_async_for, one_by_one])


@either_form
@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ((b"one\ntwo\n",), [b"one", b"two"]),
        ((b"one\r", b"\ntwo\r\n"), [b"one", b"two"]),
        ((b"one\n\n\r\nfour\n",), [b"one", b"", b"", b"four"]),
        ((b"one\ntw", b"o\nthree\n"), [b"one", b"two", b"three"]),
        ((b"a\rb\r\r\n",), [b"a\rb\r"]),
        ((b"one\nthe la", b"st has no end"), [b"one", b"the last has no end"]),
        ((b"\n",), [b""]),
        ((), []),
    ],
)
def test_lines_come_without_their_ends(
    world: World, read: Read, pieces: tuple[bytes, ...], lines: list[bytes]
) -> None:
    stream = ScriptedStream(*pieces)

    assert world.run(read, stream, ENOUGH) == lines
    assert stream.held == 0


@either_form
def test_the_end_is_received_once(world: World, read: Read) -> None:
    stream = ScriptedStream(b"one\n", b"", OSError("asked again"))

    assert world.run(read, stream, ENOUGH) == [b"one"]


@either_form
def test_another_may_take_what_is_held_when_it_has_its_turn(world: World, read: Read) -> None:
    stream = ScriptedStream()
    stream.unread(b"x\n" * 100)

    async def main() -> tuple[list[bytes], bytes]:
        async with TaskGroup() as group:
            reading = group.spawn(read, stream, ENOUGH)
            await checkpoint()
            taken = await stream.receive()
        return reading.result, taken

    lines, taken = world.run(main)

    assert lines
    assert taken
    assert b"x\n" * len(lines) + taken == b"x\n" * 100


def test_who_breaks_off_a_loop_has_the_rest_held(world: World) -> None:
    stream = ScriptedStream(b"one\ntwo\nthree\n")

    async def main() -> bytes:
        async for line in stream.lines():
            if line == b"two":
                break
        return await stream.receive()

    assert world.run(main) == b"three\n"


def test_one_that_is_too_long_is_told_and_can_be_had_all_the_same(world: World) -> None:
    stream = ScriptedStream(b"short\n", b"rather long\n", b"short again\n")

    async def main() -> list[bytes | None]:
        told = [await stream.receive_line(limit=8)]
        with pytest.raises(LimitError):
            await stream.receive_line(limit=8)
        told.append(await stream.receive_until())
        return [*told, *[line async for line in stream.lines()]]

    assert world.run(main) == [b"short", b"rather long", b"short again"]


def test_lines_may_be_had_by_turns(world: World) -> None:
    stream = ScriptedStream(b"1\n2\n3\n")

    async def main() -> list[bytes | None]:
        lines = stream.lines()
        return [
            await anext(lines),
            await stream.receive_line(),
            await anext(lines),
            await stream.receive_line(),
        ]

    assert world.run(main) == [b"1", b"2", b"3", None]


@either_form
@pytest.mark.parametrize(
    "pieces",
    [
        (b"12345678\n",),
        (b"1234567\r\n",),
        (b"1234", b"5678\n"),
        (b"one\n12345678\n",),
        (b"12345678\ntwo\n",),
    ],
)
def test_a_limit_counts_all_but_the_lf(world: World, read: Read, pieces: tuple[bytes, ...]) -> None:
    assert world.run(read, ScriptedStream(*pieces), 8) == b"".join(pieces).split()
    stream = ScriptedStream(*pieces)

    with pytest.raises(LimitError):
        world.run(read, stream, 7)

    assert stream.held >= 8
