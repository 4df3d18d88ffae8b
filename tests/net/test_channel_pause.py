"""Channel.pause: what comes waits with the kernel, then with the peer."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Callable

import pytest

from reactor import ClosedError, IdleError, Reactor, Runnable, Tracer
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import Pair, fill, reset
from tests.net.recorder import Recorder, echo

MUCH = bytes(range(256)) * 800


def test_a_paused_channel_receives_nothing_until_it_is_resumed(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.pause()
    far.send(b"hello")

    world.run_until(1)
    assert channel.data == []
    channel.resume()
    assert channel.data == [], "not inside of resume"
    world.run_until(2)

    assert channel.data == [b"hello"]
    channel.close()


def test_a_pause_holds_from_the_very_call_in_which_data_is_received(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, limit=1, on_data=lambda channel, data: channel.pause())
    far.send(b"hello")

    world.run_until(1)
    assert channel.data == [b"h"]
    channel.resume()
    world.run_until(2)

    assert channel.data == [b"h", b"e"]
    channel.close()


def test_a_pause_in_the_turn_in_which_data_came_holds_too(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    had_come: list[bytes] = []

    def pause() -> None:  # without a seed it runs before the channel, which is queued
        channel.pause()
        had_come.extend(channel.data)

    far.send(b"hello")
    world.reactor.call_soon(pause)
    world.run_until(1)
    assert channel.data == had_come
    channel.resume()
    world.run_until(2)

    assert channel.data == [b"hello"]
    channel.close()


def test_a_tracer_hears_that_nobody_is_told_of_what_a_paused_channel_is_sent(pair: Pair) -> None:
    class Told(Tracer):
        def __init__(self) -> None:
            self.who: list[Runnable | None] = []

        def watch(self, fd: int, event: int, who: Runnable | None) -> None:
            self.who.append(who)

    near, _ = pair
    tracer = Told()
    with World(tracer=tracer) as world:
        channel = Recorder(world.reactor, near)
        channel.pause()
        channel.pause()
        channel.resume()
        channel.close()

    assert tracer.who[1:] == [channel, None, channel, None]


def test_pausing_and_resuming_in_one_call_changes_nothing(world: World, pair: Pair) -> None:
    near, far = pair

    def blink(channel: Recorder, data: bytes) -> None:
        channel.pause()
        channel.pause()
        channel.resume()
        channel.resume()

    channel = Recorder(world.reactor, near, limit=1, on_data=blink)
    far.send(b"abc")

    world.run_until(1)

    assert channel.data == [b"a", b"b", b"c"]
    channel.close()


def test_a_pause_costs_no_turns_while_data_waits(world: World, pair: Pair, turns: Turns) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.pause()
    far.send(b"hello")
    world.run_until(1)
    before = turns.count

    world.run_until(1_000)

    assert turns.count - before <= 2
    channel.close()


def test_the_end_of_the_peer_waits_too(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.pause()
    far.shutdown(socket.SHUT_WR)

    world.run_until(1)
    assert channel.is_open
    channel.resume()
    world.run_until(2)

    assert (channel.ends, channel.ended_with) == (1, [None])


def test_a_reset_while_it_is_paused_is_told_when_it_is_resumed(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    channel = Recorder(real, near, on_ended=lambda channel: real.stop())
    channel.pause()
    reset(far)
    real.call_later(0.05, channel.resume)

    real.run()

    assert [type(error) for error in channel.ended_with] == [ConnectionResetError]


def test_a_paused_channel_sends(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near, on_data=echo)
    channel.pause()
    far.send(b"not yet")
    channel.send(MUCH)
    got = bytearray()
    while channel.unsent:
        got += far.recv(1_000_000)
        world.run_until(world.clock.now + 1)
    got += far.recv(1_000_000)

    assert bytes(got) == MUCH
    assert channel.data == [], "all is sent, and it is paused as before"
    channel.resume()
    world.run_until(world.clock.now + 1)
    assert far.recv(100) == b"not yet"
    channel.close()


def test_one_that_is_resumed_while_bytes_wait_to_be_sent_receives_when_they_are_gone(
    world: World, small: Pair
) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    channel.pause()
    channel.resume()
    far.send(b"hello")
    world.run_until(1)
    assert channel.data == []
    while channel.unsent:
        far.recv(1_000_000)
        world.run_until(world.clock.now + 1)
    world.run_until(world.clock.now + 1)

    assert channel.data == [b"hello"]
    channel.close()


def test_a_paused_channel_is_idle_when_nothing_moves(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, idle_seconds=60)
    channel.pause()
    far.send(b"hello")
    world.reactor.call_at(30, channel.send, b"moves")

    world.run_until(89.9)
    assert channel.is_open
    world.run_until(90)

    assert [type(error) for error in channel.ended_with] == [IdleError]


def test_a_paused_channel_can_be_finished(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.pause()
    far.send(b"thrown away")
    channel.finish(5)
    channel.resume()
    world.run_until(1)
    assert channel.is_open
    far.close()

    world.run_until(2)

    assert (channel.data, channel.ended_with) == ([], [None])


def test_pausing_one_that_has_ended_does_nothing(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    channel.close()
    channel.pause()
    channel.resume()
    channel.abort()

    world.run_until(1)

    assert channel.ended_with == [None]


def test_what_cannot_be_sent_to_a_paused_channel_ends_it(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.pause()
    far.close()
    channel.send(b"for nobody")

    world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [BrokenPipeError]


def test_a_peer_is_held_back_by_a_pause(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.pause()
    pushed = fill(far)

    world.run_until(1)
    assert fill(far) == 0
    channel.resume()
    world.run_until(2)

    assert sum(map(len, channel.data)) == pushed
    channel.close()


@pytest.mark.parametrize("deaf", ["paused", "half-closed by the peer"])
def test_one_that_nobody_holds_goes_on_until_it_is_idle(
    world: World, pair: Pair, deaf: str
) -> None:
    near, far = pair
    ended: list[Exception | None] = []
    channel = Recorder(
        world.reactor,
        near,
        on_ended=lambda channel: ended.extend(channel.ended_with),
        stays=True,
        idle_seconds=60,
    )
    if deaf == "paused":
        channel.pause()
    far.shutdown(socket.SHUT_WR)
    world.run_until(1)
    del channel
    gc.collect()
    assert ended == []

    world.run_until(100)

    assert [type(error) for error in ended] == [IdleError]


@pytest.mark.parametrize("then", [Recorder.resume, Recorder.finish, Recorder.send_end])
def test_a_paused_channel_hears_that_its_descriptor_was_forgotten(
    world: World, pair: Pair, then: Callable[[Recorder], object]
) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    channel.pause()
    number = channel.fileno()
    world.reactor.forget(number)
    then(channel)
    world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [ClosedError]
    os.close(number)


def test_others_may_wait_for_what_a_paused_channel_does_not_receive(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.pause()
    heard: list[str] = []
    watch = world.reactor.on_readable(channel, lambda: heard.append("something"))
    channel.pause()
    far.send(b"hello")
    world.reactor.turn()
    watch.cancel()
    channel.resume()
    world.run_until(1)

    assert (heard, channel.data) == (["something"], [b"hello"])
    channel.close()
