"""Many bytes by count: in whatever pieces they come, nothing is lost and little memory is used."""

from __future__ import annotations

import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from reactor import EndOfStream, Reactor, Steps, checkpoint, coroutine, move_on_after, sleep
from reactor.net import LineChannel
from reactor.testing import World
from tests.net.peers import Pair
from tests.net.scripted_stream import ScriptedStream
from tests.trials import examples

MUCH = bytes(range(251)) * 100
DRIPS = 20_000


class Taker(LineChannel):
    """Takes so many bytes, one count after the other, and then lines."""

    def __init__(self, reactor: Reactor, sock: socket.socket, *counts: int, limit: int) -> None:
        super().__init__(reactor, sock, limit=limit)
        self.came: list[bytes] = []
        self.error: Exception | None = None
        self._counts = list(counts)
        self._take_next()

    def _take_next(self) -> None:
        if self._counts:
            self.take(self._counts.pop(0))

    def received_exactly(self, data: bytes) -> None:
        assert type(data) is bytes
        self.came.append(data)
        self._take_next()

    def received_line(self, line: bytes) -> None:
        self.came.append(line)

    def ended(self, error: Exception | None) -> None:
        self.error = error


class Hasty(Taker):
    """Asks for 20 bytes behind a line, and for a turn to hand them out: they are not there yet."""

    def received_line(self, line: bytes) -> None:
        super().received_line(line)
        self.take(20)
        self.pause()
        self.resume()


class SlowStream(ScriptedStream):
    """Brings a piece each second."""

    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        yield from sleep(1.0)
        return (yield from super().receive_more(limit))


class DrippingStream(ScriptedStream):
    """Brings two bytes at a time, without end."""

    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        yield from checkpoint()
        return b"." + b"."[:limit]  # an object of its own each time


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """See that no more than size bytes are allocated meanwhile."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < size
    finally:
        tracemalloc.stop()


# About as large as what is put together at once, and far from it.
sizes = st.lists(st.sampled_from([1, 3, 100, 4_095, 4_096, 5_000]), min_size=1, max_size=5)


def cut(sizes: list[int]) -> list[bytes]:
    """Return the beginning of MUCH in pieces of those sizes."""
    return [MUCH[sum(sizes[:at]) : sum(sizes[: at + 1])] for at in range(len(sizes))]


@settings(max_examples=examples(100), deadline=None)
@given(sizes, st.integers(0, len(MUCH)), st.integers(0, 5))
def test_a_count_is_exact_and_a_cancellation_at_any_piece_loses_nothing(
    sizes: list[int], count: int, seconds: int
) -> None:
    pieces = cut(sizes)
    whole = b"".join(pieces)
    count %= len(whole) + 1
    stream = SlowStream(*pieces)

    async def main() -> list[bytes]:
        with move_on_after(seconds + 0.5):
            return [await stream.receive_exactly(count)]
        assert stream.held == sum(sizes[:seconds])
        return [await stream.receive_exactly(count)]

    with World() as world:
        (first,) = world.run(main)

        async def after() -> bytes:
            return await stream.receive_exactly(len(whole) - count)

        assert (first, world.run(after)) == (whole[:count], whole[count:])


@settings(max_examples=examples(50), deadline=None)
@given(sizes, st.integers(0, len(MUCH)))
def test_a_channel_takes_an_exact_count_in_whatever_pieces_it_comes(
    sizes: list[int], count: int
) -> None:
    pieces = cut(sizes)
    whole = b"".join(pieces)
    count %= len(whole) + 1
    near, far = socket.socketpair()
    with far, World() as world:
        channel = Taker(world.reactor, near, count, len(whole) - count, limit=len(MUCH))
        for piece in pieces:
            far.send(piece)
            world.reactor.turn()
        far.send(b"a line")
        far.close()
        world.run_until(1.0)

        assert channel.came == [whole[:count], whole[count:], b"a line"]


def test_a_peer_that_ends_within_a_large_count_is_told_with_all_that_came(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Taker(world.reactor, near, len(MUCH), limit=5_000)
    far.send(MUCH[:-1])
    far.shutdown(socket.SHUT_WR)
    world.run_until(1.0)

    assert isinstance(channel.error, EndOfStream)
    assert channel.error.partial == MUCH[:-1]


def test_who_asks_for_fewer_after_all_has_what_came(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Taker(world.reactor, near, len(MUCH), limit=5_000)
    far.send(MUCH[:12_000])
    world.run_until(1.0)
    channel.pause()
    channel.take(11_000)
    channel.resume()
    world.run_until(2.0)
    channel.close()

    assert channel.came[0] == MUCH[:11_000], "what comes after it are lines"


def test_a_turn_that_finds_too_little_leaves_what_has_come_as_it_is(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Hasty(world.reactor, near, limit=5_000)
    far.send(b"a line\n" + MUCH[:10])
    world.run_until(1.0)
    far.send(MUCH[10:20])
    world.run_until(2.0)
    channel.close()

    assert channel.came == [b"a line", MUCH[:20]]


def test_small_pieces_use_no_more_memory_than_a_few_times_themselves(world: World) -> None:
    stream = DrippingStream()

    async def main() -> None:
        with at_most(10 * DRIPS):
            assert await stream.receive_exactly(2 * DRIPS) == b".." * DRIPS

    world.run(main)


def test_small_pieces_use_no_more_memory_in_a_channel(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Taker(world.reactor, near, 2 * DRIPS, limit=2)
    far.send(b".." * DRIPS)
    with at_most(10 * DRIPS):
        world.run_until(1.0)
    channel.close()

    assert channel.came == [b".." * DRIPS]
