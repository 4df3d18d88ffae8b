"""When TLS must send in order to receive, or receive in order to send: in order, and no circle.

The ssl module does so for key updates and late certificates; here it is played, by objects that
answer each question that they read, or want to read before they write.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any

import pytest

from reactor import (
    Operation,
    Scope,
    Task,
    TaskGroup,
    TlsError,
    TruncatedError,
    checkpoint,
    current_task,
    move_on_after,
    sleep,
    wait,
)
from reactor.net import Stream, TlsStream
from reactor.testing import World
from tests.net.peers import Pair
from tests.net.tls_parts import (
    AUTHORITY,
    Chopped,
    Forged,
    Noted,
    Over,
    cancel_after,
    client_context,
    connections,
    shaken,
)


class Answering(ssl.SSLObject):
    """Answers by itself: to each b"?" that it reads with a b"!", and keeps both from its owner."""

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002 - as it is called
        while (data := super().read(len)) and set(data) == {ord("?")}:
            self.write(b"!" * data.count(b"?"))
        return data


class Asking(ssl.SSLObject):
    """Wants to read before the next write, or end, once asked is set."""

    asked = False

    def write(self, data: Any) -> int:
        self._want()
        return super().write(data)

    def unwrap(self) -> None:
        if self.asked:
            type(self).asked = False
            error = ssl.SSLError(1, "shutdown while in init")
            error.reason = "SHUTDOWN_WHILE_IN_INIT"
            raise error
        super().unwrap()

    def _want(self) -> None:
        if self.asked:
            type(self).asked = False
            raise ssl.SSLWantReadError(2, "the operation did not complete")


class Watched(ssl.SSLContext):
    """Keeps what its last object sends through."""

    outgoing: ssl.MemoryBIO

    def wrap_bio(
        self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *args: Any, **kwargs: Any
    ) -> ssl.SSLObject:
        self.outgoing = outgoing
        return super().wrap_bio(incoming, outgoing, *args, **kwargs)


def answering() -> ssl.SSLContext:
    context = client_context()
    context.sslobject_class = Answering
    return context


def asking() -> tuple[ssl.SSLContext, type[Asking]]:
    """Return a client's context, and what its objects are made from."""

    class Own(Asking):
        pass

    context = client_context()
    context.sslobject_class = Own
    return context, Own


async def end_after(task: Task[bytes], stream: TlsStream) -> None:
    await task.join()
    await stream.send_end()


# -- a receiver who sends


def test_a_receiver_sends_what_tls_has_to_answer(world: World, pair: Pair) -> None:
    async def main() -> list[bytes]:
        here, there = await shaken(*connections(world, pair), client=answering())
        with here, there:
            async with TaskGroup() as group:
                received = group.spawn(here.receive)
                await there.send_all(b"???")
                answer = await there.receive()
                await there.send_all(b"data")
            return [answer, received.result]

    assert world.run(main) == [b"!!!", b"data"]


class Slow(Over):
    """Takes what is sent only when the gate is open; says who sends."""

    def __init__(self, below: Stream) -> None:
        super().__init__(below)
        self.open = True
        self.senders: list[str] = []

    async def _send(self, data: bytes | bytearray | memoryview) -> None:
        self.senders.append(current_task().name.rpartition(".")[2])
        while not self.open:
            await sleep(0.01)
        await self.below.send_all(data)
        self.senders.append("done")

    def send_all(self, data: bytes | bytearray | memoryview) -> Operation[None]:
        return wait(self._send(data))


def test_a_receiver_who_finds_a_sender_at_it_leaves_the_answer_to_that_one(
    world: World, pair: Pair
) -> None:
    near, far = connections(world, pair)
    slow = Slow(near)

    async def main() -> bytes:
        here, there = await shaken(slow, far, client=answering())

        async def sender() -> None:
            await here.send_all(b"data.")

        async def receiver() -> bytes:
            return await here.receive()

        with here, there:
            slow.open = False
            slow.senders.clear()
            async with TaskGroup() as group:
                group.spawn(sender)
                await checkpoint()
                received = group.spawn(receiver)
                await there.send_all(b"?")
                await there.send_all(b"goes on receiving")
                assert await received.join() == b"goes on receiving"
                slow.open = True
            assert slow.senders == ["sender", "done", "sender", "done"]
            return await there.receive_exactly(6)

    assert world.run(main) == b"data.!"


def test_a_sender_who_finds_a_receiver_at_it_waits_and_comes_behind(
    world: World, pair: Pair
) -> None:
    near, far = connections(world, pair)
    slow = Slow(near)

    async def main() -> list[bytes]:
        here, there = await shaken(slow, far, client=answering())

        async def sender(*, end: bool) -> None:
            if end:
                await here.send_end()
            else:
                await here.send_all(b"data")

        async def receiver() -> bytes:
            return await here.receive()

        got = []
        with here, there:
            for end in (False, True):
                slow.open = False
                slow.senders.clear()
                async with TaskGroup() as group:
                    received = group.spawn(receiver)
                    await there.send_all(b"?")
                    while not slow.senders:
                        await checkpoint()
                    group.spawn(lambda: sender(end=end))  # noqa: B023 - called at once
                    await checkpoint()
                    await there.send_all(b".")
                    slow.open = True
                    await received.join()
                assert slow.senders[:3:2] == ["receiver", "sender"]
                got += [await there.receive(), await there.receive()]
            return got

    assert world.run(main) == [b"!", b"data", b"!", b""]


@pytest.mark.parametrize("turns_before", range(1, 6))
def test_a_receiver_cancelled_while_it_answers_breaks_nothing_off(
    world: World, pair: Pair, turns_before: int
) -> None:
    near, far = connections(world, pair)
    slow = Slow(near)

    async def main() -> list[bytes]:
        here, there = await shaken(slow, far, client=answering())
        with here, there:
            slow.open = False
            world.reactor.call_later(0.5, setattr, slow, "open", True)
            await there.send_all(b"?")
            with Scope() as scope:
                cancel_after(world, scope, turns_before)
                await here.receive()
            assert scope.cancelled_caught
            await there.send_all(b"not lost")
            got = [await here.receive()]
            await here.send_all(b"goes on")
            return [*got, await there.receive(), await there.receive()]

    assert world.run(main) == [b"not lost", b"!", b"goes on"]


def test_a_peer_who_does_not_read_answers_costs_the_receiver_a_second_and_gets_no_more(
    world: World, pair: Pair
) -> None:
    near, far = connections(world, pair)
    slow = Slow(near)
    context = Watched(ssl.PROTOCOL_TLS_CLIENT)
    AUTHORITY.configure_trust(context)
    context.sslobject_class = Answering

    async def main() -> list[bytes]:
        here, there = await shaken(slow, far, client=context)
        with here, there:
            slow.open = False
            before = world.clock.now
            await there.send_all(b"?")
            with move_on_after(5):
                await here.receive()
            senders = [*slow.senders]
            assert world.clock.now == before + 5
            slow.open = True
            await there.send_all(b"?" * 16_000)
            await there.send_all(b"data")
            got = [await here.receive()]
            async with TaskGroup() as group:
                received = group.spawn(here.receive)
                await checkpoint()
                await there.send_all(b"more")
            got.append(received.result)
            assert context.outgoing.pending < 1000  # what nobody will hear is not kept
            with pytest.raises(TlsError, match="was broken off"):
                await here.send_all(b"more")
            assert slow.senders == senders
            return got

    assert world.run(main) == [b"data", b"more"]


def test_answers_to_one_who_is_gone_keep_nobody_from_what_he_has_sent(
    world: World, pair: Pair
) -> None:
    async def main() -> bytes:
        near, far = connections(world, pair)
        here, there = await shaken(Chopped(near), far, client=answering())
        with here:
            await there.send_all(b"?")
            await there.send_all(b"last words")
            await there.send_end()
            there.close()
            return await here.receive_exactly(10)

    assert world.run(main) == b"last words"


def test_who_asks_and_asks_and_reads_no_answer_is_held_back(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)
    slow = Slow(near)

    async def main() -> int:
        here, there = await shaken(slow, far, client=answering())

        async def ask() -> None:
            for _ in range(40):
                await there.send_all(b"?" * 16_384)
            await there.send_all(b".")

        with here, there:
            slow.open = False
            async with TaskGroup() as group:
                group.spawn(here.send_all, b"data")
                await checkpoint()
                received = group.spawn(here.receive)
                asking = group.spawn(ask)
                for _ in range(1000):
                    await checkpoint()
                assert not received.done
                assert not asking.done
                slow.open = True
                group.spawn(end_after, received, here)
                answers = 0
                while data := await there.receive():
                    answers += data.count(b"!")
            assert received.result == b"."
            return answers

    assert world.run(main) == 40 * 16_384


# -- a sender who receives


def test_a_sender_receives_what_tls_has_to_hear_first(world: World, pair: Pair) -> None:
    context, asked = asking()

    async def main() -> list[bytes]:
        here, there = await shaken(*connections(world, pair), client=context)
        with here, there:
            asked.asked = True
            async with TaskGroup() as group:
                sent = group.spawn(here.send_all, b"hello")
                for _ in range(10):
                    await checkpoint()
                assert not sent.done
                await there.send_all(b"first")
            got = [await there.receive(), await here.receive()]
            asked.asked = True
            async with TaskGroup() as group:
                ended = group.spawn(here.send_end)
                for _ in range(10):
                    await checkpoint()
                assert not ended.done
                await there.send_all(b"then")
            return [*got, await there.receive(), await here.receive()]

    assert world.run(main) == [b"hello", b"first", b"", b"then"]


def test_a_sender_leaves_that_to_a_receiver_who_is_at_it(world: World, pair: Pair) -> None:
    context, asked = asking()

    async def main() -> list[bytes]:
        here, there = await shaken(*connections(world, pair), client=context)
        with here, there:
            async with TaskGroup() as group:
                received = group.spawn(here.receive)
                await checkpoint()
                asked.asked = True
                group.spawn(here.send_all, b"hello")
                for _ in range(10):
                    await checkpoint()
                await there.send_all(b"first")
            return [await there.receive(), received.result]

    assert world.run(main) == [b"hello", b"first"]


def test_a_receiver_leaves_it_to_a_sender_who_is_at_it(world: World, pair: Pair) -> None:
    context, asked = asking()

    async def main() -> list[bytes]:
        here, there = await shaken(*connections(world, pair), client=context)
        with here, there:
            async with TaskGroup() as group:
                asked.asked = True
                group.spawn(here.send_all, b"hello")
                await checkpoint()
                received = group.spawn(here.receive)
                for _ in range(10):
                    await checkpoint()
                await there.send_all(b"first")
            return [await there.receive(), received.result]

    assert world.run(main) == [b"hello", b"first"]


def test_when_who_is_at_it_is_cancelled_the_other_goes_on(world: World, pair: Pair) -> None:
    context, asked = asking()

    async def main() -> list[bytes]:
        here, there = await shaken(*connections(world, pair), client=context)

        async def give_up(scope: Scope) -> None:
            with scope:
                await here.send_all(b"never sent")

        scope = Scope()
        with here, there:
            async with TaskGroup() as group:
                asked.asked = True
                group.spawn(give_up, scope)
                await checkpoint()
                received = group.spawn(here.receive)
                await checkpoint()
                scope.cancel()
                await checkpoint()
                await there.send_all(b"first")
            assert scope.cancelled_caught
            await here.send_all(b"whole")  # nothing was sent, so nothing was broken off
            return [await there.receive(), received.result]

    assert world.run(main) == [b"whole", b"first"]


@pytest.mark.parametrize("truncation_ok", [True, False])
def test_a_sender_who_hears_nothing_more_cannot_go_on(
    world: World, pair: Pair, truncation_ok: bool
) -> None:
    context, asked = asking()

    async def main() -> None:
        here, there = await shaken(
            *connections(world, pair), client=context, truncation_ok=truncation_ok
        )
        with here:
            asked.asked = True
            there.close()
            with pytest.raises(TruncatedError):
                await here.send_all(b"hello")

    world.run(main)


def test_what_fails_in_a_send_is_told_from_then_on(world: World, pair: Pair) -> None:
    class Failing(ssl.SSLObject):
        broken = False

        def write(self, data: Any) -> int:
            if self.broken:
                raise ssl.SSLError(1, "no more keys")
            return super().write(data)

        def unwrap(self) -> None:
            raise ssl.SSLError(1, "no end either")

    context = client_context()
    context.sslobject_class = Failing

    async def main() -> None:
        here, there = await shaken(*connections(world, pair), client=context)
        with here, there:
            with pytest.raises(TlsError, match=r"^ending failed on <Conn.*: no end either; close"):
                await here.send_end()
        here, there = await shaken(*connections(world, second), client=context)
        Failing.broken = True
        with here, there:
            with pytest.raises(
                TlsError, match=r"^sending failed on <Conn.*: no more keys; close i"
            ):
                await here.send_all(b"data")
            for make in (lambda: here.send_all(b"data"), here.send_end, here.receive):
                with pytest.raises(TlsError, match=r"^sending failed on <Connection"):
                    await make()

    second = socket.socketpair()
    world.run(main)


def test_a_receiver_who_fails_while_another_sends_leaves_the_alert_to_that_one(
    world: World, pair: Pair
) -> None:
    near, far = connections(world, pair)
    forged = Forged(near)
    slow = Slow(forged)

    async def main() -> None:
        here, there = await shaken(slow, far)
        with here, there:
            slow.open, forged.on = False, True
            slow.senders.clear()
            async with TaskGroup() as group:
                group.spawn(here.send_all, b"data")
                await checkpoint()
                await there.send_all(b"forged")
                with pytest.raises(TlsError, match="receiving failed on"):
                    await here.receive()
                slow.open = True
            assert slow.senders == ["send_all", "done", "send_all", "done"]
            assert await there.receive() == b"data"
            with pytest.raises(TlsError, match="alert bad record mac"):
                await there.receive()

    world.run(main)


def test_an_alert_that_nobody_takes_holds_nobody_up(world: World, pair: Pair) -> None:
    near, far = connections(world, pair)
    forged = Forged(near)
    slow = Slow(forged)

    async def main() -> float:
        here, there = await shaken(slow, far)
        with here, there:
            slow.open, forged.on = False, True
            await there.send_all(b"forged")
            with pytest.raises(TlsError, match="receiving failed on"):
                await here.receive()
            return world.clock.now

    assert world.run(main) == pytest.approx(1)


def test_an_answer_goes_out_when_the_receiver_waits_again_or_with_what_is_sent_next(
    world: World, pair: Pair
) -> None:
    near, far = connections(world, pair)
    noted = Noted(near)

    async def main() -> bytes:
        here, there = await shaken(noted, far, client=answering())
        with here, there:
            noted.sent.clear()
            await there.send_all(b"?")
            await there.send_all(b"data")
            await here.receive()
            assert noted.sent == []
            await here.send_all(b".")
            assert len(noted.sent) == 1
            return await there.receive_exactly(2)

    assert world.run(main) == b"!."
