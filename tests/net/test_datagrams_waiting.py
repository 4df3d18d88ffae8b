"""DatagramSocket: who waits, for a datagram or for room, and what comes between."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from reactor import (
    BusyError,
    Cancelled,
    Scope,
    TaskGroup,
    move_on_after,
    sleep,
)
from reactor.net import DatagramSocket
from reactor.testing import World
from tests.net.datagram_peers import BIG, datagram_pair, stuff, take_all
from tests.net.peers import Pair


@pytest.fixture
def ends() -> Iterator[Pair]:
    """Ours, and the peer's: Unix datagram sockets with little room. Neither blocks."""
    with datagram_pair() as made:
        yield made


# -- for a datagram


def test_it_waits_for_the_next_datagram(world: World, ends: Pair) -> None:
    near, far = ends
    world.reactor.call_at(5, far.send, b"at last")

    async def main() -> bytes:
        with DatagramSocket(world.reactor, near) as sock:
            return (await sock.receive())[0]

    assert world.run(main) == b"at last"
    assert world.clock.now == 5


def test_one_task_at_a_time_may_receive(world: World, ends: Pair) -> None:
    near, far = ends

    async def main() -> bytes:
        with DatagramSocket(world.reactor, near) as sock:
            async with TaskGroup() as group:
                first = group.spawn(sock.receive)
                await sleep(1)
                with pytest.raises(BusyError, match="already has a waiter"):
                    await sock.receive()
                far.send(b"for the first")
            return first.result[0]

    assert world.run(main) == b"for the first"


def test_inside_a_cancelled_scope_nothing_is_received_and_nothing_sent(
    world: World, ends: Pair
) -> None:
    near, far = ends

    async def main() -> bytes:
        with DatagramSocket(world.reactor, near) as sock:
            far.send(b"kept")
            for wait in (
                sock.receive,
                lambda: sock.send(b"not sent"),
                lambda: sock.send_to(b"not sent", "/not/there"),
            ):
                with Scope() as scope:
                    scope.cancel()
                    await wait()
                assert scope.cancelled_caught
            return (await sock.receive())[0]

    assert world.run(main) == b"kept"
    assert take_all(far) == []


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_what_another_process_took_is_waited_for_again(world: World, ends: Pair) -> None:
    near, far = ends
    other = near.dup()

    async def main() -> bytes:
        with DatagramSocket(world.reactor, near) as sock:
            far.send(b"for the other")
            world.reactor.call_soon(other.recv, 100)
            world.reactor.call_at(5, far.send, b"for us")
            return (await sock.receive())[0]

    with other:
        assert world.run(main) == b"for us"


# -- for room


def test_a_sender_waits_for_room(world: World, ends: Pair) -> None:
    near, far = ends
    stuff(near)
    world.reactor.call_at(5, take_all, far)

    async def main() -> None:
        with DatagramSocket(world.reactor, near) as sock:
            await sock.send(b"whole")
            assert world.clock.now == 5

    world.run(main)

    assert take_all(far) == [b"whole"]


def test_a_default_timeout_of_sockets_is_none_of_ours(world: World, ends: Pair) -> None:
    near, _ = ends
    stuff(near)

    async def main() -> bool:
        with DatagramSocket(world.reactor, near) as sock, move_on_after(5) as scope:
            await sock.send(b"x")
        return scope.cancelled_caught

    socket.setdefaulttimeout(0.001)
    try:
        assert world.run(main)
    finally:
        socket.setdefaulttimeout(None)


@pytest.mark.in_order("who is woken first goes on first")
def test_several_may_wait_for_room_and_each_datagram_goes_whole_in_their_order(
    world: World, ends: Pair
) -> None:
    near, far = ends
    stuff(near)
    sent = [bytes([number]) * 900 for number in range(5)]
    got: list[bytes] = []

    def take_one() -> None:
        if (data := far.recv(2000)) != BIG:
            got.append(data)
        if len(got) < len(sent):
            world.reactor.call_later(1, take_one)

    async def main() -> None:
        with DatagramSocket(world.reactor, near) as sock:
            async with TaskGroup() as group:
                for data in sent:
                    group.spawn(sock.send, data)
                take_one()
            await sleep(60)

    world.run(main)

    assert got == sent


@pytest.mark.parametrize("who", [0, 1, 2])
def test_a_sender_that_is_cancelled_sends_nothing_and_the_others_go_on(
    world: World, ends: Pair, who: int
) -> None:
    near, far = ends
    stuff(near)
    scopes = [Scope() for _ in range(3)]
    world.reactor.call_at(1, scopes[who].cancel)
    world.reactor.call_at(2, take_all, far)

    async def main() -> None:
        with DatagramSocket(world.reactor, near) as sock:

            async def send(number: int) -> None:
                with scopes[number]:
                    await sock.send(bytes([number]))

            async with TaskGroup() as group:
                for number in range(3):
                    group.spawn(send, number)

    world.run(main)

    assert sorted(take_all(far)) == [bytes([number]) for number in range(3) if number != who]


@pytest.mark.parametrize("with_address", [False, True])
def test_what_ends_a_wait_for_room_does_not_come_of_the_lack_of_it(
    world: World, tmp_path: Path, with_address: bool
) -> None:
    path = str(tmp_path / "receiver")
    near, receiver = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
    with near, receiver:
        receiver.bind(path)
        near.connect(path)
        near.setblocking(False)
        stuff(near)

        async def main() -> BaseException | None:
            with DatagramSocket(world.reactor, near) as sock, move_on_after(1):
                try:
                    await (sock.send_to(b"x", path) if with_address else sock.send(b"x"))
                except Cancelled as cancelled:
                    return cancelled.__context__
            raise AssertionError("it was sent")

        assert world.run(main) is None


def test_a_datagram_to_a_full_unix_socket_is_sent_when_it_has_room(
    world: World, tmp_path: Path
) -> None:
    """Without a peer nobody tells when that is: to wait for writability would be a spin."""
    path = str(tmp_path / "receiver")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(path)
        receiver.setblocking(False)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.setblocking(False)
            with suppress(BlockingIOError):
                while True:
                    other.sendto(BIG, path)

        async def main() -> None:
            sock = DatagramSocket(world.reactor, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            with sock:
                with move_on_after(1) as scope:
                    await sock.send_to(b"cancelled", path)
                assert scope.cancelled_caught
                assert world.clock.now == 1
                world.reactor.call_at(2, take_all, receiver)
                await sock.send_to(b"whole", path)
                assert 2 <= world.clock.now <= 2.02

        world.run(main)
        assert take_all(receiver) == [b"whole"]
