"""A peer that does not read is not read from, so what it can make us hold is bounded."""

from __future__ import annotations

import socket
import tracemalloc

import pytest

from reactor import Reactor, TaskGroup
from reactor.net import Connection
from reactor.testing import World
from tests.net.peers import Pair
from tests.net.recorder import Recorder, echo

LIMIT = 512
HOURS = 10_000.0


class Pusher:
    """A peer who sends as much as goes in, and does not read before it is told to."""

    def __init__(self, reactor: Reactor, sock: socket.socket) -> None:
        self.pushed = 0
        self.read = 0
        self._sock = sock
        self._reactor = reactor
        self._watch = reactor.on_writable(sock, self._push)

    def _push(self) -> None:
        self.pushed += self._sock.send(bytes(4096))

    def read_all(self) -> None:
        """Send nothing more, and read until what was sent has come back."""
        self._watch.cancel()
        self._reactor.on_readable(self._sock, self._read)

    def _read(self) -> None:
        self.read += len(self._sock.recv(65_536))
        if self.read == self.pushed:
            self._reactor.forget(self._sock)
            self._sock.shutdown(socket.SHUT_WR)


def room(pair: Pair) -> int:
    """What the system holds for two sockets between them, in both directions."""
    return sum(sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) for sock in pair)


@pytest.fixture(params=["small", "pair"])
def sockets(request: pytest.FixtureRequest) -> Pair:
    """Ours, and the peer's, with small buffers and with usual ones."""
    chosen: Pair = request.getfixturevalue(request.param)
    return chosen


def test_a_connection_that_echoes_holds_one_receive(world: World, sockets: Pair) -> None:
    near, far = sockets
    bound = room(sockets) + LIMIT
    pusher = Pusher(world.reactor, far)
    stalled_at: list[int] = []

    async def serve(connection: Connection) -> None:
        while data := await connection.receive(LIMIT):
            await connection.send_all(data)

    async def main() -> None:
        world.reactor.call_at(HOURS, lambda: stalled_at.append(pusher.pushed))
        world.reactor.call_at(HOURS, pusher.read_all)
        with Connection(world.reactor, near) as connection:
            async with TaskGroup() as group:
                group.spawn(serve, connection)

    world.run(main)

    assert stalled_at == [pusher.pushed]
    assert 0 < pusher.pushed <= bound
    assert pusher.read == pusher.pushed


def test_a_channel_that_echoes_holds_one_receive(world: World, sockets: Pair) -> None:
    near, far = sockets
    bound = room(sockets) + LIMIT
    pusher = Pusher(world.reactor, far)
    channel = Recorder(world.reactor, near, on_data=echo, limit=LIMIT)

    world.run_until(HOURS)
    stalled_at = pusher.pushed
    pusher.read_all()
    world.run_until(2 * HOURS)

    assert pusher.pushed == stalled_at
    assert 0 < pusher.pushed <= bound
    assert pusher.read == pusher.pushed
    assert channel.ended_with == [None]


def test_a_channel_whose_replies_are_longer_than_its_questions_holds_one_reply(
    world: World, small: Pair
) -> None:
    near, far = small
    channel = Recorder(
        world.reactor, near, on_data=lambda channel, data: channel.send(data * 1000), limit=LIMIT
    )
    Pusher(world.reactor, far)
    tracemalloc.start()
    try:
        world.run_until(HOURS)
        assert tracemalloc.get_traced_memory()[1] < 4 * LIMIT * 1000
    finally:
        tracemalloc.stop()

    assert len(channel.data) == 1
    channel.close()


def test_bytes_that_wait_are_not_copied_and_more_go_behind_them(world: World, small: Pair) -> None:
    near, far = small
    data = bytes(range(256)) * 8_000
    channel = Recorder(world.reactor, near)
    tracemalloc.start()
    try:
        channel.send(data)
        assert tracemalloc.get_traced_memory()[1] < len(data) // 10
    finally:
        tracemalloc.stop()

    channel.send(b"more")
    channel.finish()
    reader = Recorder(world.reactor, far)
    world.run_until(HOURS)

    assert b"".join(reader.data) == data + b"more"


def test_replies_to_one_who_reads_slowly_keep_their_order(world: World, small: Pair) -> None:
    near, far = small
    questions = [f"question {number:05}|".encode() for number in range(2000)]
    channel = Recorder(world.reactor, near, on_data=echo, limit=LIMIT)
    answers = bytearray()

    def ask() -> None:
        if questions:
            far.send(questions.pop(0))
        else:
            watch.cancel()

    def read_a_little() -> None:
        try:
            answers.extend(far.recv(100))
        except BlockingIOError:
            pass
        world.reactor.call_later(0.001, read_a_little)

    expected = b"".join(questions)
    watch = world.reactor.on_writable(far, ask)
    read_a_little()
    while len(answers) < len(expected):
        world.run_until(world.clock.now + 1)

    assert bytes(answers) == expected
    channel.close()


def test_what_is_thrown_away_is_not_kept(world: World, pair: Pair) -> None:
    near, far = pair
    thrown = 0

    def throw() -> None:
        nonlocal thrown
        thrown += far.send(bytes(16_384))
        if thrown < 10_000_000:
            world.reactor.call_soon(throw)
        else:
            far.close()

    async def main() -> None:
        connection = Connection(world.reactor, near)
        world.reactor.call_soon(throw)
        await connection.finish()

    tracemalloc.start()
    try:
        world.run(main)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert thrown >= 10_000_000
