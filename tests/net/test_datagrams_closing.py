"""DatagramSocket: closed by whoever has it, or by nobody."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Iterator

import pytest

from reactor import (
    ClosedError,
    Operation,
    TaskGroup,
    checkpoint,
    current_task,
)
from reactor.errors import WrongThreadError
from reactor.net import DatagramSocket, bind_udp
from reactor.testing import World
from tests.net.datagram_peers import datagram_pair, stuff, take_all
from tests.net.peers import InThread, Pair


@pytest.fixture
def ends() -> Iterator[Pair]:
    """Ours, and the peer's: Unix datagram sockets with little room. Neither blocks."""
    with datagram_pair() as made:
        yield made


def test_closing_tells_all_who_wait(world: World, ends: Pair) -> None:
    near, _ = ends
    stuff(near)
    told: list[str] = []

    async def main() -> None:
        sock = DatagramSocket(world.reactor, near)

        async def hear(wait: Operation[object]) -> None:
            with pytest.raises(ClosedError, match="closed on this side"):
                await wait
            told.append(current_task().name)

        async with TaskGroup() as group:
            for wait in (sock.receive(), *(sock.send(b"x") for _ in range(3))):
                group.spawn(hear, wait)
            await checkpoint()
            await checkpoint()
            sock.close()

    world.run(main)

    assert len(told) == 4


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_a_receiver_whose_place_another_took_before_its_turn_hears_of_the_close_too(
    world: World, ends: Pair
) -> None:
    near, far = ends
    told: list[str] = []

    async def main() -> None:
        sock = DatagramSocket(world.reactor, near)

        async def first() -> None:
            with pytest.raises(ClosedError):
                await sock.receive()
            told.append("first")

        async def second() -> None:
            await checkpoint()
            with pytest.raises(ClosedError):
                await sock.receive()
            told.append("second")

        async with TaskGroup() as group:
            group.spawn(first)
            await checkpoint()
            group.spawn(second)
            await checkpoint()
            far.send(b"queues the first, behind the second")
            world.reactor.call_soon(sock.close)

    world.run(main)

    assert sorted(told) == ["first", "second"]


def test_nothing_can_be_done_with_a_closed_one(world: World) -> None:
    async def main() -> None:
        sock = await bind_udp("127.0.0.1", 0)
        address, number = sock.address, sock.fileno()
        sock.close()
        with socket.socket() as newcomer:
            assert newcomer.fileno() == number, "the lowest number is free again"
            sock.close()
            assert newcomer.fileno() == os.dup2(number, number)
        assert sock.fileno() == -1
        for wait in (sock.receive(), sock.send(b"x"), sock.send_to(b"x", address)):
            with pytest.raises(ClosedError):
                await wait
        for change in (sock.join, sock.leave):
            with pytest.raises(ClosedError):
                change("239.0.0.1")

    world.run(main)


def test_one_whose_number_was_closed_and_reused_leaves_the_newcomer_alone(
    world: World, ends: Pair
) -> None:
    near, _ = ends

    async def main() -> None:
        sock = DatagramSocket(world.reactor, near)
        number = sock.fileno()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        os.dup2(ours.fileno(), number, inheritable=False)
        ours.close()
        with theirs, DatagramSocket(world.reactor, socket.socket(fileno=number)) as newcomer:
            with pytest.raises(ClosedError):
                await sock.send(b"not through the newcomer")
            sock.close()
            del sock
            gc.collect()
            theirs.send(b"for the newcomer")
            assert (await newcomer.receive())[0] == b"for the newcomer"
            theirs.setblocking(False)
            assert take_all(theirs) == []

    world.run(main)


def test_one_that_is_forgotten_and_lost_leaves_a_newcomer_alone(world: World, ends: Pair) -> None:
    near, far = ends
    socks = [DatagramSocket(world.reactor, near)]
    number = socks[0].fileno()
    world.reactor.forget(number)
    socks.clear()

    with socket.socket(fileno=number) as same:
        same.send(b"still open")
    assert far.recv(100) == b"still open"


def test_one_that_was_never_closed_is_closed_with_a_warning(world: World, ends: Pair) -> None:
    near, far = ends
    socks = [DatagramSocket(world.reactor, near)]

    with pytest.warns(ResourceWarning, match=r"<DatagramSocket fd=.*> was never closed"):
        socks.clear()
    world.run_until(1)

    with pytest.raises(ConnectionRefusedError):
        far.send(b"x")


def test_another_thread_may_not_close_it(world: World, ends: Pair) -> None:
    near, far = ends
    with DatagramSocket(world.reactor, near) as sock:
        with InThread(lambda peer: sock.close(), far.dup()) as other:
            with pytest.raises(WrongThreadError):
                other.result()
        far.send(b"x")
        assert sock.fileno() >= 0
