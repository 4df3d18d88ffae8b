"""Receiving over TLS: all that was sent, in order, and the end told from a truncation."""

from __future__ import annotations

import itertools
import socket
import ssl
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reactor import (
    BusyError,
    ClosedError,
    Operation,
    Scope,
    TaskGroup,
    TlsError,
    TruncatedError,
    move_on_after,
    sleep,
)
from reactor.net import Connection, TlsStream, tls_client, tls_server
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import Pair
from tests.net.tls_parts import (
    HOST,
    Chopped,
    Forged,
    Over,
    Parking,
    cancel_after,
    client_context,
    connections,
    each_version,
    in_form,
    server_context,
    shaken,
)
from tests.tasks.parts import Form, each_form
from tests.trials import examples

# -- bytes


@each_version
@each_form
def test_no_more_comes_than_the_limit_and_the_rest_comes_next(
    world: World, pair: Pair, version: ssl.TLSVersion, form: Form
) -> None:
    async def main() -> list[bytes]:
        here, there = await shaken(
            *connections(world, pair), client=client_context(version=version)
        )
        with here, there:
            await here.send_all(b"hello")
            await here.send_all(b"!")
            return [await in_form(form, lambda: there.receive(2)) for _ in range(4)]

    assert world.run(main) == [b"he", b"ll", b"o", b"!"]


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_brings_nothing_is_refused(world: World, pair: Pair, limit: int) -> None:
    async def main() -> None:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            with pytest.raises(ValueError, match=rf"^receive\({limit}\) on <TlsStream over"):
                await here.receive(limit)

    world.run(main)


def test_a_limit_beyond_all_bounds_is_one(world: World, pair: Pair) -> None:
    async def main() -> bytes:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            await here.send_all(b"hello")
            return await there.receive(1 << 60)

    assert world.run(main) == b"hello"


def test_counts_and_lines_and_what_is_put_back_work_as_on_any_stream(
    world: World, pair: Pair
) -> None:
    async def main() -> None:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            await here.send_all(b"one\r\ntwo\n1234rest")
            assert await there.receive_until() == b"one\r"
            assert await there.receive_line() == b"two"
            assert await there.receive_exactly(4) == b"1234"
            assert await there.peek() == b"rest"
            there.unread(b"the ")
            assert await there.receive_more(6) == b"the re"
            assert await there.receive_more(None) == b"st"

    world.run(main)


def test_what_is_here_already_comes_without_a_turn_of_the_loop(
    world: World, pair: Pair, turns: Turns
) -> None:
    async def main() -> int:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            for _ in range(10):
                await here.send_all(b"record")
            await there.receive()
            before = turns.count
            for _ in range(9):
                await there.receive()
            return turns.count - before

    assert world.run(main) == 0


def test_a_loop_over_what_is_here_lets_others_have_their_turn(
    world: World, pair: Pair, turns: Turns
) -> None:
    taken: Counter[int] = Counter()  # in each turn

    async def main() -> None:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            await here.send_all(b"x" * 1000)
            while taken.total() < 1000:
                taken[turns.count] += len(await there.receive(1))

    world.run(main)

    assert max(taken.values()) <= 33


@settings(max_examples=examples(30), deadline=None)
@given(
    pieces=st.lists(st.binary(min_size=0, max_size=40_000), max_size=5),
    sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=5),
    limits=st.lists(st.none() | st.integers(1, 50_000), min_size=1, max_size=5),
    version=st.sampled_from([ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]),
)
def test_however_it_is_cut_the_same_bytes_come(
    pieces: list[bytes], sizes: list[int], limits: list[int | None], version: ssl.TLSVersion
) -> None:
    async def send(stream: TlsStream) -> None:
        for piece in pieces:
            await stream.send_all(piece)
        await stream.send_end()

    async def main() -> bytes:
        near, far = connections(world, socket.socketpair())
        here, there = await shaken(
            near, Chopped(far, sizes), client=client_context(version=version)
        )
        got = b""
        with here, there:
            async with TaskGroup() as group:
                group.spawn(send, here)
                for limit in itertools.cycle(limits):
                    data = await there.receive(limit)
                    assert limit is None or len(data) <= limit
                    if not data:
                        break
                    got += data
        return got

    with World() as world:
        assert world.run(main) == b"".join(pieces)


# -- the end


@each_version
@each_form
def test_the_end_comes_again_and_again_and_one_may_still_send(
    world: World, pair: Pair, version: ssl.TLSVersion, form: Form
) -> None:
    async def main() -> list[bytes]:
        here, there = await shaken(
            *connections(world, pair), client=client_context(version=version)
        )
        with here, there:
            await here.send_all(b"that is all")
            await in_form(form, here.send_end)
            await in_form(form, here.send_end)
            got = [await in_form(form, there.receive) for _ in range(3)]
            await there.send_all(b"an answer")
            await there.send_end()
            return [*got, await here.receive(), await here.receive(), await here.receive()]

    assert world.run(main) == [b"that is all", b"", b"", b"an answer", b"", b""]


@each_version
def test_an_end_without_a_word_is_a_truncation_whatever_was_asked_for(
    world: World, pair: Pair, version: ssl.TLSVersion
) -> None:
    said = r"^<Connection fd=.* ended before the peer had said so \(close_notify\); somebody ma"

    async def main() -> bytes:
        here, there = await shaken(
            *connections(world, pair), client=client_context(version=version)
        )
        with there:
            await here.send_all(b"half a li")
            here.close()
            for make in (
                there.receive_until,
                lambda: there.receive_exactly(99),
                there.receive_line,
            ):
                with pytest.raises(TruncatedError, match=said):
                    await make()
            assert there.held == 9
            return await there.receive()

    assert world.run(main) == b"half a li"


def test_an_end_in_the_middle_of_a_record_is_a_truncation(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)

    class Half(Over):
        """Sends half of what it is given, once it is told to."""

        on = False

        def send_all(self, data: bytes | bytearray | memoryview) -> Operation[None]:
            return super().send_all(data[: len(data) // 2] if self.on else data)

    half = Half(near)

    async def main() -> None:
        here, there = await shaken(half, far)
        with there:
            half.on = True
            await here.send_all(b"a record")
            here.close()
            for _ in range(2):
                with pytest.raises(TruncatedError):
                    await there.receive()

    world.run(main)


def test_a_truncation_can_be_taken_for_an_end(world: World, pair: Pair) -> None:
    async def main() -> list[bytes]:
        here, there = await shaken(*connections(world, pair), truncation_ok=True)
        with there:
            await here.send_all(b"Connection: close\n")
            here.close()
            got = [await there.receive() for _ in range(3)]
            assert await there.receive_line() is None
            return got

    assert world.run(main) == [b"Connection: close\n", b"", b""]


def test_who_closes_without_a_word_is_seen_off_all_the_same(world: World, pair: Pair) -> None:
    async def main() -> None:
        here, there = await shaken(*connections(world, pair))
        here.close()
        await there.finish()

    world.run(main)


@each_version
@each_form
def test_it_is_finished_in_good_order_on_both_sides(
    world: World, pair: Pair, version: ssl.TLSVersion, form: Form
) -> None:
    near, far = connections(world, pair)

    async def main() -> list[bytes]:
        here, there = await shaken(near, far, client=client_context(version=version))
        async with TaskGroup() as group:
            await there.send_all(b"never read")
            group.spawn(here.finish)
            got = [await there.receive()]
            await in_form(form, there.finish)
        return got

    assert world.run(main) == [b""]
    assert near.fileno() == far.fileno() == -1
    assert world.clock.now == 0


# -- what goes wrong


@each_version
def test_a_record_that_was_changed_is_an_error_from_then_on_and_the_peer_hears_of_it(
    world: World, pair: Pair, version: ssl.TLSVersion
) -> None:
    near, far = connections(world, pair)
    forged = Forged(far)

    async def main() -> None:
        here, there = await shaken(near, forged, client=client_context(version=version))
        with here, there:
            await here.send_all(b"true")
            assert await there.receive() == b"true"
            forged.on = True
            await here.send_all(b"forged")
            for _ in range(2):
                with pytest.raises(
                    TlsError, match=r"^receiving failed on <Forged>: decryption fai"
                ):
                    await there.receive()
            with pytest.raises(TlsError, match=r"^receiving failed on <Forged>: decryption fai"):
                await there.send_all(b"too late")
            with pytest.raises(TlsError, match=r"alert bad record mac; that is what the peer says"):
                await here.receive()

    world.run(main)


def test_what_came_before_a_changed_record_is_not_lost(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)
    forged = Forged(far)

    async def main() -> bytes:
        here, there = await shaken(near, forged)
        with here, there:
            await here.send_all(b"tr")
            await there.peek()
            await here.send_all(b"ue")
            await here.send_all(b"forged")
            forged.on = True
            with pytest.raises(TlsError):
                await there.receive_exactly(99)
            return await there.receive()

    assert world.run(main) == b"true"


def test_an_error_below_comes_out_as_it_is(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> None:
        here, there = await shaken(
            Connection(world.reactor, near, idle_seconds=5), Connection(world.reactor, far)
        )
        with here, there:
            with pytest.raises(TimeoutError, match="nothing moved on <Connection fd="):
                await here.receive()

    world.run(main)


def test_closed_here_a_task_that_waits_is_told(world: World, pair: Pair) -> None:
    async def main() -> None:
        here, there = await shaken(*connections(world, pair))
        with there:
            world.reactor.call_later(1, here.close)
            with pytest.raises(ClosedError):
                await here.receive()
            with pytest.raises(ClosedError):
                await here.send_all(b"too late")

    world.run(main)


def test_an_abort_is_one_below(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)
    stream = Parking(near)

    async def main() -> None:
        here, there = await shaken(stream, far)
        with there:
            here.abort()

    world.run(main)

    assert stream.aborted == 1
    assert near.fileno() == -1


def test_one_task_at_a_time_may_receive_and_the_second_is_told(world: World, pair: Pair) -> None:
    async def main() -> bytes:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            async with TaskGroup() as group:
                first = group.spawn(here.receive)
                await sleep(1)
                with pytest.raises(
                    BusyError, match=r"^<TlsStream .* has a receiver that waits; on"
                ):
                    await here.receive()
                await there.send_all(b"for the first")
        return first.result

    assert world.run(main) == b"for the first"


# -- cancelled


@each_version
@pytest.mark.parametrize("parks", range(1, 6))
def test_cancelled_at_any_park_it_loses_nothing(
    world: World, pair: Pair, version: ssl.TLSVersion, parks: int
) -> None:
    near, far = connections(world, pair)

    async def main() -> bytes:
        here, there = await shaken(
            near, Parking(Chopped(far, [7])), client=client_context(version=version)
        )
        with here, there:
            await here.send_all(b"something long enough")
            with Scope() as scope:
                cancel_after(world, scope, parks)
                await there.receive_exactly(22)
            assert scope.cancelled_caught
            await here.send_all(b"!")
            return await there.receive_exactly(22)

    assert world.run(main) == b"something long enough!"


def test_inside_a_cancelled_scope_it_raises_also_when_all_is_here(world: World, pair: Pair) -> None:
    async def main() -> bytes:
        here, there = await shaken(*connections(world, pair))
        with here, there:
            await here.send_all(b"one")
            await here.send_all(b"two")
            assert await there.receive() == b"one"
            with move_on_after(5) as scope:
                scope.cancel()
                await there.receive()
            assert scope.cancelled_caught
            return await there.receive()

    assert world.run(main) == b"two"


def test_a_plain_word_is_no_word_from_the_peer(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)

    async def greet() -> TlsStream:
        return await tls_server(far, server_context())

    async def main() -> None:
        async with TaskGroup() as group:
            greeted = group.spawn(greet)
            here = await tls_client(near, client_context(), host=HOST)
        with here, greeted.result:
            await far.send_all(b"injected\r\n")
            with pytest.raises(TlsError, match="wrong version number"):
                await here.receive()

    world.run(main)
