"""A channel with one way closed: by us with send_end, or by a peer to whom we go on sending."""

from __future__ import annotations

import select
import socket

import pytest

from reactor import ClosedError, Reactor
from reactor.testing import World
from tests.net.peers import DEADLINE, Pair, read_to_end, reset, wait_until_readable
from tests.net.recorder import Recorder

MUCH = bytes(range(256)) * 800


def drained(world: World, channel: Recorder, far: socket.socket) -> bytes:
    """Read what waits to be sent, until nothing does."""
    got = bytearray()
    while channel.unsent:
        got += far.recv(1_000_000)
        world.run_until(world.clock.now + 1)
    return bytes(got) + read_to_end(far)


@pytest.mark.parametrize("stays", [False, True])
def test_after_its_own_end_it_goes_on_receiving(world: World, pair: Pair, stays: bool) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, stays=stays)
    channel.send(b"all I had to say")
    channel.send_end()
    assert read_to_end(far) == b"all I had to say"

    far.send(b"a long answer")
    world.run_until(1_000)
    assert channel.data == [b"a long answer"]
    assert channel.is_open
    far.close()
    world.run_until(1_001)

    assert (channel.ends, channel.ended_with) == (1, [None])


def test_the_end_goes_out_behind_what_waits_to_be_sent(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    channel.send_end()
    channel.send_end()

    assert drained(world, channel, far) == MUCH
    far.setblocking(False)
    far.send(b"answer")
    world.run_until(world.clock.now + 1)
    assert channel.data == [b"answer"]
    channel.close()


@pytest.mark.parametrize("message", [b"short", MUCH], ids=["sent", "stalled"])
def test_nothing_can_be_sent_after_the_end(world: World, small: Pair, message: bytes) -> None:
    near, _ = small
    channel = Recorder(world.reactor, near)
    channel.send(message)
    channel.send_end()
    with pytest.raises(ClosedError, match=r"has sent its end; send all before finish\(\) or send_"):
        channel.send(b"late")
    channel.close()


def test_an_end_said_inside_of_received_is_the_last_that_goes_out(world: World, pair: Pair) -> None:
    near, far = pair

    def answer(channel: Recorder, data: bytes) -> None:
        if not channel.data[1:]:
            channel.send(b"first and last")
            channel.send_end()

    channel = Recorder(world.reactor, near, on_data=answer)
    far.send(b"1")
    world.run_until(1)
    far.send(b"2")
    world.run_until(2)

    assert channel.data == [b"1", b"2"]
    assert read_to_end(far) == b"first and last"
    channel.close()


def test_who_stays_sends_on_after_the_end_of_the_peer(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, stays=True)
    far.shutdown(socket.SHUT_WR)

    world.run_until(1_000)
    assert (channel.ends, channel.is_open) == (1, True)
    channel.send(b"still here")
    channel.resume()
    world.run_until(1_001)
    channel.send_end()

    assert channel.ended_with == [None]
    assert read_to_end(far) == b"still here"


def test_who_stays_is_told_when_there_is_room_again(world: World, small: Pair) -> None:
    near, far = small
    roomy: list[float] = []
    channel = Recorder(
        world.reactor, near, stays=True, on_sent=lambda channel: roomy.append(world.clock.now)
    )
    far.shutdown(socket.SHUT_WR)
    world.run_until(1)
    channel.send(MUCH)
    while channel.unsent:
        far.recv(1_000_000)
        world.run_until(world.clock.now + 1)
    assert len(roomy) == 1

    world.run_until(world.clock.now + 1)
    assert channel.is_open
    channel.close()


def test_who_stays_and_says_its_end_while_bytes_wait_ends_behind_them(
    world: World, small: Pair
) -> None:
    near, far = small

    def answer(channel: Recorder) -> None:
        channel.send(MUCH)
        channel.send_end()

    channel = Recorder(world.reactor, near, stays=True, on_end=answer)
    far.shutdown(socket.SHUT_WR)
    world.run_until(1)
    assert channel.is_open

    assert drained(world, channel, far) == MUCH
    world.run_until(world.clock.now + 1)
    assert channel.ended_with == [None]


def test_an_end_said_when_the_peer_has_finished_is_said_behind_what_waits(
    world: World, small: Pair
) -> None:
    near, far = small

    def answer(channel: Recorder) -> None:
        channel.send(MUCH)

    channel = Recorder(world.reactor, near, on_end=answer)
    far.shutdown(socket.SHUT_WR)
    world.run_until(1)
    channel.send_end()

    assert drained(world, channel, far) == MUCH
    assert channel.ended_with == [None]


def test_who_stays_can_be_finished(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, stays=True)
    far.shutdown(socket.SHUT_WR)
    world.run_until(1)
    channel.send(b"bye")
    channel.finish(60)

    world.run_until(2)

    assert channel.ended_with == [None]
    assert read_to_end(far) == b"bye"


@pytest.mark.parametrize("waiting", [b"", MUCH], ids=["all sent", "unsent"])
def test_who_has_said_its_end_can_be_finished(world: World, small: Pair, waiting: bytes) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(waiting)
    channel.send_end()
    channel.finish(3)
    assert drained(world, channel, far) == waiting
    far.setblocking(False)
    far.send(b"thrown away")
    half_closed = world.clock.now - bool(waiting)  # it took a turn more to see that all was sent

    world.run_until(half_closed + 2.9)
    assert channel.is_open
    world.run_until(half_closed + 3)

    assert (channel.data, channel.ended_with) == ([], [None])


def test_a_reset_after_the_end_is_told(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    channel = Recorder(real, near, on_ended=lambda channel: real.stop())
    channel.send_end()
    reset(far)

    real.run()

    assert [type(error) for error in channel.ended_with] == [ConnectionResetError]


def test_an_end_said_to_one_who_is_gone_is_told_by_receiving(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    channel = Recorder(real, near, on_ended=lambda channel: real.stop())
    reset(far)
    wait_until_readable(channel.fileno())
    channel.send_end()
    assert channel.is_open

    real.run()

    assert [type(error) for error in channel.ended_with] == [ConnectionResetError]


def test_an_end_that_never_arrives_is_no_good_order(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    channel = Recorder(real, near, stays=True, on_end=lambda channel: real.stop())
    far.shutdown(socket.SHUT_WR)
    real.run()
    reset(far)
    hung_up = select.poll()
    hung_up.register(channel.fileno(), 0)
    assert hung_up.poll(DEADLINE * 1000)
    channel.send_end()

    (error,) = channel.ended_with
    assert isinstance(error, OSError)


def test_send_end_on_one_that_has_ended_does_nothing(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    channel.close()
    channel.send_end()

    assert channel.ended_with == [None]


def test_one_that_is_finished_while_its_last_bytes_wait_sends_no_more(
    world: World, small: Pair
) -> None:
    near, far = small
    channel = Recorder(world.reactor, near, duplex=True)
    channel.send(MUCH)
    far.shutdown(socket.SHUT_WR)
    world.run_until(1)
    assert (channel.ends, channel.is_open) == (1, True)
    channel.finish()

    with pytest.raises(ClosedError, match=r"is being finished; send all before finish\(\)"):
        channel.send(b"more")
    assert drained(world, channel, far) == MUCH
    assert channel.ended_with == [None]
