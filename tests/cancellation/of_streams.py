"""What all streams do, over each kind of them."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Final, TypeAlias

import pytest

from reactor import ClosedError, EndOfStream, TaskGroup, TlsError, sleep
from reactor.net import Connection, Stream
from reactor.process import PipeStream
from tests.cancellation.case import Case, case
from tests.cancellation.trial import Trial
from tests.net.peers import make_small
from tests.net.tls_parts import shaken

Pair: TypeAlias = tuple[Stream, Stream]
Talk: TypeAlias = Callable[[Trial, Stream, Stream], Coroutine[Any, Any, None]]

DATA: Final = bytes(range(256)) * 300
"""More than any of these holds."""


@asynccontextmanager
async def connections(trial: Trial) -> AsyncIterator[Pair]:
    socks = socket.socketpair()
    make_small(*socks)
    near, far = (Connection(trial.reactor, sock) for sock in socks)
    with near, far:
        yield near, far


@asynccontextmanager
async def memory(trial: Trial) -> AsyncIterator[Pair]:
    near, far = trial.network.stream_pair()
    with near, far:
        yield near, far
    await sleep(1)  # until all that is on its way has arrived


@asynccontextmanager
async def pipes(trial: Trial) -> AsyncIterator[Pair]:
    (here, out), (there, back) = os.pipe(), os.pipe()
    near = PipeStream(trial.reactor, receiving=here, sending=back)
    far = PipeStream(trial.reactor, receiving=there, sending=out)
    with near, far:
        yield near, far


@asynccontextmanager
async def tls(trial: Trial) -> AsyncIterator[Pair]:
    async with memory(trial) as below:
        yield await shaken(*below)


KINDS: Final[dict[str, Callable[[Trial], AbstractAsyncContextManager[Pair]]]] = {
    "Connection": connections,
    "MemoryStream": memory,
    "PipeStream": pipes,
    "TlsStream": tls,
}


def over_each_kind(operation: str, *, parks: int = 1) -> Callable[[Talk], list[Case]]:
    """Make a case of the function that this stands over for each kind of stream."""

    def made(talk: Talk) -> list[Case]:
        return [_over(kind, operation, talk, parks) for kind in KINDS]

    return made


def _over(kind: str, operation: str, talk: Talk, parks: int) -> Case:
    async def program(trial: Trial) -> None:
        async with KINDS[kind](trial) as (near, far):
            await talk(trial, near, far)

    program.__name__ = talk.__name__
    return case(f"{kind}.{operation}", parks=parks)(program)


# -- receiving: whatever came, and was not returned, is received next


@over_each_kind("receive")
async def some_is_received(trial: Trial, near: Stream, far: Stream) -> None:
    trial.attempt(near.receive)
    await sleep(1)
    await far.send_all(b"hello")
    got = b"" if await trial.was_cancelled() else trial.task.result
    assert got + await near.receive_exactly(5 - len(got)) == b"hello"


@over_each_kind("peek")
async def some_is_seen(trial: Trial, near: Stream, far: Stream) -> None:
    trial.attempt(near.peek)
    await sleep(1)
    await far.send_all(b"hello")
    assert await trial.was_cancelled() or b"hello".startswith(trial.task.result)
    assert await near.receive_exactly(5) == b"hello"


@over_each_kind("receive_exactly", parks=2)
async def an_exact_count_is_received(trial: Trial, near: Stream, far: Stream) -> None:
    trial.attempt(lambda: near.receive_exactly(5))
    for piece in (b"he", b"llo!"):
        await sleep(1)
        await far.send_all(piece)
    got = b"" if await trial.was_cancelled() else trial.task.result
    assert got + await near.receive_exactly(6 - len(got)) == b"hello!"


@over_each_kind("receive_until", parks=2)
async def as_much_as_comes_before_a_mark_is_received(
    trial: Trial, near: Stream, far: Stream
) -> None:
    trial.attempt(lambda: near.receive_until(b"--"))
    for piece in (b"one-", b"-two"):
        await sleep(1)
        await far.send_all(piece)
    if await trial.was_cancelled():
        assert await near.receive_until(b"--") == b"one"
    assert await near.receive_exactly(3) == b"two"


@over_each_kind("receive_line", parks=2)
async def a_line_is_received(trial: Trial, near: Stream, far: Stream) -> None:
    trial.attempt(near.receive_line)
    for piece in (b"one\r", b"\ntwo"):
        await sleep(1)
        await far.send_all(piece)
    if await trial.was_cancelled():
        assert await near.receive_line() == b"one"
    assert await near.receive_exactly(3) == b"two"


@over_each_kind("lines", parks=3)
async def lines_are_received(trial: Trial, near: Stream, far: Stream) -> None:
    got: list[bytes] = []

    async def gather() -> None:
        async for line in near.lines():
            got.append(line)  # noqa: PERF401 - what came before the end counts

    trial.attempt(gather)
    for piece in (b"one\nt", b"wo\nthr", b"ee"):
        await sleep(1)
        await far.send_all(piece)
    await far.send_end()
    await trial.was_cancelled()
    await gather()
    assert got == [b"one", b"two", b"three"]


# -- sending: a first part of it was sent, and the stream is as free as before


async def _received(far: Stream) -> bytes:
    """Receive, and be slow at it, until the other end has ended or was broken off."""
    got = b""
    with suppress(ConnectionResetError, EndOfStream, TlsError):
        while data := await far.receive():
            got += data
            await sleep(0.01)
    return got


async def _a_part_is_sent(trial: Trial, near: Stream, far: Stream, send: Callable[[], Any]) -> None:
    async with TaskGroup() as group:
        trial.attempt(send)
        await sleep(1)
        receiver = group.spawn(_received, far)
        cancelled = await trial.was_cancelled()
        if not cancelled:
            await near.send_all(b"the end")
            await near.send_end()
        else:
            with suppress(TlsError):  # it was broken off inside a record; BusyError is another
                await near.send_all(b"")
            near.close()
    got = receiver.result
    assert DATA.startswith(got) if cancelled else got == DATA + b"the end"


@over_each_kind("send_all")
async def all_is_sent(trial: Trial, near: Stream, far: Stream) -> None:
    await _a_part_is_sent(trial, near, far, lambda: near.send_all(DATA))


@over_each_kind("send_file")
async def a_file_is_sent(trial: Trial, near: Stream, far: Stream) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(DATA)
        file.flush()
        await _a_part_is_sent(trial, near, far, lambda: near.send_file(file))


# -- the end


@over_each_kind("send_end", parks=0)
async def the_end_is_said(trial: Trial, near: Stream, far: Stream) -> None:
    trial.attempt(near.send_end)
    await trial.was_cancelled()
    await near.send_end()
    assert await far.receive() == b""
    await far.send_all(b"still there")
    assert await near.receive_exactly(11) == b"still there"


@case("TlsStream.send_end")
async def the_end_is_said_over_tls_to_who_does_not_read(trial: Trial) -> None:
    async with tls(trial) as (near, far):
        await near.send_all(DATA[:19_940])  # with what TLS adds there is no room for an end
        trial.attempt(near.send_end)
        await sleep(1)
        with suppress(EndOfStream):
            await far.receive_exactly(19_940)
        assert await trial.was_cancelled() or await far.receive() == b""


@over_each_kind("finish", parks=1)
async def a_stream_is_finished(trial: Trial, near: Stream, far: Stream) -> None:
    await far.send_all(b"not read")
    trial.attempt(lambda: near.finish(5))
    await sleep(1)
    far.close()
    await trial.was_cancelled()
    with pytest.raises(ClosedError):
        await near.receive()
