"""StreamEndContract: how any stream ends, as tests: half-close, close, abort, finish.

Law of this file: it asks through the face of Stream only. Each sentence after an assert is a
clause of the contract.
"""

from __future__ import annotations

from typing import Final

from reactor.errors import ClosedError, ReactorError
from reactor.net import Stream
from reactor.tasks import TaskGroup

from .stream_pairs import StreamPairs, all_from, failure_of, some_turns

_TRIES: Final = 1000


class StreamEndContract(StreamPairs):
    """What becomes of a stream that is ended here, or by the peer."""

    def test_once_the_peer_has_finished_nothing_comes_however_often_it_is_asked(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            await far.send_all(b"last")
            await far.send_end()
            came = await near.receive_exactly(4)
            ends = [await near.receive() for _ in range(3)]
            assert came == b"last", "what was sent before the end comes before it"
            assert ends == [b"", b"", b""], 'after the end receive returns b"", each time'

        self.try_with(body)

    def test_who_has_finished_can_still_receive(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            await near.send_end()
            await near.send_end()
            assert await far.receive() == b"", "send_end tells the peer that nothing more comes"
            await far.send_all(b"and yet")
            came = await near.receive_exactly(7)
            assert came == b"and yet", "the peer may still send after our send_end"

        self.try_with(body)

    def test_the_peer_of_one_that_is_closed_hears_the_end(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            await near.send_all(b"bye")
            near.close()
            came = await all_from(far)
            assert came == b"bye", "the peer gets what was sent before the close, then the end"

        self.try_with(body)

    def test_one_that_is_closed_refuses(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            near.close()
            near.close()
            for operation in (near.receive(), near.send_all(b"x"), near.send_end()):
                error = await failure_of(operation)
                assert isinstance(error, ClosedError), (
                    f"after close every operation raises ClosedError, not {error!r}"
                )

        self.try_with(body)

    def test_leaving_a_with_block_closes_it(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            with near as same:
                assert same is near, "`with stream as same` gives the stream"
            error = await failure_of(near.receive())
            assert isinstance(error, ClosedError), "a stream is closed when its block is left"

        self.try_with(body)

    def test_what_is_held_is_still_there_when_it_is_closed(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            await far.send_all(b"x")
            await near.peek()
            near.close()
            assert await near.receive() == b"x", "what was received and held outlives the close"

        self.try_with(body)

    def test_a_receiver_hears_that_it_is_closed_here(self) -> None:
        errors: list[Exception | None] = []

        async def receive(stream: Stream) -> None:
            errors.append(await failure_of(stream.receive()))

        async def body(near: Stream, far: Stream) -> None:
            async with TaskGroup() as group:
                group.spawn(receive, near)
                await some_turns()
                near.close()
            assert isinstance(errors[0], ClosedError), (
                f"whoever receives while it is closed gets ClosedError, not {errors[0]!r}"
            )

        self.try_with(body)

    def test_a_sender_hears_that_it_is_closed_here(self) -> None:
        errors: list[Exception | None] = []

        async def send(stream: Stream) -> None:
            errors.append(await failure_of(stream.send_all(bytes(self.more_than_fits))))

        async def body(near: Stream, far: Stream) -> None:
            async with TaskGroup() as group:
                group.spawn(send, near)
                await some_turns()
                near.close()
            assert isinstance(errors[0], ClosedError), (
                f"whoever waits to send while it is closed gets ClosedError, not {errors[0]!r}"
            )

        self.try_with(body)

    def test_the_peer_of_one_that_is_aborted_hears_of_it(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            near.abort()
            near.abort()
            error = await failure_of(near.receive())
            assert isinstance(error, ClosedError), "abort closes"
            error = await failure_of(all_from(far))
            assert error is None or isinstance(error, OSError | ReactorError), (
                f"after abort the peer's receive ends, or raises OSError, not {error!r}"
            )

        self.try_with(body)

    def test_to_send_to_a_peer_that_is_gone_fails_in_the_end(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            far.abort()
            error: Exception | None = None
            for _ in range(_TRIES):
                error = error or await failure_of(near.send_all(bytes(1024)))
                await some_turns()
            assert isinstance(error, OSError | ReactorError), (
                f"send_all to a peer that is gone raises OSError after a while, not {error!r}"
            )

        self.try_with(body)

    def test_it_is_finished_in_good_order(self) -> None:
        async def body(near: Stream, far: Stream) -> None:
            async with TaskGroup() as group:
                group.spawn(_hear_out, far)
                await near.send_all(b"reply")
                await near.finish()
            error = await failure_of(near.receive())
            assert isinstance(error, ClosedError), "finish closes"

        self.try_with(body)


async def _hear_out(stream: Stream) -> None:
    came = await all_from(stream)
    assert came == b"reply", "the peer of one that finishes gets all that was sent, then the end"
    stream.close()
