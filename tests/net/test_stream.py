"""Stream: exact counts, marks, and what is held for the next call; in either form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from reactor import (
    BusyError,
    EndOfStream,
    LimitError,
    Operation,
    Scope,
    Steps,
    TaskGroup,
    checkpoint,
    coroutine,
    move_on_after,
)
from reactor.net import Connection, Stream
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import Pair
from tests.net.scripted_stream import BareStream, ScriptedStream
from tests.tasks.parts import Form, each_form

Receive = Callable[[Stream], Operation[bytes]]

WAYS: dict[str, Receive] = {
    "receive": lambda stream: stream.receive(4),
    "receive_exactly": lambda stream: stream.receive_exactly(4),
    "receive_until": lambda stream: stream.receive_until(b"\n"),
    "peek": lambda stream: stream.peek(),
}

each_way = pytest.mark.parametrize("receive", WAYS.values(), ids=WAYS)


# -- receive


def test_what_is_held_comes_before_what_is_new(world: World) -> None:
    stream = ScriptedStream(b"new")
    stream.unread(b"old")

    async def main() -> list[bytes]:
        return [await stream.receive() for _ in range(3)]

    assert world.run(main) == [b"old", b"new", b""]


def test_of_what_is_held_no_more_comes_than_the_limit(world: World) -> None:
    stream = ScriptedStream()
    stream.unread(b"hello")

    async def main() -> list[bytes]:
        return [await stream.receive(limit) for limit in (2, 9)]

    assert world.run(main) == [b"he", b"llo"]
    assert stream.held == 0


def test_the_limit_reaches_what_is_below(world: World) -> None:
    stream = ScriptedStream(b"hello")

    async def main() -> list[bytes]:
        return [await stream.receive(2), await stream.receive()]

    assert world.run(main) == [b"he", b"llo"]


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_brings_nothing_is_refused(world: World, limit: int) -> None:
    stream = ScriptedStream(b"kept")

    async def main() -> bytes:
        with pytest.raises(ValueError, match=rf"^receive\({limit}\) on <Scripted.*give 1 or more$"):
            await stream.receive(limit)
        return await stream.receive()

    assert world.run(main) == b"kept"


def test_what_is_unread_comes_in_the_order_of_the_stream(world: World) -> None:
    stream = ScriptedStream(b"!")
    stream.unread(b"world")
    stream.unread(b"hello ")
    stream.unread(b"")

    async def main() -> bytes:
        return await stream.receive_exactly(12)

    assert stream.held == 11
    assert world.run(main) == b"hello world!"


def test_unread_holds_a_copy(world: World) -> None:
    data = bytearray(b"as it was")
    stream = ScriptedStream()
    stream.unread(data)
    data[:] = b"something else"

    async def main() -> bytes:
        return await stream.receive()

    assert world.run(main) == b"as it was"


@pytest.mark.parametrize(
    ("receive", "pieces", "first", "rest"),
    [
        (lambda stream: stream.receive_exactly(1), (b"abcd",), b"a", b"bcd"),
        (lambda stream: stream.receive_exactly(3), (b"ab", b"cd"), b"abc", b"d"),
        (lambda stream: stream.receive_exactly(4), (b"ab", b"cd"), b"abcd", b""),
        (lambda stream: stream.receive_until(b"c"), (b"ab", b"cd"), b"ab", b"d"),
    ],
)
def test_what_another_puts_back_meanwhile_comes_before_the_rest(
    world: World, receive: Receive, pieces: tuple[bytes, ...], first: bytes, rest: bytes
) -> None:
    class Shared(ScriptedStream):
        """While its last piece is waited for, somebody puts back what he has."""

        @coroutine
        def receive_more(self, limit: int | None) -> Steps[bytes]:
            data = yield from super().receive_more(limit)
            if data == pieces[-1]:
                self.unread(b"put back, ")
            return data

    async def main() -> tuple[bytes, bytes]:
        stream = Shared(*pieces)
        return await receive(stream), await stream.receive()

    assert world.run(main) == (first, b"put back, " + rest)


def test_to_unread_nothing_holds_nothing(world: World) -> None:
    stream = ScriptedStream(b"next")
    stream.unread(b"")

    async def main() -> bytes:
        return await stream.receive()

    assert world.run(main) == b"next"


@pytest.mark.parametrize("on_a_socket", [False, True])
def test_who_finds_that_another_has_taken_what_was_held_waits_for_more(
    world: World, pair: Pair, on_a_socket: bool
) -> None:
    near, far = pair
    far.send(b"second")
    got: list[bytes] = []

    async def one(stream: Stream) -> None:
        for _ in range(31):
            stream.unread(await stream.receive())
        got.append(await stream.receive())  # its 32nd answer on the spot: the other is first

    async def other(stream: Stream) -> None:
        got.append(await stream.receive())

    async def main() -> None:
        with Connection(world.reactor, near) if on_a_socket else ScriptedStream(b"second") as made:
            made.unread(b"first")
            async with TaskGroup() as group:
                group.spawn(one, made)
                group.spawn(other, made)

    world.run(main)

    assert got == [b"first", b"second"]


# -- receive_exactly


@pytest.mark.parametrize(
    ("pieces", "count"),
    [
        ((b"hello",), 5),
        ((b"hello world",), 5),
        ((b"he", b"l", b"lo"), 5),
        ((b"he", b"llo wor", b"ld"), 5),
        ((b"hello",), 0),
    ],
)
@each_form
def test_as_many_bytes_come_as_are_asked_for_and_the_rest_is_held(
    world: World, form: Form, pieces: tuple[bytes, ...], count: int
) -> None:
    stream = ScriptedStream(*pieces)
    whole = b"".join(pieces)

    async def main() -> list[bytes]:
        first = await form_of(form, lambda: stream.receive_exactly(count))
        return [first, await stream.receive_exactly(len(whole) - count)]

    assert world.run(main) == [whole[:count], whole[count:]]
    assert stream.held == 0


async def form_of(form: Form, make: Callable[[], Operation[bytes]]) -> bytes:
    """Wait for what make makes, in that form."""
    return await form(make)


@pytest.mark.parametrize("held", [b"", b"all"])
def test_when_all_that_is_here_was_asked_for_nothing_is_held(world: World, held: bytes) -> None:
    stream = ScriptedStream(b"all", b"more")

    async def main() -> bytes:
        stream.unread(held)
        assert await stream.receive_exactly(3) == b"all"
        assert stream.held == 0
        await stream.receive_exactly(len(held))
        return await stream.receive()

    assert world.run(main) == b"more", "and not the end"


def test_a_count_below_nothing_is_refused(world: World) -> None:
    stream = ScriptedStream()

    async def main() -> None:
        with pytest.raises(ValueError, match=r"^-1 bytes cannot be received from <Scripted"):
            await stream.receive_exactly(-1)

    world.run(main)


def test_a_peer_that_finishes_early_is_told_with_what_did_come_which_is_held(world: World) -> None:
    stream = ScriptedStream(b"half", b" of it")

    async def main() -> bytes:
        for _ in range(2):
            with pytest.raises(EndOfStream, match=r"^<Scripted.* ended before what was") as caught:
                await stream.receive_exactly(99)
            assert caught.value.partial == b"half of it"
        return await stream.receive()

    assert world.run(main) == b"half of it"


def test_an_end_before_the_first_byte_is_asked_for_once(world: World) -> None:
    stream = ScriptedStream(b"", b"begun anew")

    async def main() -> bytes:
        with pytest.raises(EndOfStream):
            await stream.receive_exactly(5)
        return await stream.receive_exactly(5)

    assert world.run(main) == b"begun"


def test_a_peer_that_finishes_before_the_first_byte_is_told_too(world: World) -> None:
    stream = ScriptedStream()

    async def main() -> None:
        with pytest.raises(EndOfStream, match=r"^<Scripted.* ended before what was") as caught:
            await stream.receive_exactly(1)
        assert caught.value.partial == b""

    world.run(main)


# -- receive_until


@pytest.mark.parametrize(
    ("pieces", "mark", "lines"),
    [
        ((b"one\n",), b"\n", [b"one"]),
        ((b"one\ntwo\n\nfour\n",), b"\n", [b"one", b"two", b"", b"four"]),
        ((b"on", b"e", b"\n", b"two\n"), b"\n", [b"one", b"two"]),
        ((b"head\r", b"\n\r\nbody\r\n\r\n"), b"\r\n\r\n", [b"head", b"body"]),
        ((b"a--", b"--b----"), b"----", [b"a", b"b"]),
        ((b"aab", b"b"), b"ab", [b"a"]),
    ],
)
@each_form
def test_what_comes_before_the_mark_is_returned_and_the_mark_is_gone(
    world: World, form: Form, pieces: tuple[bytes, ...], mark: bytes, lines: list[bytes]
) -> None:
    stream = ScriptedStream(*pieces)

    async def main() -> list[bytes]:
        return [await form_of(form, lambda: stream.receive_until(mark)) for _ in lines]

    assert world.run(main) == lines


def test_an_empty_mark_is_refused(world: World) -> None:
    stream = ScriptedStream(b"data")

    async def main() -> None:
        with pytest.raises(ValueError, match=r"^there is no empty mark to find in <Scripted"):
            await stream.receive_until(b"")

    world.run(main)


@pytest.mark.parametrize("pieces", [(b"12345--",), (b"123", b"45", b"-", b"-")])
def test_just_as_much_as_the_limit_may_come_before_the_mark(
    world: World, pieces: tuple[bytes, ...]
) -> None:
    stream = ScriptedStream(*pieces)

    async def main() -> bytes:
        with pytest.raises(LimitError):
            await stream.receive_until(b"--", 4)
        return await stream.receive_until(b"--", 5)

    assert world.run(main) == b"12345"


def test_an_endless_line_is_told_as_soon_as_it_passes_the_limit_and_nothing_is_lost(
    world: World,
) -> None:
    stream = ScriptedStream(*[b"x" * 10] * 5, b"\nnext\n")

    async def main() -> list[bytes]:
        with pytest.raises(LimitError, match=rb"no b'\\n' among the first 25 bytes".decode()):
            await stream.receive_until(limit=25)
        assert stream.held == 30
        with pytest.raises(LimitError):
            await stream.receive_until(limit=30)
        return [await stream.receive_until(limit=50), await stream.receive_until()]

    assert world.run(main) == [b"x" * 50, b"next"]


def test_a_mark_that_never_comes_is_told_when_the_peer_finishes(world: World) -> None:
    stream = ScriptedStream(b"no mark")

    async def main() -> bytes:
        with pytest.raises(EndOfStream) as caught:
            await stream.receive_until()
        assert caught.value.partial == b"no mark"
        return await stream.receive_exactly(7)

    assert world.run(main) == b"no mark"


# -- peek


@each_form
def test_to_peek_takes_nothing_away(world: World, form: Form) -> None:
    stream = ScriptedStream(b"data")

    async def main() -> list[bytes]:
        seen = [await form_of(form, stream.peek) for _ in range(2)]
        return [*seen, await stream.receive(), await stream.peek()]

    assert world.run(main) == [b"data", b"data", b"data", b""]


# -- nothing is lost, and nobody starves


@each_way
def test_inside_a_cancelled_scope_it_raises_also_when_all_is_there(
    world: World, receive: Receive
) -> None:
    stream = ScriptedStream()
    stream.unread(b"1234\n")

    async def main() -> bool:
        with Scope() as scope:
            scope.cancel()
            await receive(stream)
        return scope.cancelled_caught

    assert world.run(main)
    assert stream.held == 5


@pytest.mark.parametrize("way", ["receive_exactly", "receive_until"])
def test_what_fails_below_comes_out_and_loses_nothing(world: World, way: str) -> None:
    stream = ScriptedStream(OSError("broken"), b"abc\n")
    stream.unread(b"x")

    async def main() -> list[bytes]:
        with pytest.raises(OSError, match="broken"):
            await WAYS[way](stream)
        return [await stream.receive(), await stream.receive()]

    assert world.run(main) == [b"x", b"abc\n"]


@each_way
def test_a_loop_over_what_is_held_lets_others_have_their_turn(
    world: World, turns: Turns, receive: Receive
) -> None:
    stream = ScriptedStream()
    stream.unread(b"123\n" * 1000)
    taken: Counter[int] = Counter()  # in each turn

    async def main() -> None:
        while before := stream.held:
            await receive(stream)
            if receive is WAYS["peek"]:
                await stream.receive(4)
            taken[turns.count] += before - stream.held

    world.run(main)

    assert len(taken) >= 1000 // 32
    assert max(taken.values()) <= 32 * 5


# -- the end


@each_form
def test_it_is_finished_by_saying_so_and_throwing_away_what_comes(world: World, form: Form) -> None:
    stream = ScriptedStream(b"this", b"and that")

    async def main() -> None:
        await form(stream.finish)

    world.run(main)

    assert stream.log == ["end", "close"]


def test_a_peer_that_does_not_finish_is_closed_when_time_is_up(world: World) -> None:
    class Chatty(ScriptedStream):
        @coroutine
        def receive_more(self, limit: int | None) -> Steps[bytes]:
            yield from checkpoint()
            world.clock.advance(1)
            return b"and another thing"

    stream = Chatty()

    async def main() -> None:
        await stream.finish(5)

    world.run(main)

    assert stream.log == ["end", "close"]
    assert 5 <= world.clock.now <= 7


def test_one_that_fails_while_it_is_finished_is_closed(world: World) -> None:
    stream = ScriptedStream(ConnectionResetError())

    async def main() -> None:
        await stream.finish()

    world.run(main)

    assert stream.log == ["end", "close"]


def test_one_whose_finish_is_cancelled_is_closed(world: World) -> None:
    stream = ScriptedStream()

    async def main() -> None:
        with move_on_after(0):
            await checkpoint()
            await stream.finish()

    world.run(main)

    assert stream.log[-1:] == ["close"]


def test_leaving_a_with_block_closes_it() -> None:
    with ScriptedStream() as stream:
        assert stream.log == []

    assert stream.log == ["close"]


def test_what_is_not_written_says_what_to_write(world: World) -> None:
    stream = BareStream()  # type: ignore[abstract] # as a program would that is not checked

    async def main() -> None:
        with pytest.raises(NotImplementedError, match=r"^<Bare.* has no receive_more\(limit\); wr"):
            await stream.receive()

    world.run(main)
    with pytest.raises(NotImplementedError, match=r"^<BareStream> has no send_all\(data\); write"):
        stream.send_all(b"")  # type: ignore[unused-awaitable] # it is not made at all
    with pytest.raises(NotImplementedError, match=r"^<BareStream> has no send_end\(\); write one$"):
        stream.send_end()  # type: ignore[unused-awaitable] # it is not made at all
    with pytest.raises(NotImplementedError, match=r"^<BareStream> has no close\(\); write one$"):
        stream.close()
    with pytest.raises(NotImplementedError, match=r"^<BareStream> has no abort\(\); write one$"):
        stream.abort()


# -- the same on a socket


@each_form
def test_a_connection_holds_what_was_not_asked_for(world: World, pair: Pair, form: Form) -> None:
    near, far = pair
    far.send(b"one\ntwo\n1234rest")

    async def main() -> list[bytes]:
        with Connection(world.reactor, near) as connection:
            lines = [await form_of(form, connection.receive_until) for _ in range(2)]
            count = await form_of(form, lambda: connection.receive_exactly(4))
            return [*lines, count, await form_of(form, connection.receive)]

    assert world.run(main) == [b"one", b"two", b"1234", b"rest"]


def test_a_second_receiver_is_refused_and_takes_nothing(world: World, pair: Pair) -> None:
    near, far = pair
    far.send(b"begin")

    async def main() -> bytes:
        with Connection(world.reactor, near) as connection:
            async with TaskGroup() as group:
                line = group.spawn(connection.receive_until)
                for _ in range(3):
                    await checkpoint()
                with pytest.raises(BusyError, match="already has a waiter"):
                    await connection.receive_exactly(1)
                far.send(b" and end\n")
            return line.result

    assert world.run(main) == b"begin and end"
