"""connect: which attempts begin when, who wins, and what becomes of the others."""

from __future__ import annotations

import socket
import threading
from math import inf

import pytest

from reactor import IdleError, TaskGroup, WaitQueue, checkpoint, sleep
from reactor.net import CONNECTION_ATTEMPT_DELAY, Place, connect
from reactor.testing import World
from tests.net.played_attempts import (
    ONE,
    REFUSED,
    THREE,
    TWO,
    UNREACHABLE,
    A,
    B,
    C,
    Plays,
    attempts,
    four,
    over,
    six,
)
from tests.tasks.parts import Form, each_form

# -- the timing


def test_the_delay_is_what_the_rfc_recommends() -> None:
    assert CONNECTION_ATTEMPT_DELAY == 0.25


@pytest.mark.parametrize(
    ("plays", "winner", "begun"),
    [
        pytest.param({A: (0.2, None), B: (0, None)}, A, [0], id="the first is quick"),
        pytest.param({A: (9, None), B: (0, None)}, B, [0, 0.25], id="the first is slow"),
        pytest.param({A: (0.4, None), B: (9, None)}, A, [0, 0.25], id="the first still wins"),
        pytest.param(
            {A: (inf, None), B: (inf, None), C: (inf, None), four("192.0.2.2"): (1, None)},
            four("192.0.2.2"),
            [0, 0.25, 0.5, 0.75],
            id="three are silent",
        ),
        pytest.param({A: (0.1, REFUSED), B: (0, None)}, B, [0, 0.1], id="the first fails"),
        pytest.param(
            {A: (0.3, REFUSED), B: (inf, None), C: (0, None)},
            C,
            [0, 0.25, 0.3],
            id="the first fails when the second is under way",
        ),
        pytest.param(
            {A: (0, REFUSED), B: (0, UNREACHABLE), C: (7, None)},
            C,
            [0, 0, 0],
            id="two fail at once",
        ),
        pytest.param(
            {A: (0.1, REFUSED), B: (inf, None), C: (0, None)},
            C,
            [0, 0.1, 0.35],
            id="the delay begins anew",
        ),
        pytest.param(
            {A: (0.25, REFUSED), B: (0.5, None)}, B, [0, 0.25], id="it fails as the delay ends"
        ),
    ],
)
def test_attempts_begin_when_the_one_before_is_late_or_one_has_failed(
    world: World, plays: Plays, winner: Place, begun: list[float]
) -> None:
    with attempts(world, plays) as played:
        with world.run(over, played) as connection:
            assert list(played.begun.values()) == pytest.approx(begun)
            assert connection.peer == winner.address
            assert played.closed() == []


def test_the_last_one_has_all_the_time_that_it_needs(world: World) -> None:
    with attempts(world, {A: (0, REFUSED), B: (86_400, None)}) as played:
        world.run(over, played).close()

    assert world.clock.now == 86_400


def test_the_families_take_turns(world: World) -> None:
    places = (A, C, six("2001:db8::3"), four("192.0.2.3"), four("192.0.2.4"))
    plays: Plays = dict.fromkeys(places, (inf, None))
    with attempts(world, plays) as played:
        with pytest.raises(TimeoutError):
            world.run(lambda: over(played, seconds=5))

    assert list(played.begun) == [ONE, "192.0.2.3", THREE, "192.0.2.4", "2001:db8::3"]


# -- the winner and the others


@each_form
def test_it_brings_a_connection_that_carries_bytes(world: World, form: Form) -> None:
    with attempts(world, {A: (1, None)}) as played:

        async def main() -> bytes:
            connection = await form(
                lambda: connect("host", 80, resolver=played.look_up, attempt=played)
            )
            with connection:
                played.far[ONE].send(b"hello")
                return await connection.receive()

        assert world.run(main) == b"hello"


def test_the_others_are_cancelled_when_one_wins(world: World) -> None:
    with attempts(world, {A: (9, None), B: (9, None), C: (1, None)}) as played:
        world.run(over, played).close()

    assert sorted(played.cancelled) == sorted([ONE, TWO])
    assert world.clock.now == 1.5


def test_of_two_that_connect_in_one_turn_the_second_is_closed(world: World) -> None:
    """The second is woken before the first can cancel it, so it comes home with a socket."""
    both: WaitQueue[None] = WaitQueue()
    far: dict[Place, socket.socket] = {}

    async def look_up(host: str, port: int) -> list[Place]:
        return [A, B]

    async def attempt(place: Place) -> socket.socket:
        await both
        near, far[place] = socket.socketpair()
        return near

    async def main() -> None:
        world.reactor.call_at(1, both.wake_all, None)
        with await connect("host", 80, resolver=look_up, attempt=attempt) as connection:
            first, second = (A, B) if connection.peer == A.address else (B, A)
            assert far[second].recv(1) == b""
            far[first].send(b"still open")
            assert await connection.receive() == b"still open"

    world.run(main)
    for sock in far.values():
        sock.close()


def test_the_connection_has_the_idle_limit(world: World) -> None:
    with attempts(world, {A: (1, None)}) as played:

        async def main() -> None:
            with await over(played, idle_seconds=5) as connection:
                with pytest.raises(IdleError):
                    await connection.receive()

        world.run(main)

    assert world.clock.now == 6


def test_an_idle_limit_that_cannot_be_kept_is_refused_and_the_socket_is_closed(
    world: World,
) -> None:
    with attempts(world, {A: (0, None)}) as played:
        with pytest.raises(ValueError, match="an idle limit of 0 seconds cannot be kept"):
            world.run(lambda: over(played, idle_seconds=0))

        assert played.closed() == [ONE]


# -- where to connect from


def test_only_addresses_of_the_family_to_connect_from_are_tried(world: World) -> None:
    with attempts(world, {A: (0, None), B: (0, None)}) as played:

        async def main(local: str) -> object:
            with await connect(
                "host", 80, local=(local, 0), resolver=played.look_up, attempt=played
            ) as connection:
                return connection.peer

        assert world.run(main, "127.0.0.1") == B.address
        for sock in played.far.values():
            sock.close()
        assert world.run(main, "::1") == A.address


def test_a_name_to_connect_from_is_refused(world: World) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match=r"^'localhost' is no address to connect from; give"):
            await connect("127.0.0.1", 80, local=("localhost", 0))

    world.run(main)


def test_an_address_makes_no_thread(world: World) -> None:
    threads = threading.active_count()
    with attempts(world, {four("192.0.2.1"): (0, None)}) as played:

        async def main() -> object:
            with await connect("192.0.2.1", 80, attempt=played) as connection:
                return connection.peer

        assert world.run(main) == ("192.0.2.1", 80)

    assert threading.active_count() == threads


def test_many_connect_at_a_time(world: World) -> None:
    with attempts(world, {A: (inf, None), B: (1, None)}) as played:

        async def one() -> None:
            with await over(played):
                await checkpoint()
            played.far[TWO].close()

        async def main() -> None:
            async with TaskGroup() as group:
                for second in range(5):
                    world.reactor.call_at(second, group.spawn, one)
                await sleep(5)

        world.run(main)

    assert world.clock.now == pytest.approx(5.25)
    assert played.cancelled == [ONE] * 5
