"""A channel whose peer does not read: nothing is received meanwhile, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reactor import BusyError, Reactor
from reactor.net import Channel
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import Pair, fill, make_small, read_to_end, reset
from tests.net.recorder import Recorder

MUCH = bytes(range(256)) * 800


def test_what_the_kernel_does_not_take_follows_when_there_is_room(
    world: World, small: Pair
) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    channel.send(b" and this")
    got = bytearray()

    def read_a_little() -> None:
        got.extend(far.recv(3000))
        world.reactor.call_later(1, read_a_little)

    world.reactor.call_later(1, read_a_little)
    while channel.unsent:
        world.run_until(world.clock.now + 1)
    channel.close()

    assert bytes(got) + read_to_end(far) == MUCH + b" and this"


@pytest.mark.parametrize("view", [bytearray, memoryview])
def test_what_waits_is_what_it_was_when_it_was_sent(
    world: World, small: Pair, view: Callable[[bytearray], bytearray | memoryview]
) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    data = bytearray(MUCH)
    channel.send(view(data))
    data[:] = bytes(len(data))
    channel.finish()
    reader = Recorder(world.reactor, far)
    world.run_until(1)

    assert b"".join(reader.data) == MUCH


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_room_that_another_holder_of_the_socket_took_is_waited_for_again(
    world: World, small: Pair
) -> None:
    near, far = small
    shared = near.dup()
    channel = Recorder(world.reactor, near)
    filled = fill(shared)
    channel.send(b"at last")

    def make_room_and_take_it() -> None:
        assert len(far.recv(1_000_000)) == filled
        world.reactor.call_soon(fill, shared)  # runs before the channel, which is queued then

    world.reactor.call_at(1, make_room_and_take_it)
    world.run_until(1.5)
    assert far.recv(1_000_000) == bytes(filled)
    world.run_until(2)

    assert far.recv(100) == b"at last"
    channel.close()
    shared.close()


def test_while_bytes_wait_to_be_sent_nothing_is_received(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    far.send(b"a question")

    world.run_until(10)
    assert channel.data == []
    while channel.unsent:
        far.recv(1_000_000)
        world.run_until(world.clock.now + 1)
    world.run_until(world.clock.now + 1)

    assert channel.data == [b"a question"]
    channel.close()


def test_a_peer_that_does_not_read_costs_no_turn(world: World, small: Pair, turns: Turns) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    far.send(b"a question that fires once, and is disarmed")
    world.run_until(1)
    before = turns.count

    world.run_until(1000)

    assert turns.count - before <= 2
    channel.close()


@pytest.mark.in_order("somebody comes between a wake and the turn of whom it woke")
def test_data_that_was_on_its_way_when_a_send_stalled_is_received_after_it(
    world: World, small: Pair
) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    far.send(b"a question")
    world.reactor.call_soon(channel.send, MUCH)  # runs before the channel, which is queued

    world.run_until(1)
    assert channel.data == []
    while channel.unsent:
        far.recv(1_000_000)
        world.run_until(world.clock.now + 1)
    world.run_until(world.clock.now + 1)

    assert channel.data == [b"a question"]
    channel.close()


def test_a_reset_ends_one_that_waits_for_room(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    make_small(near, far)
    channel = Recorder(real, near, on_ended=lambda channel: real.stop())
    while not channel.unsent:
        channel.send(MUCH)
    real.call_soon(reset, far)

    real.run()

    (error,) = channel.ended_with
    assert isinstance(error, ConnectionError)


def test_it_tells_how_much_waits_and_when_all_is_gone(world: World, small: Pair) -> None:
    near, far = small
    told: list[int] = []

    class Told(Channel):
        def sent(self) -> None:
            told.append(self.unsent)

    channel = Told(world.reactor, near)
    channel.send(b"one that is taken at once is told of by nobody")
    world.run_until(1)
    assert (channel.unsent, channel.unsent, told) == (0, False, [])

    channel.send(MUCH)
    kept = channel.unsent
    channel.send(b"and this")
    assert 0 < kept < len(MUCH)
    assert channel.unsent == kept + len(b"and this")
    assert channel.unsent

    while channel.unsent:
        assert told == []
        far.recv(65_536)
        world.reactor.turn()
    assert told == [0]
    channel.close()


def test_what_waits_may_reach_its_limit_which_may_be_set_later(world: World, small: Pair) -> None:
    near, _ = small
    channel = Channel(world.reactor, near)
    channel.send(MUCH)

    channel.unsent_limit = channel.unsent
    channel.send(b"x")
    with pytest.raises(BusyError):
        channel.send(b"x")

    assert channel.unsent == channel.unsent_limit + 1
    channel.close()


def test_beyond_its_limit_it_refuses_and_what_it_keeps_still_goes_out(
    world: World, small: Pair
) -> None:
    near, far = small
    channel = Channel(world.reactor, near, unsent_limit=1000)
    channel.send(MUCH)

    for _ in range(2):
        with pytest.raises(BusyError, match=r"keeps \d+ bytes .* wait until sent\(\) is called"):
            channel.send(b"one more")
    while channel.unsent > 1000:
        far.recv(65_536)
        world.reactor.turn()
    channel.send(b"room again")
    channel.finish()
    assert not channel.closed
    got = bytearray()
    while data := far.recv(65_536):
        got += data
        world.reactor.turn()
    world.run_until(1)

    assert got.endswith(MUCH[-100:] + b"room again")
    assert channel.closed
