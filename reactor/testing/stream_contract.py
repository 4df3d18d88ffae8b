"""StreamContract: what tasks may count on with any stream, as tests to derive from.

Law of this file: it asks through the face of Stream only. Each sentence after an assert is a
clause of the contract. How a stream ends is in stream_end_contract.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from reactor.errors import BusyError
from reactor.net import Stream
from reactor.tasks import Operation, Scope, Steps, TaskGroup, checkpoint, coroutine, sleep

from .stream_end_contract import StreamEndContract
from .stream_pairs import StreamPairs, all_from, failure_of, some_turns

_SMALL_RECEIVES: Final = 320
_STREAK: Final = 32
_ARRIVAL: Final = 0.2  # by then a few bytes have come, in seconds


class ReceivingContract(StreamPairs):
    """What receive promises."""

    def test_bytes_come_in_order_both_ways(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            for here, there in ((near, far), (far, near)):
                await here.send_all(b"first, ")
                await here.send_all(b"second")
                await here.send_end()
                came = await all_from(there)
                assert came == b"first, second", "bytes come as they were sent, in order"

        self.try_with(body)

    def test_a_generator_waits_as_an_async_def_does(self) -> None:
        @coroutine
        def echo(stream: Stream) -> Steps[None]:
            yield from stream.send_all((yield from stream.receive_exactly(5)))

        async def body(near: Stream, far: Stream) -> None:
            async with TaskGroup() as group:
                group.spawn(echo, far)
                await near.send_all(b"hello")
                came = await near.receive_exactly(5)
            assert came == b"hello", "operations are for `yield from` as for `await`"

        self.try_with(body)

    def test_no_more_comes_than_the_limit_and_the_rest_comes_next(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            await far.send_all(b"hello")
            for receive in (near.receive, near.receive_more):
                piece = await receive(1)
                assert len(piece) == 1, f"{receive.__name__}(1) brings one byte, not {piece!r}"
            await far.send_end()
            rest = await all_from(near)
            assert rest == b"llo", "what is beyond a limit comes next time"

        self.try_with(body)

    def test_a_limit_that_brings_nothing_is_refused(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            for limit in (0, -1):
                error = await failure_of(near.receive(limit))
                assert isinstance(error, ValueError), (
                    f"receive({limit}) would look like the end; it raises ValueError, not {error!r}"
                )

        self.try_with(body)

    def test_a_receive_waits_for_what_is_not_there_yet(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            async with TaskGroup() as group:
                task = group.spawn(near.receive)
                await some_turns()
                assert not task.done, "a receive waits until bytes come"
                await far.send_all(b"x")
            assert task.result == b"x", "and is woken by them"

        self.try_with(body)

    def test_a_cancelled_receive_loses_nothing_in_whatever_turn(self) -> None:
        def some(stream: Stream) -> Operation[bytes]:
            return stream.receive()

        def all_of_it(stream: Stream) -> Operation[bytes]:
            return stream.receive_exactly(4)

        for receive in (some, all_of_it):
            for sends in range(4):
                for cancels in range(4):
                    self.try_with(partial(_cancelled, receive, sends, cancels))

    def test_inside_a_cancelled_scope_nothing_is_received(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            await far.send_all(b"data")
            await some_turns()
            with Scope() as scope:
                scope.cancel()
                await near.receive()
            assert scope.cancelled_caught, "inside a cancelled scope receive raises Cancelled"
            await far.send_end()
            came = await all_from(near)
            assert came == b"data", "and takes nothing"

        self.try_with(body)

    def test_a_second_receiver_is_refused_and_takes_nothing(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            async with TaskGroup() as group:
                first = group.spawn(near.receive)
                await some_turns()
                error = await failure_of(near.receive())
                assert isinstance(error, BusyError), (
                    f"one task at a time may receive; a second gets BusyError, not {error!r}"
                )
                await far.send_all(b"x")
            assert first.result == b"x", "the first receiver is not disturbed by a second"

        self.try_with(body)

    def test_a_loop_over_what_has_come_lets_others_have_their_turn(self) -> None:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await checkpoint()

        async def body(near: Stream, far: Stream) -> None:
            await far.send_all(bytes(_SMALL_RECEIVES))
            await sleep(_ARRIVAL)
            async with TaskGroup() as group:
                group.spawn(count)
                for _ in range(_SMALL_RECEIVES):
                    await near.receive(1)
                group.cancel()
            least = _SMALL_RECEIVES // _STREAK - 1
            assert turns >= least, (
                f"after {_STREAK} receives in a row the others have a turn: {least}, not {turns}"
            )

        self.try_with(body)


class SendingContract(StreamPairs):
    """What send_all promises."""

    def test_whatever_holds_bytes_is_sent(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            for data in (b"bytes", bytearray(b"bytes"), memoryview(b"bytes"), b""):
                await near.send_all(data)
            await near.send_end()
            came = await all_from(far)
            assert came == b"bytes" * 3, "bytes, bytearray and memoryview are sent alike"

        self.try_with(body)

    def test_a_peer_that_does_not_read_holds_its_sender_back(self) -> None:
        data = bytes(range(256)) * (self.more_than_fits // 256)

        async def body(near: Stream, far: Stream) -> None:
            async with TaskGroup() as group:
                task = group.spawn(_send_and_end, near, data)
                await some_turns()
                assert not task.done, (
                    f"{len(data)} bytes are not taken in while the peer does not read"
                )
                came = await all_from(far)
            assert came == data, "all of them come when it reads, in order"

        self.try_with(body)

    def test_a_cancelled_send_has_sent_a_first_part(self) -> None:
        data = bytes(range(256)) * (self.more_than_fits // 256)

        async def body(near: Stream, far: Stream) -> None:
            async with TaskGroup() as group:
                group.spawn(near.send_all, data)
                await some_turns()
                group.cancel()
            near.close()
            came = await all_from(far)
            assert data.startswith(came), "what a cancelled send has sent are its first bytes"

        self.try_with(body)

    def test_a_second_sender_is_refused_while_one_waits_for_room(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            async with TaskGroup() as group:
                group.spawn(near.send_all, bytes(self.more_than_fits))
                await some_turns()
                error = await failure_of(near.send_all(b"in between"))
                assert isinstance(error, BusyError), (
                    f"one task at a time may send; a second gets BusyError, not {error!r}"
                )
                group.cancel()

        self.try_with(body)


class StreamContract(ReceivingContract, SendingContract, StreamEndContract):
    """Derive from it, write connect, and let pytest collect it: `class TestMine(StreamContract):`.

    connect makes a pair of streams that talk to each other. They live in a World; where they need
    another, or real time, write run too.
    """


async def _send_and_end(stream: Stream, data: bytes) -> None:
    await stream.send_all(data)
    await stream.send_end()


async def _cancelled(
    receive: Callable[[Stream], Operation[bytes]],
    sends: int,
    cancels: int,
    near: Stream,
    far: Stream,
) -> None:
    """Receive what is sent so many turns later, and cancel that so many turns later."""
    scope, got = Scope(), b""
    async with TaskGroup() as group:
        group.spawn(_later, sends, partial(far.send_all, b"data"))
        group.spawn(_later, cancels, partial(_cancel, scope))
        with scope:
            got = await receive(near)
    await far.send_end()
    rest = await all_from(near)
    assert got + rest == b"data", (
        f"a receive that is cancelled loses nothing: {got!r} came before, {rest!r} after it"
    )


async def _later(turns: int, make: Callable[[], Operation[None]]) -> None:
    for _ in range(turns):
        await checkpoint()
    await make()


def _cancel(scope: Scope) -> Operation[None]:
    scope.cancel()
    return checkpoint()
