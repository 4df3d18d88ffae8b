"""How much is received at a time: more from a peer who fills what is offered."""

from __future__ import annotations

import platform
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reactor.net import Connection
from reactor.testing import World
from tests.net.large_messages import MESSAGES
from tests.net.peers import Pair
from tests.net.recorder import Recorder

KIB = 1024
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def wide() -> Iterator[Pair]:
    """As pair, with room for a whole large receive."""
    near, far = socket.socketpair()
    with near, far:
        far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 400 * KIB)
        far.setblocking(False)
        yield near, far


def fill(sock: socket.socket) -> None:
    """Send until the system takes no more, in pieces that use its room well."""
    try:
        while True:
            sock.send(bytes(32 * KIB))
    except BlockingIOError:
        pass


def test_a_connection_receives_more_from_a_peer_who_fills_what_is_offered(
    world: World, wide: Pair
) -> None:
    near, far = wide

    async def main() -> list[int]:
        with Connection(world.reactor, near) as connection:
            sizes = []
            for _ in range(4):
                fill(far)
                sizes.append(len(await connection.receive()) // KIB)
            return sizes

    assert world.run(main) == [64, 128, 256, 256]


def test_a_limit_that_is_given_stays(world: World, wide: Pair) -> None:
    near, far = wide
    fill(far)

    async def main() -> list[int]:
        with Connection(world.reactor, near) as connection:
            given = [len(await connection.receive(KIB)) for _ in range(3)]
            return [*given, len(await connection.receive())]

    assert world.run(main) == [KIB, KIB, KIB, 64 * KIB]


def test_a_channel_receives_more_from_a_peer_who_fills_what_is_offered(
    world: World, wide: Pair
) -> None:
    near, far = wide
    fill(far)
    channel = Recorder(world.reactor, near, on_data=lambda channel, data: fill(far))
    for _ in range(4):
        world.reactor.turn()
    channel.close()

    assert [len(data) // KIB for data in channel.data] == [64, 128, 256, 256]


def test_a_limit_that_a_channel_was_given_stays(world: World, wide: Pair) -> None:
    near, far = wide
    fill(far)
    channel = Recorder(world.reactor, near, limit=KIB)
    for _ in range(3):
        world.reactor.turn()
    channel.close()

    assert [len(data) for data in channel.data] == [KIB, KIB, KIB]


@pytest.mark.once
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the allocator of glibc is meant")
def test_memory_for_large_messages_is_used_again() -> None:
    command = [sys.executable, "-m", "tests.net.large_messages"]
    faults = int(subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.PIPE).stdout)

    assert faults < MESSAGES, "else 34 each, of pages of 4 KiB"
