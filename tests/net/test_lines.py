"""Lines: one after the other, in either form, until the peer finishes or one is too long."""

from __future__ import annotations

import pytest

from reactor import LimitError, Steps, coroutine
from reactor.net import Stream
from reactor.testing import World
from tests.net.scripted_stream import ScriptedStream


async def by_async_for(stream: Stream) -> list[bytes]:
    return [line async for line in stream.lines()]


@coroutine
def one_by_one(stream: Stream) -> Steps[list[bytes]]:
    told = []
    while (line := (yield from stream.receive_line())) is not None:
        told.append(line)
    return told


@pytest.mark.parametrize("form", [by_async_for, one_by_one])
@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ((b"one\ntwo\n",), [b"one", b"two"]),
        ((b"one\r", b"\ntwo\r\n"), [b"one", b"two"]),
        ((b"one\n\n\r\nfour\n",), [b"one", b"", b"", b"four"]),
        ((b"a\rb\r\r\n",), [b"a\rb\r"]),
        ((b"one\nthe la", b"st has no end"), [b"one", b"the last has no end"]),
        ((b"\n",), [b""]),
        ((), []),
    ],
)
def test_lines_come_without_their_ends(
    world: World, form: object, pieces: tuple[bytes, ...], lines: list[bytes]
) -> None:
    stream = ScriptedStream(*pieces)
    read = by_async_for if form is by_async_for else one_by_one

    assert world.run(read, stream) == lines
    assert stream.held == 0


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


@pytest.mark.parametrize("line", [b"12345678\n", b"1234567\r\n"])
def test_a_limit_counts_all_but_the_lf(world: World, line: bytes) -> None:
    async def main(limit: int) -> bytes | None:
        return await ScriptedStream(line).receive_line(limit)

    assert world.run(main, 8) == line.rstrip()
    with pytest.raises(LimitError):
        world.run(main, 7)
