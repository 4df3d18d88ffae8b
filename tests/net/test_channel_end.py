"""How a channel ends: by its peer, by itself, in its hooks, and once."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from reactor.testing import World
from tests.net.peers import (
    Pair,
    read_to_end,
)
from tests.net.recorder import Recorder

MUCH = bytes(range(256)) * 800


def test_a_last_reply_that_could_not_be_sent_is_told(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, on_end=lambda channel: channel.send(b"for nobody"))
    far.close()

    world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [BrokenPipeError]


def test_the_end_of_the_peer_closes_it(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    far.send(b"last")
    far.close()

    world.run_until(1)

    assert channel.data == [b"last"]
    assert channel.ends == 1
    assert channel.ended_with == [None]


def test_a_last_reply_goes_out_after_the_end_of_the_peer(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, on_end=lambda channel: channel.send(b"farewell"))
    far.shutdown(socket.SHUT_WR)

    world.run_until(1)

    assert read_to_end(far) == b"farewell"
    assert channel.ended_with == [None]


def test_a_last_reply_that_stalls_goes_out_too(world: World, small: Pair) -> None:
    near, far = small

    def reply(channel: Recorder) -> None:
        channel.send(MUCH)
        channel.send(b" and this")

    channel = Recorder(world.reactor, near, on_end=reply)
    far.shutdown(socket.SHUT_WR)
    world.run_until(10)
    assert channel.is_open
    channel.send(b", and one from outside")
    got = bytearray()
    while channel.unsent:
        got += far.recv(1_000_000)
        world.run_until(world.clock.now + 1)

    assert bytes(got) + read_to_end(far) == MUCH + b" and this, and one from outside"
    assert channel.ends == 1
    assert channel.ended_with == [None]


def test_finish_inside_received_end_ends_it_once(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, on_end=Recorder.finish)
    far.shutdown(socket.SHUT_WR)

    world.run_until(1)

    assert read_to_end(far) == b""
    assert channel.ended_with == [None]


@pytest.mark.parametrize("how", [Recorder.close, Recorder.abort])
def test_it_can_be_closed_inside_each_hook(
    world: World, pair: Pair, how: Callable[[Recorder], None]
) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, on_data=lambda channel, data: how(channel), limit=1)
    far.send(b"xyz")
    world.run_until(1)
    assert channel.data == [b"x"]
    assert channel.ended_with == [None]

    near, far = socket.socketpair()
    channel = Recorder(world.reactor, near, on_end=how, on_ended=how)
    far.close()
    world.run_until(2)

    assert channel.ended_with == [None]


@pytest.mark.parametrize("how", [Recorder.close, Recorder.abort])
def test_closing_again_ends_nothing_again(
    world: World, pair: Pair, how: Callable[[Recorder], None]
) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    number = channel.fileno()
    how(channel)
    with socket.socket() as newcomer:
        assert newcomer.fileno() == number, "the lowest number is free again"
        channel.close()
        channel.abort()
        channel.finish()
        assert newcomer.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER) == 0

    assert channel.ended_with == [None]


def test_closing_while_bytes_wait_to_be_sent_drops_them(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)

    channel.close()
    world.run_until(1)

    assert 0 < len(read_to_end(far)) < len(MUCH)
    assert channel.ended_with == [None]


def test_it_can_be_made_in_the_turn_in_which_another_gave_up_its_number(
    world: World, pair: Pair
) -> None:
    near, _ = pair
    old = Recorder(world.reactor, near)
    number = old.fileno()
    old.close()
    near, far = socket.socketpair()
    new = Recorder(world.reactor, near)
    far.send(b"hello")
    world.run_until(1)

    assert new.fileno() == number
    assert new.data == [b"hello"]
    assert old.ended_with == [None]
    new.close()
    far.close()


def test_all_who_asked_hear_of_the_end_in_the_order_in_which_they_did(
    lenient: World, errors: list[Exception], pair: Pair
) -> None:
    heard: list[object] = []

    def first(channel: Recorder, error: Exception | None) -> None:
        heard.append(("first", channel, error))
        raise ValueError("mine")

    def ended(channel: Recorder) -> None:
        heard.append("itself")
        raise ValueError("mine too")

    near, far = pair
    channel = Recorder(lenient.reactor, near, on_ended=ended)
    channel.when_ended(first)
    channel.when_ended(lambda channel, error: heard.append(("second", channel, error)))
    far.close()

    lenient.run_until(1)

    assert heard == ["itself", ("first", channel, None), ("second", channel, None)]
    assert [str(error) for error in errors] == ["mine"], "one report, with the other as its context"
    assert str(errors[0].__context__) == "mine too"


def test_all_who_keep_a_channel_hear_of_its_end_however_many_of_them_raise(
    lenient: World, pair: Pair
) -> None:
    heard: list[int] = []
    near, far = pair
    channel = Recorder(lenient.reactor, near)
    for number in range(2_000):

        def keeper(channel: Recorder, error: Exception | None, number: int = number) -> None:
            heard.append(number)
            raise ValueError(number)

        channel.when_ended(keeper)
    far.close()

    lenient.run_until(1)

    assert heard == list(range(2_000))
