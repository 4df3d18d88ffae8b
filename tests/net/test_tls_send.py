"""Sending over TLS: in pieces, held back by who does not read, and broken off for good or not."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable

import pytest

from reactor import (
    BusyError,
    ClosedError,
    Operation,
    Scope,
    Steps,
    TaskGroup,
    TlsError,
    TruncatedError,
    checkpoint,
    coroutine,
    sleep,
)
from reactor.net import TlsStream
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import Pair
from tests.net.tls_parts import (
    Forged,
    Noted,
    Over,
    cancel_after,
    client_context,
    connections,
    each_version,
    in_form,
    shaken,
)
from tests.tasks.parts import Form, each_form


def ways_to_send(stream: TlsStream) -> list[Callable[[], Operation[None]]]:
    return [lambda: stream.send_all(b"more"), stream.send_end]


async def take(stream: TlsStream, count: int) -> bytes:
    return await stream.receive_exactly(count)


@pytest.mark.parametrize(
    "data",
    [b"bytes", bytearray(b"bytes"), memoryview(b"bytes"), memoryview(b"bytes!..").cast("I")],
    ids=["bytes", "bytearray", "memoryview", "memoryview of numbers"],
)
@each_form
def test_whatever_holds_bytes_is_sent(
    world: World, pair: Pair, form: Form, data: bytes | bytearray | memoryview
) -> None:
    async def main() -> bytes:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            await in_form(form, lambda: here.send_all(data))
            return await there.receive()

    assert world.run(main) == bytes(data)


def test_to_send_nothing_sends_nothing(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)
    noted = Noted(near)

    async def main() -> None:
        here, there = await shaken(noted, far)
        with here, there:
            noted.sent.clear()
            await here.send_all(b"")
            await here.send_all(memoryview(b""))

    world.run(main)

    assert noted.sent == []


def test_it_is_encrypted_in_pieces_each_of_which_is_taken_before_the_next(
    world: World, pair: Pair
) -> None:
    near, far = connections(world, pair)
    noted = Noted(near)
    data = os.urandom(1_000_000)

    async def main() -> bytes:
        here, there = await shaken(noted, far)
        with here, there:
            noted.sent.clear()
            async with TaskGroup() as group:
                group.spawn(here.send_all, data)
                return await there.receive_exactly(len(data))
        return b""

    assert world.run(main) == data
    assert max(map(len, noted.sent)) <= 65_536 + 4 * 64
    assert len(noted.sent) == 16


@each_version
def test_both_may_send_much_at_once_and_none_waits_for_ever(
    world: World, small: Pair, version: ssl.TLSVersion
) -> None:
    to_there, to_here = os.urandom(600_000), os.urandom(500_000)

    async def main() -> list[bytes]:
        here, there = await shaken(
            *connections(world, small), client=client_context(version=version)
        )
        with here, there:
            async with TaskGroup() as group:
                group.spawn(here.send_all, to_there)
                group.spawn(there.send_all, to_here)
                got = [
                    group.spawn(take, there, len(to_there)),
                    group.spawn(take, here, len(to_here)),
                ]
        return [task.result for task in got]

    assert world.run(main) == [to_there, to_here]


def test_a_peer_that_does_not_read_holds_its_sender_back(world: World, small: Pair) -> None:
    async def main() -> None:
        here, there = await shaken(*connections(world, small))
        with here, there:
            async with TaskGroup() as group:
                sent = group.spawn(here.send_all, bytes(300_000))
                for _ in range(100):
                    await checkpoint()
                assert not sent.done
                await there.receive_exactly(300_000)

    world.run(main)


class Sink(Over):
    """Takes all at once and sends it nowhere, once it is told to."""

    on = False

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        if not self.on:
            yield from self.below.send_all(data)


def test_a_long_send_that_is_taken_at_once_lets_others_have_their_turn(
    world: World, pair: Pair, turns: Turns
) -> None:
    near, far = connections(world, pair)
    sink = Sink(near)

    async def main() -> int:
        here, there = await shaken(sink, far)
        with here, there:
            sink.on = True
            before = turns.count
            await here.send_all(bytes(65_536 * 100))
            return turns.count - before

    assert world.run(main) >= 3


def test_a_second_sender_is_told_and_takes_no_part(world: World, small: Pair) -> None:
    async def main() -> None:
        here, there = await shaken(*connections(world, small))
        with here, there:
            async with TaskGroup() as group:
                group.spawn(here.send_all, b"a" * 200_000)
                await sleep(1)
                for make in ways_to_send(here):
                    with pytest.raises(BusyError, match=r"^<TlsStream .* has a sender that waits"):
                        await make()
                assert await there.receive_exactly(200_000) == b"a" * 200_000

    world.run(main)


def test_after_its_end_nothing_is_sent(world: World, pair: Pair) -> None:
    async def main() -> bytes:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            await here.send_end()
            with pytest.raises(
                ClosedError, match=r"^<TlsStream .* was ended on this side; send be"
            ):
                await here.send_all(b"more")
            return await there.receive()

    assert world.run(main) == b""


@each_version
@pytest.mark.parametrize("exactly", [False, True])
def test_an_end_throws_nothing_away_that_has_come(
    world: World, pair: Pair, version: ssl.TLSVersion, exactly: bool
) -> None:
    async def main() -> list[bytes]:
        here, there = await shaken(
            *connections(world, pair), client=client_context(version=version)
        )
        with here, there:
            for word in (b"one", b"two", b"three"):
                await here.send_all(word)
            got = [await there.receive(1)]
            there.unread(b"x")
            await there.send_end()
            assert await here.receive() == b""
            await here.send_all(b"four")
            await here.send_end()
            if exactly:
                got.append(await there.receive_exactly(15))
            while data := await there.receive():
                got.append(data)
        return got

    assert b"".join(world.run(main)) == b"oxnetwothreefour"


def test_an_end_of_which_a_receiver_learns_while_it_is_said(world: World, pair: Pair) -> None:
    async def main() -> bytes:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            async with TaskGroup() as group:
                received = group.spawn(take, here, 8)
                await checkpoint()
                await here.send_end()
                await there.send_all(b"all the ")
            return received.result

    assert world.run(main) == b"all the "


def test_a_file_is_sent_encrypted(world: World, small: Pair) -> None:
    data = os.urandom(150_000)

    async def main() -> bytes:
        here, there = await shaken(*connections(world, small))
        with here, there, tempfile.TemporaryFile() as file:
            file.write(data)
            file.flush()
            async with TaskGroup() as group:
                sent = group.spawn(here.send_file, file, 1000, 140_000)
                got = await there.receive_exactly(140_000)
            assert sent.result == 140_000
            return got

    assert world.run(main) == data[1000:141_000]


# -- broken off


@each_version
@pytest.mark.parametrize("parks", range(12))
def test_cancelled_at_any_park_it_sends_no_more_and_the_peer_has_a_part_and_no_good_end(
    world: World, small: Pair, version: ssl.TLSVersion, parks: int
) -> None:
    data = os.urandom(200_000)
    got = bytearray()

    async def receive(stream: TlsStream) -> None:
        while data := await stream.receive(5000):
            got.extend(data)

    async def receive_all(stream: TlsStream) -> None:
        with pytest.raises(TruncatedError):
            await receive(stream)

    async def main() -> None:
        here, there = await shaken(
            *connections(world, small), client=client_context(version=version)
        )
        with there:
            async with TaskGroup() as group:
                group.spawn(receive_all, there)
                with Scope() as scope:
                    cancel_after(world, scope, parks)
                    await here.send_all(data)
                assert scope.cancelled_caught
                for make in ways_to_send(here):
                    with pytest.raises(TlsError, match=r"^a send on <TlsStream .* was broken off"):
                        await make()
                await here.finish()

    world.run(main)

    assert data.startswith(bytes(got))


def test_cancelled_between_two_pieces_it_sends_no_more_either(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)
    sink = Sink(near)

    async def main() -> None:
        here, there = await shaken(sink, far)
        with here, there:
            sink.on = True
            with Scope() as scope:
                scope.cancel()
                await here.send_all(bytes(200_000))
            assert scope.cancelled_caught
            with pytest.raises(TlsError, match="was broken off"):
                await here.send_all(b"more")

    world.run(main)


def test_nothing_is_said_behind_half_a_record(world: World, small: Pair) -> None:
    near, far = connections(world, small)
    forged = Forged(near)
    noted = Noted(forged)

    async def main() -> None:
        here, there = await shaken(noted, far)
        with here, there:
            with Scope() as scope:
                cancel_after(world, scope, 3)
                await here.send_all(bytes(200_000))
            noted.sent.clear()
            forged.on = True
            await there.send_all(b"forged")
            with pytest.raises(TlsError, match="receiving failed"):
                await here.receive()
            assert noted.sent == []

    world.run(main)


def test_one_whose_send_was_broken_off_can_still_receive(world: World, small: Pair) -> None:
    async def main() -> bytes:
        here, there = await shaken(*connections(world, small))
        with here, there:
            with Scope() as scope:
                cancel_after(world, scope, 3)
                await here.send_all(bytes(200_000))
            await there.send_all(b"still here")
            return await here.receive()

    assert world.run(main) == b"still here"


def test_a_send_that_fails_below_says_so_and_is_the_last(world: World, pair: Pair) -> None:
    async def main() -> None:
        here, there = await shaken(*connections(world, pair))
        with here:
            there.close()
            with pytest.raises(BrokenPipeError):
                await here.send_all(b"to nobody")
            with pytest.raises(TlsError, match="was broken off"):
                await here.send_all(b"to nobody")
            await here.finish()

    world.run(main)


def test_a_send_that_needs_no_park_is_not_cancelled(world: World, pair: Pair) -> None:
    async def main() -> bytes:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            with Scope() as scope:
                scope.cancel()
                await here.send_all(b"short")
                await here.send_end()
            return await there.receive()

    assert world.run(main) == b"short"
