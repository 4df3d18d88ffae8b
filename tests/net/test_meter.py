"""Meters: what moves over connections, channels and TLS, and what datagram sockets count."""

from __future__ import annotations

import errno
import socket
import sys
from pathlib import Path

import pytest

from reactor import NotRunningError, TaskGroup, move_on_after, sleep
from reactor.net import (
    CallbackListener,
    Connection,
    DatagramSocket,
    Listener,
    Meter,
    TlsStream,
    bind_udp,
)
from reactor.testing import World
from tests.net.conftest import OpenHouse
from tests.net.datagram_peers import datagram_pair, take_all
from tests.net.peers import Pair, close_all, knock
from tests.net.played_door import Played
from tests.net.recorder import Recorder, echo
from tests.net.tls_parts import connections, shaken
from tests.tasks.parts import Form, each_form

MUCH = bytes(range(256)) * 800


def figures(meter: Meter) -> tuple[int, int, float, float]:
    return meter.received, meter.sent, meter.began, meter.moved


@pytest.mark.parametrize("idle_seconds", [None, 600])
def test_a_channel_counts_from_when_it_is_asked(
    world: World, pair: Pair, idle_seconds: float | None
) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, on_data=echo, idle_seconds=idle_seconds)
    far.send(b"before")
    world.run_until(1)
    meter = channel.meter()
    assert figures(meter) == (0, 0, 1.0, 1.0)
    world.reactor.call_at(2, far.send, b"hello")
    world.run_until(3)
    assert figures(meter) == (5, 5, 1.0, 2.0)
    channel.send(b"unasked")
    assert figures(meter) == (5, 12, 1.0, 3.0)

    assert channel.meter() is meter
    assert repr(meter) == "<Meter received=5 sent=12>"
    channel.close()


def test_what_a_channel_keeps_counts_when_the_kernel_has_taken_it(
    world: World, small: Pair
) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    meter = channel.meter()
    channel.send(MUCH)
    assert meter.sent == len(MUCH) - channel.unsent
    while channel.unsent:
        far.recv(1_000_000)
        world.run_until(world.clock.now + 1)
        assert meter.sent == len(MUCH) - channel.unsent

    assert meter.sent == len(MUCH)
    channel.close()


def test_a_connection_counts_from_when_it_is_asked(world: World, pair: Pair) -> None:
    near, far = pair

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            far.send(b"before")
            await connection.receive()
            await sleep(1)
            meter = connection.meter()
            assert figures(meter) == (0, 0, 1.0, 1.0)
            world.reactor.call_later(1, far.send, b"hello")
            await connection.receive()
            assert figures(meter) == (5, 0, 1.0, 2.0)
            await sleep(1)
            await connection.send_all(b"me too")
            assert figures(meter) == (5, 6, 1.0, 3.0)
            assert connection.meter() is meter

    world.run(main)


def test_what_a_sender_waits_with_is_unsent_and_counts_when_it_is_taken(
    world: World, small: Pair
) -> None:
    near, far = small

    async def main() -> None:
        with Connection(world.reactor, near) as connection:
            meter = connection.meter()
            async with TaskGroup() as group:
                sending = group.spawn(connection.send_all, MUCH)
                while not sending.done:
                    await sleep(1)
                    assert meter.sent + connection.unsent == len(MUCH)
                    far.recv(1_000_000)
            assert connection.unsent == 0
            with pytest.raises(ExceptionGroup):  # noqa: PT012 - what is left behind is looked at
                async with TaskGroup() as group:
                    group.spawn(connection.send_all, MUCH)
                    await sleep(1)
                    assert connection.unsent
                    raise ValueError
            assert connection.unsent == 0

    world.run(main)


def test_a_file_that_is_sent_counts(world: World, pair: Pair, tmp_path: Path) -> None:
    near, far = pair
    (tmp_path / "file").write_bytes(b"x" * 1_000)

    async def main() -> int:
        with (
            Connection(world.reactor, near) as connection,
            (tmp_path / "file").open("rb") as file,
        ):
            meter = connection.meter()
            await connection.send_file(file)
            return meter.sent

    assert world.run(main) == 1_000
    assert len(far.recv(10_000)) == 1_000


@pytest.mark.parametrize("refused", [0, 3])
def test_a_listener_of_either_kind_counts_who_came_and_who_was_gone(
    door: socket.socket, open_house: OpenHouse, refused: int
) -> None:
    played = Played(door, [errno.ECONNABORTED] * refused)
    clients = knock(played, 2)
    house = open_house(played)
    house.open_until(1)
    listener: Listener | CallbackListener = house.listener

    assert (listener.accepted, listener.lost) == (2, refused)
    close_all(clients)


def test_a_datagram_socket_counts_what_it_received_and_sent(world: World) -> None:
    async def main() -> tuple[int, int, int, int]:
        with await bind_udp("127.0.0.1", 0) as one, await bind_udp("127.0.0.1", 0) as other:
            for _ in range(3):
                await one.send_to(b"hello", other.address)
            await other.receive()
            await other.receive()
            return one.sent, one.received, other.sent, other.received

    assert world.run(main) == (3, 0, 0, 2)


def test_a_datagram_counts_as_sent_once_the_system_has_it(world: World) -> None:
    data = bytes(900)

    async def main() -> None:
        with datagram_pair() as (near, far), DatagramSocket(world.reactor, near) as sock:
            with move_on_after(1.0):
                while True:
                    await sock.send(data)
            before = sock.sent
            came: list[bytes] = []
            world.reactor.call_at(2.0, lambda: came.extend(take_all(far)))
            await sock.send(data)  # waits for room
            assert came == [data] * before
            assert (sock.sent, take_all(far)) == (before + 1, [data])

    world.run(main)


@pytest.mark.skipif(sys.platform != "linux", reason="only where the system tells what it drops")
def test_a_datagram_socket_tells_what_was_dropped_as_it_was_full(world: World) -> None:
    async def main() -> None:
        with await bind_udp("127.0.0.1", 0) as one, await bind_udp("127.0.0.1", 0) as other:
            assert other.dropped == 0
            sent = 0
            while not other.dropped:
                await one.send_to(bytes(60_000), other.address)
                sent += 1
            received = sent - other.dropped
            for _ in range(received):
                await other.receive()
            assert other.received == received
        assert other.dropped is None

    world.run(main)


def test_what_is_no_socket_any_more_tells_nothing_of_drops(world: World) -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with far:
        one = DatagramSocket(world.reactor, near)
        one.close()
        assert one.dropped is None


@each_form
def test_tls_counts_what_it_carries_and_the_stream_below_the_wire(
    world: World, pair: Pair, form: Form
) -> None:
    async def main() -> None:
        below, other = connections(world, pair)
        here, there = await shaken(below, other)
        wire, carried = below.meter(), here.meter()
        assert here.meter() is carried
        await form(lambda: here.send_all(b"hello"))
        await there.receive_exactly(5)
        await there.send_all(b"you too")
        await form(here.receive)
        assert (carried.sent, carried.received) == (5, 7)
        assert wire.sent > 5
        assert wire.received > 7
        here.close()
        there.close()

    world.run(main)


def test_a_meter_of_tls_is_made_in_a_task(world: World, pair: Pair) -> None:
    async def main() -> TlsStream:
        here, there = await shaken(*connections(world, pair))
        there.close()
        return here

    stream = world.run(main)
    with pytest.raises(NotRunningError):
        stream.meter()
    stream.close()
