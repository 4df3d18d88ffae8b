"""LineChannel: lines, marks and counts, in callbacks."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from reactor import EndOfStream, IdleError, LimitError, Reactor
from reactor.net import LineChannel
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import Pair, read_to_end

MUCH = bytes(range(256)) * 800


class Liner(LineChannel):
    """Writes down what comes, and does what a test tells it to."""

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket,
        *,
        on_line: Callable[[Liner, bytes], object] = lambda channel, line: None,
        on_too_long: Callable[[Liner], object] = lambda channel: None,
        mark: bytes | None = None,
        line_limit: int = 100,
        limit: int | None = None,
        idle_seconds: float | None = None,
    ) -> None:
        self.lines: list[bytes] = []
        self.ends = 0
        self.ended_with: list[Exception | None] = []
        self._on_line = on_line
        self._on_too_long = on_too_long
        super().__init__(
            reactor, sock, mark=mark, line_limit=line_limit, limit=limit, idle_seconds=idle_seconds
        )

    def received_line(self, line: bytes) -> None:
        assert type(line) is bytes
        self.lines.append(line)
        self._on_line(self, line)

    def received_exactly(self, data: bytes) -> None:
        assert type(data) is bytes
        self.lines.append(b"exactly:" + data)

    def line_too_long(self, error: LimitError) -> None:
        self._on_too_long(self)

    def received_end(self) -> None:
        self.ends += 1

    def ended(self, error: Exception | None) -> None:
        self.ended_with.append(error)


def tick(world: World) -> None:
    world.run_until(world.clock.now + 1)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_come_without_their_ends_however_they_were_cut(
    world: World, pair: Pair, size: int
) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, limit=size)
    far.send(b"one\r\ntwo\n\n\r\n\rthree\r\r\nfour")
    far.shutdown(socket.SHUT_WR)
    tick(world)

    assert channel.lines == [b"one", b"two", b"", b"", b"\rthree\r", b"four"]
    assert (channel.ends, channel.ended_with) == (1, [None])


def test_a_line_comes_as_soon_as_it_is_whole(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Liner(world.reactor, near)
    for part, lines in [(b"o", 0), (b"ne\ntw", 1), (b"o", 1), (b"\n", 2)]:
        far.send(part)
        tick(world)
        assert len(channel.lines) == lines

    assert channel.lines == [b"one", b"two"]
    channel.close()


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_mark_is_found_across_pieces_and_nothing_else_ends_a_line(
    world: World, pair: Pair, size: int
) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, mark=b"\r\n\r\n", limit=size)
    far.send(b"head\r\nmore\r\n\r\n\r\n\r\nx\r\r\n\r\n")
    far.shutdown(socket.SHUT_WR)
    tick(world)

    assert channel.lines == [b"head\r\nmore", b"", b"x\r"]
    assert channel.ended_with == [None]


def test_what_has_no_mark_at_the_end_is_told(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, mark=b"\n")
    far.send(b"whole\nhalf")
    far.shutdown(socket.SHUT_WR)
    tick(world)

    assert (channel.lines, channel.ends) == ([b"whole"], 0)
    (error,) = channel.ended_with
    assert isinstance(error, EndOfStream)
    assert error.partial == b"half"
    assert str(error).endswith("ended before what was asked for had come")


def test_an_empty_mark_is_refused_and_the_socket_closed(world: World, pair: Pair) -> None:
    near, far = pair
    with pytest.raises(ValueError, match=r"^there is no empty mark to find in <Liner fd=\d+ peer"):
        Liner(world.reactor, near, mark=b"")

    assert read_to_end(far) == b""


@pytest.mark.parametrize("size", [1, 1000])
def test_a_line_may_have_as_many_bytes_as_its_limit(world: World, pair: Pair, size: int) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, line_limit=10, limit=size)
    far.send(b"x" * 10 + b"\n" + b"y" * 11 + b"\n")
    tick(world)

    assert channel.lines == [b"x" * 10]
    (error,) = channel.ended_with
    assert isinstance(error, LimitError)
    assert str(error).startswith(r"no b'\n' among the first 10 bytes of <Liner fd=")


def test_a_line_that_never_ends_is_not_waited_for(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, line_limit=10)
    far.send(b"x" * 10)
    tick(world)
    assert not channel.closed
    far.send(b"x")
    tick(world)

    assert isinstance(channel.ended_with[0], LimitError)


def test_who_sends_too_long_a_line_can_be_told_before_the_end(world: World, pair: Pair) -> None:
    near, far = pair

    def tell(channel: Liner) -> None:
        channel.send(b"too long\n")
        channel.finish(60)

    channel = Liner(world.reactor, near, line_limit=10, on_too_long=tell)
    far.send(b"x" * 1_000 + b"\nnot heard\n")
    tick(world)
    assert read_to_end(far) == b"too long\n"
    assert not channel.closed, "it waits for the peer to have read that"
    far.close()
    tick(world)

    assert (channel.lines, channel.ended_with) == ([], [None])


def test_one_that_is_closed_when_a_line_is_too_long_ends_in_good_order(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, line_limit=10, on_too_long=lambda channel: channel.close())
    far.send(b"x" * 11)
    tick(world)

    assert channel.ended_with == [None]


def test_without_a_received_line_of_its_own_it_says_so(
    lenient: World, pair: Pair, errors: list[Exception]
) -> None:
    near, far = pair
    LineChannel(lenient.reactor, near)
    far.send(b"hello\n")
    tick(lenient)

    assert [str(error).endswith("no received_line(line); write one") for error in errors] == [True]


def test_without_a_received_exactly_of_its_own_it_says_so(
    lenient: World, pair: Pair, errors: list[Exception]
) -> None:
    near, far = pair
    LineChannel(lenient.reactor, near).take(2)
    far.send(b"hello\n")
    tick(lenient)

    assert [str(error).endswith("no received_exactly(data); write one") for error in errors] == [
        True
    ]


def test_without_a_word_of_its_own_too_long_a_line_ends_it(world: World, pair: Pair) -> None:
    near, far = pair
    channel = LineChannel(world.reactor, near, line_limit=2)
    far.send(b"hello\n")
    tick(world)

    assert channel.closed


# -- counts


@pytest.mark.parametrize("size", [1, 4, 100])
def test_bytes_are_taken_by_count_between_lines(world: World, pair: Pair, size: int) -> None:
    near, far = pair
    channel = Liner(
        world.reactor, near, limit=size, on_line=lambda channel, line: channel.take(int(line))
    )
    far.send(b"5\na\nb\nc0\n3\nxyz2\n..")
    tick(world)

    assert channel.lines == [
        *(b"5", b"exactly:a\nb\nc", b"0", b"exactly:"),
        *(b"3", b"exactly:xyz", b"2", b"exactly:.."),
    ]
    channel.close()


def test_what_was_searched_for_a_line_and_then_taken_by_count_does_not_hide_the_next(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Liner(world.reactor, near)
    far.send(b"abc")
    tick(world)
    channel.take(3)
    far.send(b"\n\n")
    tick(world)

    assert channel.lines == [b"exactly:abc", b"", b""]
    channel.close()


def test_a_channel_may_begin_with_a_count(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Liner(world.reactor, near)
    channel.take(4)
    far.send(b"\0\n\0\5line\n")
    tick(world)

    assert channel.lines == [b"exactly:\0\n\0\5", b"line"]
    channel.close()


def test_a_count_may_be_beyond_the_limit_of_a_line(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, line_limit=1)
    channel.take(1_000)
    far.send(bytes(1_000))
    tick(world)

    assert channel.lines == [b"exactly:" + bytes(1_000)]
    channel.close()


def test_a_peer_that_ends_within_a_count_is_told(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Liner(world.reactor, near)
    channel.take(10)
    far.send(b"half")
    far.shutdown(socket.SHUT_WR)
    tick(world)

    (error,) = channel.ended_with
    assert isinstance(error, EndOfStream)
    assert error.partial == b"half"


def test_a_peer_that_ends_before_a_count_begins_has_finished(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Liner(world.reactor, near)
    channel.take(10)
    far.shutdown(socket.SHUT_WR)
    tick(world)

    assert (channel.ends, channel.ended_with) == (1, [None])


def test_a_count_below_0_is_refused(world: World, pair: Pair) -> None:
    near, _ = pair
    channel = Liner(world.reactor, near)
    with pytest.raises(ValueError, match=r"^-1 bytes cannot be taken from <Liner .*; give 0 or mo"):
        channel.take(-1)
    channel.close()


# -- no more than its receiver keeps up with


def test_no_line_comes_while_it_is_paused(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, on_line=lambda channel, line: channel.pause())
    far.send(b"1\n2\n3\n")
    tick(world)
    assert channel.lines == [b"1"]
    channel.resume()
    assert channel.lines == [b"1"], "not inside of resume"
    tick(world)
    assert channel.lines == [b"1", b"2"]
    channel.resume()
    channel.pause()
    tick(world)
    assert channel.lines == [b"1", b"2"]
    channel.resume()
    tick(world)
    far.send(b"4\n")
    channel.resume()
    tick(world)

    assert channel.lines == [b"1", b"2", b"3", b"4"]
    channel.close()


def test_resuming_and_pausing_by_turns_hands_out_each_line_once(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, on_line=lambda channel, line: channel.pause())
    far.send(b"1\n2\n3\n")
    tick(world)
    channel.resume()
    channel.pause()
    channel.resume()
    tick(world)

    assert channel.lines == [b"1", b"2"]
    channel.close()


def test_no_line_comes_while_the_answer_to_the_last_waits(world: World, small: Pair) -> None:
    near, far = small
    channel = Liner(world.reactor, near, on_line=lambda channel, line: channel.send(MUCH))
    far.send(b"1\n2\n3\n")
    got = 0
    for count in (1, 2, 3):
        tick(world)
        assert len(channel.lines) == count
        while got < count * len(MUCH):
            got += len(far.recv(count * len(MUCH) - got))
            if got < count * len(MUCH):
                assert len(channel.lines) == count
                tick(world)

    tick(world)
    assert not channel.unsent
    channel.close()


def test_the_last_line_before_the_end_may_pause_it(world: World, pair: Pair) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, on_line=lambda channel, line: channel.pause())
    far.send(b"no end")
    far.shutdown(socket.SHUT_WR)
    tick(world)
    assert (channel.lines, channel.ends, channel.closed) == ([b"no end"], 0, False)
    channel.resume()
    tick(world)

    assert (channel.lines, channel.ends, channel.ended_with) == ([b"no end"], 1, [None])


def test_many_lines_at_once_do_not_keep_others_from_their_turn(
    world: World, pair: Pair, turns: Turns
) -> None:
    near, far = pair
    came: list[int] = []
    channel = Liner(world.reactor, near, on_line=lambda channel, line: came.append(turns.count))
    far.send(b"\n" * 1_000)
    tick(world)

    assert len(came) == 1_000
    assert max(came.count(turn) for turn in came) == 32
    channel.close()


def test_pausing_and_resuming_brings_no_more_lines_in_a_turn(
    world: World, pair: Pair, turns: Turns
) -> None:
    near, far = pair
    came: list[int] = []

    def blink() -> None:
        for _ in range(3):
            channel.pause()
            channel.resume()

    def note(channel: Liner, line: bytes) -> None:
        came.append(turns.count)
        if len(came) == 20:
            world.reactor.call_soon(blink)

    channel = Liner(world.reactor, near, on_line=note)
    far.send(b"\n" * 1_000)
    tick(world)

    assert max(came.count(turn) for turn in came) == 32
    channel.close()


@pytest.mark.parametrize("end", [LineChannel.close, LineChannel.finish])
def test_no_line_comes_after_the_end(
    world: World, pair: Pair, end: Callable[[LineChannel], None]
) -> None:
    near, far = pair
    channel = Liner(world.reactor, near, on_line=lambda channel, line: end(channel))
    far.send(b"1\n2\n")
    tick(world)

    assert (channel.lines, channel.ended_with) == ([b"1"], [None])


def test_one_that_is_closed_between_two_of_its_turns_hands_out_nothing(
    world: World, pair: Pair
) -> None:
    near, far = pair

    def close_soon(channel: Liner, line: bytes) -> None:
        if len(channel.lines) == 32:
            world.reactor.call_soon(channel.close)

    channel = Liner(world.reactor, near, on_line=close_soon)
    far.send(b"\n" * 100)
    tick(world)

    assert len(channel.lines) == 32
    assert channel.ended_with == [None]


@pytest.mark.parametrize("number", [1, 40], ids=["at once", "in a later turn"])
def test_what_received_line_raises_is_reported_and_closes_it(
    lenient: World, pair: Pair, errors: list[Exception], number: int
) -> None:
    near, far = pair

    def fail(channel: Liner, line: bytes) -> None:
        if len(channel.lines) == number:
            raise ValueError("mine")

    channel = Liner(lenient.reactor, near, on_line=fail)
    far.send(b"\n" * 50)
    tick(lenient)

    assert [str(error) for error in errors] == ["mine"]
    assert channel.ended_with == errors
    assert len(channel.lines) == number


def test_an_interrupt_in_a_later_turn_closes_it(world: World, pair: Pair) -> None:
    near, far = pair

    def interrupt(channel: Liner, line: bytes) -> None:
        if len(channel.lines) == 40:
            raise KeyboardInterrupt

    channel = Liner(world.reactor, near, on_line=interrupt)
    far.send(b"\n" * 50)
    with pytest.raises(KeyboardInterrupt):
        tick(world)

    assert channel.ended_with == [None]


def test_what_is_held_does_not_grow_while_lines_wait(world: World, small: Pair) -> None:
    near, far = small
    channel = Liner(world.reactor, near, limit=10, on_line=lambda channel, line: channel.pause())
    far.send(b"1\n2\n3\n4\n5\n6\n7\n8\n")
    tick(world)
    channel.resume()
    tick(world)

    assert channel.lines == [b"1", b"2"]
    channel.close()
    with pytest.raises(ConnectionResetError):  # what it did not receive was still with the kernel
        far.recv(1)


def test_one_that_is_paused_between_two_of_its_turns_hands_out_nothing(
    world: World, pair: Pair
) -> None:
    near, far = pair
    channel = Liner(world.reactor, near)
    far.send(b"line\n" * 100)
    while not channel.lines:
        world.reactor.turn()
    channel.pause()
    tick(world)
    assert len(channel.lines) < 100
    channel.resume()
    tick(world)

    assert channel.lines == [b"line"] * 100
    channel.close()


def test_one_that_is_resumed_while_an_answer_waits_receives_no_more_before_the_lines_it_holds(
    world: World, small: Pair
) -> None:
    near, far = small
    channel = Liner(world.reactor, near, on_line=lambda channel, line: channel.send(MUCH))
    far.send(b"one\ntwo\n")
    far.shutdown(socket.SHUT_WR)
    tick(world)
    channel.pause()
    channel.resume()
    while channel.ended_with == []:
        assert len(channel.lines) == 1 or channel.ends == 0 or not channel.unsent
        far.recv(1_000_000)
        tick(world)

    assert (channel.lines, channel.ends, channel.ended_with) == ([b"one", b"two"], 1, [None])


def test_what_is_answered_to_a_line_that_was_held_counts_as_moving(
    world: World, pair: Pair
) -> None:
    def answer(channel: Liner, line: bytes) -> None:
        if line == b"wait":
            channel.pause()
            world.reactor.call_later(40, channel.resume)
        else:
            channel.send(line)

    near, far = pair
    channel = Liner(world.reactor, near, on_line=answer, idle_seconds=60)
    far.send(b"wait\nanswer\n")

    world.run_until(99)
    assert channel.ended_with == []
    world.run_until(101)

    assert [type(error) for error in channel.ended_with] == [IdleError]
