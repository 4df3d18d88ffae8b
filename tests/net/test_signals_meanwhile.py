"""Signals that come in the middle of something: nothing is lost, and nothing fails."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from reactor import Reactor, TaskGroup
from reactor.net import Connection, stream_pair
from reactor.tasks import run_in

EVERY = 0.001
"""Seconds between two signals."""

PIECE = bytes(range(256)) * 4096


@pytest.fixture
def came() -> Iterator[list[int]]:
    """The signals that came: a handler that is none of the reactor's hears of one all the time."""
    numbers: list[int] = []
    former = signal.signal(signal.SIGALRM, lambda signum, frame: numbers.append(signum))
    signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)
    yield numbers
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, former)


def test_bytes_that_go_while_signals_come_arrive_whole(real: Reactor, came: list[int]) -> None:
    pieces = 0

    async def send(connection: Connection) -> None:
        nonlocal pieces
        while len(came) < 20:
            await connection.send_all(PIECE)
            pieces += 1
        await connection.send_end()

    async def main() -> int:
        near, far = stream_pair()
        with near, far:
            async with TaskGroup() as group:
                group.spawn(send, near)
                received = 0
                while piece := await far.peek():
                    piece = await far.receive_exactly(len(PIECE))
                    assert piece == PIECE
                    received += 1
        return received

    assert run_in(real, main) == pieces
