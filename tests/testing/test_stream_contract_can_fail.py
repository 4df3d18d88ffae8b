"""The contract of streams finds what is broken: each of its clauses by a stream that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from reactor import (
    BusyError,
    ClosedError,
    Reactor,
    Scope,
    Steps,
    checkpoint,
    coroutine,
    move_on_after,
)
from reactor.net import Stream
from reactor.testing import Network, StreamContract, World
from tests.testing.verdicts import verdict


class Passing(Stream):
    """Passes everything on to a stream that keeps the contract."""

    def __init__(self, inner: Stream) -> None:
        super().__init__()
        self.inner = inner

    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        return (yield from self.inner.receive_more(limit))

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        yield from self.inner.send_all(data)

    @coroutine
    def send_end(self) -> Steps[None]:
        yield from self.inner.send_end()

    def close(self) -> None:
        self.inner.close()

    def abort(self) -> None:
        self.inner.abort()


class Backwards(Passing):
    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        yield from self.inner.send_all(bytes(data)[::-1])


class Shouting(Passing):
    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        yield from self.inner.send_all(bytes(data).upper())


class Unlimited(Passing):
    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        return (yield from self.inner.receive_more(None))


class Unrefusing(Passing):
    @coroutine
    def receive(self, limit: int | None = None) -> Steps[bytes]:
        if limit is not None and limit < 1:
            return b""
        return (yield from super().receive(limit))


class Impatient(Passing):
    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        data = b""
        with move_on_after(0):
            data = yield from self.inner.receive_more(limit)
        return data


class Losing(Passing):
    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        data = yield from self.inner.receive_more(limit)
        yield from checkpoint()
        return data


class Deaf(Passing):
    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        data = b""
        with Scope(shield=True):
            data = yield from self.inner.receive_more(limit)
        return data


class Crowded(Passing):
    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        try:
            return (yield from self.inner.receive_more(limit))
        except BusyError:
            return b""

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        try:
            yield from self.inner.send_all(data)
        except BusyError:
            pass


class Greedy(Passing):
    """Hands out what it holds without a breath."""

    @coroutine
    def receive(self, limit: int | None = None) -> Steps[bytes]:
        if self._held is None:
            self.unread((yield from self.inner.receive_more(None)))
        return self._take(limit)


class Choosy(Passing):
    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        if isinstance(data, bytes):
            yield from self.inner.send_all(data)


class Endless(Passing):
    ends = 0

    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        data = yield from self.inner.receive_more(limit)
        self.ends += not data
        return data or b"!" * (self.ends > 1)


class ClosesAtItsEnd(Passing):
    @coroutine
    def send_end(self) -> Steps[None]:
        yield from self.inner.send_end()
        self.inner.close()


class EndsOnce(Passing):
    ended = False

    @coroutine
    def send_end(self) -> Steps[None]:
        if self.ended:
            raise BrokenPipeError("it was ended before")
        self.ended = True
        yield from self.inner.send_end()


class Aborting(Passing):
    def close(self) -> None:
        self.inner.abort()


class Yielding(Passing):
    """Says yes to everything."""

    @coroutine
    def send_all(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        try:
            yield from self.inner.send_all(data)
        except Exception:
            yield from checkpoint()

    @coroutine
    def send_end(self) -> Steps[None]:
        try:
            yield from self.inner.send_end()
        except ClosedError:
            yield from checkpoint()


class Staying(Passing):
    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        pass


class Forgetful(Passing):
    def close(self) -> None:
        self._held = None
        super().close()


class Silent(Passing):
    """Tells nobody that it is closed."""

    def close(self) -> None:
        pass

    abort = close


class Abrupt(Passing):
    @coroutine
    def finish(self, seconds: float = 0.25) -> Steps[None]:
        yield from checkpoint()


class Raising(Passing):
    """Raises what is no error of streams."""

    @coroutine
    def receive_more(self, limit: int | None) -> Steps[bytes]:
        try:
            return (yield from self.inner.receive_more(limit))
        except ConnectionResetError:
            raise LookupError("no such connection") from None


def contract(broken: Callable[[Stream], Stream], buffer: int = 65_536) -> type[StreamContract]:
    """Return the contract over a pair of broken streams."""

    class Broken(StreamContract):
        more_than_fits = 200_000

        def run(self, main: Callable[[Reactor], Coroutine[Any, Any, None]]) -> None:
            with World() as self.world:
                self.world.run(main, self.world.reactor)

        async def connect(self, reactor: Reactor) -> tuple[Stream, Stream]:
            near, far = Network(self.world, buffer=buffer).stream_pair()
            return broken(near), broken(far)

    return Broken


@pytest.mark.parametrize(
    ("broken", "test", "told"),
    [
        (Backwards, "bytes_come_in_order_both_ways", "bytes come as they were sent, in order"),
        (Shouting, "a_generator_waits_as_an_async_def_does", "for `yield from` as for `await`"),
        (Unlimited, "no_more_comes_than_the_limit_and_the_rest_comes_next", "brings one byte, not"),
        (Unrefusing, "a_limit_that_brings_nothing_is_refused", "raises ValueError, not None"),
        (Impatient, "a_receive_waits_for_what_is_not_there_yet", "waits until bytes come"),
        (Losing, "a_cancelled_receive_loses_nothing_in_whatever_turn", "loses nothing: b'' came"),
        (Deaf, "inside_a_cancelled_scope_nothing_is_received", "receive raises Cancelled"),
        (Crowded, "a_second_receiver_is_refused_and_takes_nothing", "BusyError, not None"),
        (Greedy, "a_loop_over_what_has_come_lets_others_have_their_turn", "others have a turn: 9"),
        (Choosy, "whatever_holds_bytes_is_sent", "bytearray and memoryview are sent alike"),
        (Backwards, "a_cancelled_send_has_sent_a_first_part", "are its first bytes"),
        (Crowded, "a_second_sender_is_refused_while_one_waits_for_room", "BusyError, not None"),
        (
            Endless,
            "once_the_peer_has_finished_nothing_comes_however_often_it_is_asked",
            'returns b"", each time',
        ),
        (ClosesAtItsEnd, "who_has_finished_can_still_receive", "is closed on this side"),
        (EndsOnce, "who_has_finished_can_still_receive", "it was ended before"),
        (Aborting, "the_peer_of_one_that_is_closed_hears_the_end", "was reset"),
        (Yielding, "one_that_is_closed_refuses", "raises ClosedError, not None"),
        (Staying, "leaving_a_with_block_closes_it", "nothing can happen any more"),
        (Forgetful, "what_is_held_is_still_there_when_it_is_closed", "is closed on this side"),
        (Silent, "a_receiver_hears_that_it_is_closed_here", "nothing can happen any more"),
        (Silent, "a_sender_hears_that_it_is_closed_here", "nothing can happen any more"),
        (Silent, "the_peer_of_one_that_is_aborted_hears_of_it", "nothing can happen any more"),
        (Raising, "the_peer_of_one_that_is_aborted_hears_of_it", "raises OSError, not LookupErr"),
        (Yielding, "to_send_to_a_peer_that_is_gone_fails_in_the_end", "after a while, not None"),
        (Abrupt, "it_is_finished_in_good_order", "nothing can happen any more"),
    ],
)
def test_a_stream_that_breaks_a_clause_is_told_so(
    broken: Callable[[Stream], Stream], test: str, told: str
) -> None:
    assert told in verdict(contract(broken), test)


def test_a_stream_that_takes_in_all_there_is_is_told_so() -> None:
    said = verdict(contract(Passing, 1 << 30), "a_peer_that_does_not_read_holds_its_sender_back")

    assert said == "199936 bytes are not taken in while the peer does not read"


def test_one_that_only_passes_on_breaks_none() -> None:
    whole = contract(Passing)
    tests = [name.removeprefix("test_") for name in dir(whole) if name.startswith("test_")]

    assert len(tests) == 24
    assert {verdict(whole, test) for test in tests} == {""}


def test_without_a_pair_there_is_nothing_to_try() -> None:
    class Nothing(StreamContract):
        pass

    said = verdict(Nothing, "bytes_come_in_order_both_ways")

    assert said.endswith("has no connect(reactor) to make a pair; write it")
