"""Streams in memory: time on the way, room, pieces, and everything that goes wrong with TCP.

That they are streams like any other is tested by the contract, in test_contracts.py.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import pytest

from reactor import (
    BusyError,
    ClosedError,
    EndOfStream,
    IdleError,
    Operation,
    TaskGroup,
    checkpoint,
    move_on_after,
    sleep,
)
from reactor.testing import MemoryStream, Network, World
from tests.tasks.parts import Form, each_form

Streams = tuple[MemoryStream, MemoryStream]


async def pause() -> None:
    """Let whoever was spawned come to where it waits; no time passes."""
    for _ in range(4):
        await checkpoint()


async def error_of(operation: Operation[object]) -> Exception | None:
    try:
        await operation
    except Exception as error:
        return error
    return None


# -- on the way


@each_form
def test_bytes_arrive_after_the_latency_and_not_before(
    world: World, far_away: Network, form: Form
) -> None:
    near, far = far_away.stream_pair()
    moments: list[float] = []

    async def main() -> None:
        await form(lambda: near.send_all(b"hello"))
        moments.append(world.clock.now)
        assert await form(far.peek)
        moments.append(world.clock.now)
        assert await form(lambda: far.receive_exactly(5)) == b"hello"
        moments.append(world.clock.now)

    world.run(main)

    assert moments == [0.0, 1.0, 1.0]


def test_a_narrow_wire_takes_a_while_to_enter(world: World) -> None:
    near, far = Network(world, latency=1.0, bandwidth=10).stream_pair()
    moments: list[tuple[bytes, float]] = []

    async def main() -> None:
        await near.send_all(b"x" * 20)
        await near.send_all(b"y" * 10)
        await near.send_end()
        for size in (20, 10):
            data = await far.receive_exactly(size)
            moments.append((data, world.clock.now))
        moments.append((await far.receive(), world.clock.now))

    world.run(main)

    assert moments == [(b"x" * 20, 3.0), (b"y" * 10, 4.0), (b"", 4.0)]


def test_a_wire_that_was_at_rest_begins_anew(world: World) -> None:
    near, far = Network(world, bandwidth=10).stream_pair()

    async def main() -> float:
        await sleep(5)
        await near.send_all(b"x" * 10)
        await far.receive()
        return world.clock.now

    assert world.run(main) == 6.0


def test_both_ways_are_apart(world: World) -> None:
    near, far = Network(world, bandwidth=10).stream_pair()

    async def main() -> float:
        await near.send_all(b"x" * 100)
        await far.send_all(b"y")
        await near.receive()
        return world.clock.now

    assert world.run(main) == 0.1


def test_no_more_than_the_buffer_is_on_its_way_or_unread(world: World) -> None:
    near, far = Network(world, buffer=10).stream_pair()
    done: list[int] = []

    async def send() -> None:
        for number in range(4):
            await near.send_all(b"12345")
            done.append(number)

    async def take(count: int) -> bytes:
        return b"".join([await far.receive(1) for _ in range(count)])

    async def main() -> list[bytes]:
        async with TaskGroup() as group:
            group.spawn(send)
            await sleep(1)
            assert done == [0, 1]
            pieces = [await take(4)]
            await sleep(1)
            assert done == [0, 1]  # there is room for four
            pieces.append(await take(1))
            await sleep(1)
            assert done == [0, 1, 2]
            pieces.append(await far.receive_exactly(15))
        return pieces

    assert world.run(main) == [b"1234", b"5", b"123451234512345"]


def test_what_is_sent_is_as_it_was_when_it_was_sent(world: World) -> None:
    near, far = Network(world, buffer=2).stream_pair()
    data = bytearray(b"as it was")

    async def main() -> bytes:
        async with TaskGroup() as group:
            group.spawn(near.send_all, data)
            await pause()
            data[:] = b"otherwise"
            task = group.spawn(far.receive_exactly, 9)
        return task.result

    assert world.run(main) == b"as it was"


# -- pieces


@pytest.mark.in_order("a seed decides how much of it comes")
def test_without_a_seed_all_that_has_arrived_comes_at_once(world: World, network: Network) -> None:
    near, far = network.stream_pair()

    async def main() -> bytes:
        await near.send_all(b"one ")
        await near.send_all(b"two")
        await sleep(1)
        return await far.receive()

    assert world.run(main) == b"one two"


def pieces(seed: int, limit: int | None = None) -> list[bytes]:
    """Return the pieces in which ten bytes come."""
    with World(seed=seed) as world:
        near, far = Network(world).stream_pair()

        async def main() -> list[bytes]:
            await near.send_all(b"0123456789")
            await near.send_end()
            got = []
            while piece := await far.receive(limit):
                got.append(piece)
            return got

        return world.run(main)


def test_with_a_seed_they_come_in_the_pieces_that_it_decides() -> None:
    cuts = [pieces(seed) for seed in range(50)]

    assert {b"".join(cut) for cut in cuts} == {b"0123456789"}
    assert len({tuple(cut) for cut in cuts}) > 25
    assert {len(cut[0]) for cut in cuts} == set(range(1, 11))
    assert cuts == [pieces(seed) for seed in range(50)]


def test_no_piece_is_above_the_limit() -> None:
    assert {len(piece) for seed in range(20) for piece in pieces(seed, 3)} == {1, 2, 3}


# -- ends


def test_half_a_connection_can_be_ended(world: World, far_away: Network) -> None:
    near, far = far_away.stream_pair()

    async def main() -> None:
        await near.send_all(b"last")
        await near.send_end()
        assert await far.receive_exactly(4) == b"last"
        assert await far.receive() == b""
        await far.send_all(b"reply")
        assert await near.receive_exactly(5) == b"reply"
        with pytest.raises(BrokenPipeError, match=r"has said that nothing more comes; send before"):
            await near.send_all(b"more")

    world.run(main)


def test_a_close_with_unread_input_is_a_reset(world: World, network: Network) -> None:
    near, far = network.stream_pair()

    async def main() -> None:
        await far.send_all(b"unread")
        await sleep(1)
        near.close()
        with pytest.raises(ConnectionResetError, match=r"<MemoryStream peer='near'> was reset; "):
            await far.receive()

    world.run(main)


def test_bytes_for_an_end_that_is_closed_bring_a_reset(world: World, far_away: Network) -> None:
    near, far = far_away.stream_pair()

    async def main() -> float:
        near.close()
        await far.send_all(b"too late")
        assert await far.receive() == b""
        await sleep(1.5)
        with pytest.raises(ConnectionResetError):
            await far.receive()
        with pytest.raises(ConnectionResetError):
            await far.send_all(b"x")
        with pytest.raises(ConnectionResetError):
            await far.send_end()
        return world.clock.now

    assert world.run(main) == 2.5


def test_an_abort_is_a_reset_behind_what_is_on_its_way(world: World, far_away: Network) -> None:
    near, far = far_away.stream_pair()

    async def main() -> None:
        await near.send_all(b"first")
        near.abort()
        await sleep(1)
        assert await far.receive_exactly(5) == b"first"
        with pytest.raises(ConnectionResetError):
            await far.receive()

    world.run(main)


def test_one_that_is_closed_cannot_be_aborted_any_more(world: World, network: Network) -> None:
    near, far = network.stream_pair()

    async def main() -> bytes:
        near.close()
        near.abort()
        await sleep(1)
        return await far.receive()

    assert world.run(main) == b""


def test_a_sender_that_waits_for_room_hears_of_a_reset(world: World) -> None:
    near, far = Network(world, buffer=1).stream_pair()

    async def main() -> None:
        world.reactor.call_at(3.0, far.abort)
        with pytest.raises(ConnectionResetError):
            await near.send_all(b"more than fits")
        assert world.clock.now == 3.0

    world.run(main)


def test_one_that_is_closed_when_the_world_has_ended_is_closed(seed: int | None) -> None:
    with World(seed=seed) as world:
        near, far = Network(world).stream_pair()
    near.close()
    near.close()
    far.abort()


@pytest.mark.parametrize("name", ["receive", "send_all"])
def test_who_waits_while_it_is_closed_hears_so(world: World, name: str) -> None:
    near, far = Network(world, buffer=1).stream_pair()
    waits: dict[str, Callable[[], Operation[Any]]] = {
        "receive": near.receive,
        "send_all": lambda: near.send_all(b"more than fits"),
    }

    async def main() -> None:
        world.reactor.call_at(3.0, near.close)
        with pytest.raises(ClosedError, match=r"is closed on this side; open a new one$"):
            await waits[name]()
        assert world.clock.now == 3.0
        assert await far.receive(9) in (b"", b"m")

    world.run(main)


def test_what_arrives_in_the_turn_of_the_close_is_lost_and_said_so(
    world: World, network: Network
) -> None:
    near, far = network.stream_pair()

    async def close() -> None:
        await sleep(1)
        await far.send_all(b"x")
        world.reactor.call_later(0, near.close)  # behind the arrival, and before the receiver

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(close)
            error = await error_of(near.receive())
        assert isinstance(error, ClosedError)

    world.run(main)


# -- one at a time


def test_a_second_receiver_is_told_what_is_waited_for(world: World, network: Network) -> None:
    near, _far = network.stream_pair()

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(near.receive)
            await pause()
            with pytest.raises(BusyError, match=r"^<data on <Memory.*one at a time may$"):
                await near.receive()
            group.cancel()

    world.run(main)


def test_a_sender_that_is_cancelled_leaves_its_place_and_has_sent_a_part(world: World) -> None:
    near, far = Network(world, buffer=4).stream_pair()

    async def main() -> bytes:
        with move_on_after(1):
            await near.send_all(b"123456")
        async with TaskGroup() as group:
            group.spawn(near.send_all, b"789")
            task = group.spawn(far.receive_exactly, 7)
        return task.result

    assert world.run(main) == b"1234789"


# -- what goes wrong


def test_a_connection_is_lost_at_a_moment(world: World, far_away: Network) -> None:
    near, far = far_away.stream_pair()

    async def main() -> None:
        world.reactor.call_at(5.5, near.lose)
        await near.send_all(b"arrives")
        await sleep(5)
        await near.send_all(b"is lost on the way")
        with pytest.raises(ConnectionResetError):
            await near.receive()
        assert world.clock.now == 5.5
        assert await far.receive_exactly(7) == b"arrives"
        with pytest.raises(ConnectionResetError):
            await far.receive()
        await sleep(9)
        with pytest.raises(ConnectionResetError):
            await far.receive()

    world.run(main)


@pytest.mark.parametrize("size", [1, 3, 4, 100])
def test_a_connection_is_lost_at_a_byte(world: World, far_away: Network, size: int) -> None:
    near, far = far_away.stream_pair()
    near.lose_after(4)

    async def main() -> None:
        for _ in range(100):
            await near.send_all(b"0123456789"[:1] * size)
        with pytest.raises(ConnectionResetError):
            await far.receive_exactly(5)
        assert far.held == 4
        with pytest.raises(ConnectionResetError):
            await near.send_all(b"x")
        assert world.clock.now == 1.0

    world.run(main)


def test_one_that_is_lost_after_nothing_is_lost_when_that_would_have_arrived(
    world: World, far_away: Network
) -> None:
    near, far = far_away.stream_pair()

    async def main() -> None:
        near.lose_after(0)
        await near.send_end()  # which does not arrive
        with pytest.raises(ConnectionResetError):
            await far.receive()
        assert world.clock.now == 1.0

    world.run(main)


def test_one_that_ends_before_so_many_bytes_ends_well(world: World, network: Network) -> None:
    near, far = network.stream_pair()

    async def main() -> None:
        near.lose_after(100)
        await near.send_all(b"all")
        near.close()
        with pytest.raises(EndOfStream) as caught:
            await far.receive_exactly(99)
        assert caught.value.partial == b"all"

    world.run(main)


def test_it_cannot_be_lost_before_now(network: Network) -> None:
    near, _ = network.stream_pair()
    with pytest.raises(ValueError, match=r"^-1 bytes cannot arrive over <Mem.*; give 0 or more$"):
        near.lose_after(-1)


# -- idle


def test_a_wait_in_which_nothing_moves_is_ended(world: World, network: Network) -> None:
    near, far = network.stream_pair()
    near.limit_idle(5)

    async def speak() -> None:
        await sleep(4)
        await far.send_all(b"x")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(speak)
            assert await near.receive() == b"x"
        with pytest.raises(IdleError, match=r"^nothing moved on <Memory.*> for 5 seconds$"):
            await near.receive()
        assert world.clock.now == 9.0
        await far.send_all(b"y")
        assert await near.receive() == b"y"

    world.run(main)


def test_what_moves_the_other_way_counts(world: World) -> None:
    near, far = Network(world, buffer=1).stream_pair()
    near.limit_idle(5)

    async def drain() -> None:
        for _ in range(4):
            await sleep(3)
            await far.receive(1)

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(drain)
            group.spawn(near.send_all, b"1234")
            with pytest.raises(IdleError):
                await near.receive()
        assert world.clock.now == 17.0

    world.run(main)


def test_a_sender_that_nobody_reads_from_is_ended_too(world: World) -> None:
    near, _far = Network(world, buffer=1).stream_pair()
    near.limit_idle(5)

    async def main() -> None:
        await sleep(7)
        with pytest.raises(IdleError):
            await near.send_all(b"12")
        assert world.clock.now == 12.0

    world.run(main)


def test_the_wait_counts_from_when_it_begins(world: World, network: Network) -> None:
    near, _far = network.stream_pair()
    near.limit_idle(5)

    async def main() -> None:
        await sleep(7)
        with pytest.raises(IdleError):
            await near.receive()
        assert world.clock.now == 12.0

    world.run(main)


def test_what_is_sent_meanwhile_counts(world: World, network: Network) -> None:
    near, _far = network.stream_pair()
    near.limit_idle(5)

    async def speak() -> None:
        await sleep(3)
        await near.send_all(b"are you there?")

    async def main() -> None:
        async with TaskGroup() as group:
            group.spawn(speak)
            with pytest.raises(IdleError):
                await near.receive()
        assert world.clock.now == 8.0

    world.run(main)


def test_a_later_limit_takes_the_place_of_the_one_before(world: World, network: Network) -> None:
    near, _far = network.stream_pair()
    near.limit_idle(2)
    near.limit_idle(5)

    async def main() -> None:
        with pytest.raises(IdleError, match="for 5 seconds"):
            await near.receive()
        assert world.clock.now == 5.0

    world.run(main)


def test_one_that_is_closed_takes_no_limit(network: Network) -> None:
    near, _far = network.stream_pair()
    near.close()
    with pytest.raises(ClosedError):
        near.limit_idle(5)


def test_a_limit_ends_with_its_stream(world: World, network: Network) -> None:
    near, _far = network.stream_pair()
    near.limit_idle(5)
    near.close()
    world.run_until(0.5)
    with pytest.raises(Exception, match="nothing can happen any more"):
        world.reactor.run()
    assert world.clock.now == 0.5


# -- figures


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({"latency": -1.0}, "a latency of -1.0 seconds cannot be; give 0 or more"),
        ({"latency": inf}, "a latency of inf seconds cannot be; give 0 or more"),
        ({"latency": nan}, "a latency of nan seconds cannot be; give 0 or more"),
        ({"bandwidth": 0.0}, "at 0.0 bytes a second nothing arrives; give more than 0"),
        ({"bandwidth": nan}, "at nan bytes a second nothing arrives; give more than 0"),
        ({"buffer": 0}, "a buffer of 0 bytes takes nothing in; give 1 or more"),
    ],
)
def test_figures_that_cannot_be_are_refused(
    world: World, figures: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        Network(world, **figures)
