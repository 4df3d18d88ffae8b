"""How a channel ends: in many ways, and once."""

from __future__ import annotations

import socket
from collections.abc import Callable
from math import nan

import pytest

from reactor import ClosedError, Reactor, Tracer
from reactor.errors import ReactorError
from reactor.loop import Runnable
from reactor.poller import PollPoller
from reactor.testing import World
from tests.net.peers import (
    DEADLINE,
    InThread,
    Pair,
    read_to_end,
    reset,
    tcp_pair,
    wait_until_readable,
)
from tests.net.recorder import Recorder

MUCH = bytes(range(256)) * 800


def test_finish_half_closes_and_closes_when_the_peer_has_closed_too(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.send(b"bye")
    channel.finish()
    assert read_to_end(far) == b"bye"
    assert channel.is_open

    far.close()
    world.run_until(0.1)

    assert channel.ended_with == [None]


def test_finish_waits_for_the_peer_as_long_as_was_said(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    channel.finish(3)

    world.run_until(2.99)
    assert channel.is_open
    world.run_until(3)

    assert channel.ended_with == [None]


def test_unless_told_otherwise_it_waits_for_a_quarter_of_a_second(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    channel.finish()

    world.run_until(0.24)
    assert channel.is_open
    world.run_until(0.25)

    assert not channel.is_open


def test_finish_throws_away_what_still_comes(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    far.send(b"unread")
    channel.finish()
    far.send(b"and more")
    far.shutdown(socket.SHUT_WR)

    world.run_until(0.1)

    assert channel.data == []
    assert channel.ends == 0
    assert channel.ended_with == [None]
    assert read_to_end(far) == b"", "not a reset"


def test_a_peer_that_goes_on_sending_gets_no_longer(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    channel.finish(3)

    def chatter() -> None:
        far.send(b"and another thing")
        world.reactor.call_later(0.01, chatter)

    chatter()
    world.run_until(2.99)
    assert channel.is_open
    with pytest.raises(BrokenPipeError):
        world.run_until(4)

    assert channel.ended_with == [None]
    assert world.clock.now < 3.1


def test_finish_first_sends_what_waits_to_be_sent(world: World, small: Pair) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    channel.finish(3)
    world.run_until(100)
    assert channel.is_open, "the time begins with the half-close"
    got = bytearray()
    while channel.sending:
        got += far.recv(1_000_000)
        world.run_until(world.clock.now + 1)
    half_closed = world.clock.now

    assert bytes(got) + read_to_end(far) == MUCH
    world.run_until(half_closed + 3)
    assert channel.ended_with == [None]


def test_a_peer_whose_last_bytes_were_not_read_still_reads_the_whole_reply(
    real: Reactor,
) -> None:
    near, far = tcp_pair(receive_buffer=4096)  # so most of the reply is still with us at the end
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, len(MUCH))

    def ask_for_more_than_is_read(sock: socket.socket) -> bytes:
        sock.sendall(bytes(5000))
        return read_to_end(sock)

    def reply_and_finish(channel: Recorder, data: bytes) -> None:
        channel.send(MUCH)
        channel.finish(DEADLINE)

    channel = Recorder(
        real, near, on_data=reply_and_finish, on_ended=lambda channel: real.stop(), limit=512
    )
    with InThread(ask_for_more_than_is_read, far) as peer:
        real.run()

    assert peer.result() == MUCH
    assert channel.data == [bytes(512)]
    assert channel.ended_with == [None]


def test_finishing_again_changes_nothing(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    channel.finish(3)
    channel.finish(1)
    world.run_until(2.99)
    assert channel.is_open
    world.run_until(3)
    channel.finish()

    assert channel.ended_with == [None]


def test_finishing_again_while_bytes_wait_to_be_sent_changes_nothing(
    world: World, small: Pair
) -> None:
    near, far = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    channel.finish(3)
    channel.finish(1000)
    while channel.sending:
        far.recv(1_000_000)
        world.run_until(world.clock.now + 1)

    world.run_until(world.clock.now + 3)

    assert channel.ended_with == [None]


@pytest.mark.parametrize("message", [b"short", MUCH], ids=["sent", "stalled"])
def test_nothing_can_be_sent_on_a_channel_that_is_being_finished(
    world: World, small: Pair, message: bytes
) -> None:
    near, _ = small
    channel = Recorder(world.reactor, near)
    channel.send(message)
    channel.finish()
    with pytest.raises(ClosedError, match="is closed on this side; nothing can be sent"):
        channel.send(b"and another thing")
    channel.close()


def test_a_peer_that_was_gone_before_is_seen_off(real: Reactor, tcp: Pair) -> None:
    near, far = tcp
    channel = Recorder(real, near)
    reset(far)
    wait_until_readable(channel.fileno())

    channel.finish(DEADLINE)

    assert channel.ended_with == [None]


def test_a_peer_that_resets_the_connection_after_the_half_close_is_seen_off(
    real: Reactor, tcp: Pair
) -> None:
    near, far = tcp
    channel = Recorder(real, near, on_ended=lambda channel: real.stop())
    channel.finish(DEADLINE)
    reset(far)

    real.run()

    assert channel.ended_with == [None]


@pytest.mark.parametrize("afterwards", [Recorder.finish, Recorder.close])
def test_a_reply_that_could_not_be_sent_is_told_whatever_follows(
    real: Reactor, tcp: Pair, afterwards: Callable[[Recorder], None]
) -> None:
    near, far = tcp
    channel = Recorder(real, near)
    reset(far)
    wait_until_readable(channel.fileno())

    channel.send(b"reply")
    afterwards(channel)

    (error,) = channel.ended_with
    assert isinstance(error, ConnectionError)


def test_a_last_reply_that_could_not_be_sent_is_told(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near, on_end=lambda channel: channel.send(b"for nobody"))
    far.close()

    world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [BrokenPipeError]


def test_a_time_that_is_no_number_is_refused(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Recorder(world.reactor, near)
    with pytest.raises(ValueError, match="NaN"):
        channel.finish(nan)
    channel.close()


def test_it_can_finish_inside_received(world: World, pair: Pair) -> None:
    near, far = pair

    def reply_and_finish(channel: Recorder, data: bytes) -> None:
        channel.send(b"OK")
        channel.finish()

    channel = Recorder(world.reactor, near, on_data=reply_and_finish, limit=4)
    far.send(b"more than is read")
    far.shutdown(socket.SHUT_WR)
    world.run_until(0.1)

    assert read_to_end(far) == b"OK"
    assert channel.data == [b"more"]
    assert channel.ended_with == [None]


def test_it_can_finish_inside_received_with_bytes_unsent(world: World, small: Pair) -> None:
    near, far = small

    def reply_and_finish(channel: Recorder, data: bytes) -> None:
        channel.send(MUCH)
        channel.finish()

    channel = Recorder(world.reactor, near, on_data=reply_and_finish)
    far.send(b"x")
    world.run_until(1)
    got = bytearray()
    while channel.sending:
        got += far.recv(1_000_000)
        world.run_until(world.clock.now + 0.01)

    assert bytes(got) + read_to_end(far) == MUCH
    channel.close()


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
    while channel.sending:
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


def fail(*_: object) -> None:
    raise ZeroDivisionError("of the override")


def test_an_error_in_received_is_reported_and_closes_it(
    lenient: World, pair: Pair, errors: list[Exception]
) -> None:
    near, far = pair
    channel = Recorder(lenient.reactor, near, on_data=fail)
    far.send(b"x")

    lenient.run_until(1)

    assert [str(error) for error in errors] == ["of the override"]
    assert channel.ended_with == errors


def test_an_error_in_received_end_is_reported_and_closes_it(
    lenient: World, pair: Pair, errors: list[Exception]
) -> None:
    near, far = pair
    channel = Recorder(lenient.reactor, near, on_end=fail)
    far.close()

    lenient.run_until(1)

    assert [str(error) for error in errors] == ["of the override"]
    assert channel.ended_with == errors


def test_an_error_in_ended_is_reported(lenient: World, pair: Pair, errors: list[Exception]) -> None:
    near, far = pair
    channel = Recorder(lenient.reactor, near, on_ended=fail)
    far.close()

    lenient.run_until(1)

    assert [str(error) for error in errors] == ["of the override"]
    assert channel.ended_with == [None]
    assert not channel.is_open


def test_what_is_no_exception_leaves_run_and_closes_it_too(world: World, pair: Pair) -> None:
    near, far = pair

    def exit_program(channel: Recorder, data: bytes) -> None:
        raise SystemExit(3)

    channel = Recorder(world.reactor, near, on_data=exit_program)
    far.send(b"x")
    with pytest.raises(SystemExit):
        world.run_until(1)

    assert channel.ended_with == [None]


def test_a_descriptor_that_somebody_else_forgot_is_theirs(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    with socket.socket(fileno=channel.fileno()) as theirs:
        world.reactor.forget(theirs)
        world.run_until(1)
        channel.close()
        far.send(b"to them")

        assert theirs.recv(100) == b"to them"
    assert channel.data == []
    assert [type(error) for error in channel.ended_with] == [ClosedError]


def test_one_that_waited_for_room_hears_once_that_its_descriptor_was_forgotten(
    world: World, small: Pair
) -> None:
    near, _ = small
    channel = Recorder(world.reactor, near)
    channel.send(MUCH)
    with socket.socket(fileno=channel.fileno()) as theirs:
        world.reactor.forget(theirs)
        world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [ClosedError]


def test_one_that_was_queued_hears_once_that_its_descriptor_was_forgotten(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Recorder(world.reactor, near)
    far.send(b"queues it, behind this")
    with socket.socket(fileno=channel.fileno()) as theirs:
        world.reactor.call_soon(world.reactor.forget, theirs)
        world.run_until(1)

    assert channel.data == []
    assert [type(error) for error in channel.ended_with] == [ClosedError]


class Steps(Tracer):
    """Knows whether the turn has come to its fourth step."""

    def __init__(self) -> None:
        self.running = False

    def turn(self, patience: float | None) -> None:
        self.running = False

    def run(self, what: Runnable) -> None:
        self.running = True


def test_a_descriptor_closed_behind_its_back_ends_it_in_the_fourth_step(pair: Pair) -> None:
    near, _ = pair
    steps, errors, where = Steps(), list[Exception](), list[bool]()
    with World(PollPoller(), tracer=steps, on_error=lambda _, error: errors.append(error)) as world:
        channel = Recorder(
            world.reactor, near, on_ended=lambda channel: where.append(steps.running)
        )
        socket.close(channel.fileno())
        world.run_until(1)

    assert where == [True]
    assert [type(error) for error in errors] == [ReactorError]


class Crowded(PollPoller):
    """A poller that has no room for one more, as epoll in a shortage of memory."""

    full = False

    def add(self, fd: int, events: int) -> None:
        self._refuse()
        super().add(fd, events)

    def change(self, fd: int, old: int, new: int) -> None:
        self._refuse()
        super().change(fd, old, new)

    def _refuse(self) -> None:
        if self.full:
            raise MemoryError("no room for one more")


def test_a_poller_without_room_for_it_ends_it_in_a_later_turn(pair: Pair) -> None:
    near, far = pair
    poller = Crowded()
    with World(poller) as world:
        poller.full = True
        channel = Recorder(world.reactor, near)
        assert channel.is_open
        poller.full = False
        world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [MemoryError]
    assert read_to_end(far) == b""


def test_a_poller_without_room_for_a_stalled_send_ends_it(small: Pair) -> None:
    near, _ = small
    poller = Crowded()
    with World(poller) as world:
        channel = Recorder(world.reactor, near)
        poller.full = True
        channel.send(MUCH)
        world.run_until(1)

    assert [type(error) for error in channel.ended_with] == [MemoryError]


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
