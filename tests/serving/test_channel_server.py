"""ChannelServer: a channel for each client, and an end in good order, in callbacks."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from math import nan

import pytest

from reactor import ClosedError, Reactor
from reactor.net import Address, Channel, listen
from reactor.serving import ChannelServer
from reactor.testing import World
from tests.net.peers import DEADLINE, close_all, is_over, knock, make_small, read_to_end

MUCH = bytes(range(256)) * 800


class Echo(Channel):
    def received(self, data: bytes) -> None:
        self.send(data)


class Slow(Echo):
    """Whoever leaves takes a while for that."""

    seconds = 2.0

    def leave(self) -> None:
        self.reactor.call_later(self.seconds, self.finish)


@pytest.fixture
def guests(door: socket.socket) -> Iterator[Callable[[int], list[socket.socket]]]:
    """Makes so many clients, which have said their number."""
    address = door.getsockname()
    made: list[socket.socket] = []

    def make(count: int) -> list[socket.socket]:
        clients = [socket.socket(socket.AF_UNIX) for _ in range(count)]
        made.extend(clients)
        for number, client in enumerate(clients):
            client.connect(address)
            client.setblocking(False)
            client.send(str(number).encode())
        return clients

    yield make
    close_all(made)


Guests = Callable[[int], list[socket.socket]]


def hears(client: socket.socket) -> bytes | None:
    """Return what has come, None if nothing has."""
    try:
        return client.recv(100)
    except BlockingIOError:
        return None


def test_each_client_gets_a_channel(world: World, door: socket.socket, guests: Guests) -> None:
    server = ChannelServer(world.reactor, Echo, door)
    assert repr(server).endswith(", running, 0 in>")
    one, other = guests(2)
    world.run_until(1)

    assert (hears(one), hears(other)) == (b"0", b"1")
    assert (server.clients, server.accepted, server.failures) == (2, 2, 0)
    one.close()
    world.run_until(2)
    assert (server.clients, server.accepted, server.failures) == (1, 2, 0)
    server.drain(0)
    world.run_until(3)


def test_it_knows_its_addresses_and_its_reactor(world: World, door: socket.socket) -> None:
    other = listen("127.0.0.1", 0)
    addresses = [door.getsockname(), other.getsockname()]
    server = ChannelServer(world.reactor, Echo, door, other)

    assert (server.addresses, server.reactor) == (addresses, world.reactor)
    server.close()


@pytest.mark.parametrize("most", [0, -1, nan])
def test_a_server_for_nobody_is_refused(world: World, door: socket.socket, most: float) -> None:
    with pytest.raises(ValueError, match=f"^a server for {most} clients serves nobody; give 1"):
        ChannelServer(world.reactor, Echo, door, most=most)


def test_a_server_without_a_socket_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match=r"^a server without a socket hears nobody; give one that"):
        ChannelServer(world.reactor, Echo)


def test_no_more_than_so_many_are_in_at_a_time(
    world: World, door: socket.socket, guests: Guests
) -> None:
    server = ChannelServer(world.reactor, Echo, door, most=2)
    one, two, three, four = guests(4)
    world.run_until(1)
    assert [hears(client) for client in (one, two, three, four)] == [b"0", b"1", None, None]

    two.close()
    world.run_until(2)
    assert (hears(three), hears(four)) == (b"2", None)
    assert (server.clients, server.accepted) == (2, 3)
    one.close()
    three.close()
    world.run_until(3)
    assert hears(four) == b"3"
    server.drain(0)
    world.run_until(4)


def test_so_many_on_all_sockets_together(world: World, door: socket.socket, guests: Guests) -> None:
    other = listen("127.0.0.1", 0)
    address = other.getsockname()
    server = ChannelServer(world.reactor, Echo, door, other, most=1)
    with socket.create_connection(address) as late:
        (one,) = guests(1)
        world.run_until(1)
        assert server.clients == 1
        assert server.accepted == 1
        one.close()
        late.close()
        world.run_until(2)
        assert (server.clients, server.accepted) == (0, 2)
    server.close()


def test_a_client_that_fails_is_counted_and_lets_the_next_in(
    door: socket.socket, guests: Guests, seed: int | None
) -> None:
    class Fails(Channel):
        def received(self, data: bytes) -> None:
            raise ValueError("mine")

    heard: list[Exception] = []
    with World(on_error=lambda what, error: heard.append(error), seed=seed) as world:
        server = ChannelServer(world.reactor, Fails, door, most=1)
        one, two = guests(2)
        world.run_until(1)

        assert [str(error) for error in heard] == ["mine", "mine"]
        assert (server.clients, server.accepted, server.failures) == (0, 2, 2)
        assert (hears(one), hears(two)) == (b"", b"")
        server.close()


def test_an_end_that_fails_lets_the_next_in_too(
    door: socket.socket, guests: Guests, seed: int | None
) -> None:
    class Fails(Echo):
        def ended(self, error: Exception | None) -> None:
            raise ValueError("mine")

    heard: list[Exception] = []
    with World(on_error=lambda what, error: heard.append(error), seed=seed) as world:
        server = ChannelServer(world.reactor, Fails, door, most=1)
        one, two = guests(2)
        one.close()
        world.run_until(1)

        assert hears(two) == b"1"
        server.drain(0)
        world.run_until(2)
        assert [str(error) for error in heard] == ["mine", "mine"]


def test_a_welcome_that_fails_costs_one_client(
    door: socket.socket, guests: Guests, seed: int | None
) -> None:
    def welcome(reactor: Reactor, fd: int, address: Address) -> Channel:
        if not heard:
            os.close(fd)
            raise ValueError("not this one")
        return Echo(reactor, fd, address)

    heard: list[Exception] = []
    with World(on_error=lambda what, error: heard.append(error), seed=seed) as world:
        server = ChannelServer(world.reactor, welcome, door)
        one, two = guests(2)
        world.run_until(1)

        assert (is_over(one), hears(two)) == (True, b"1")
        assert server.accepted == 1
        server.drain(0)
        world.run_until(2)


def test_a_client_whom_the_welcome_sends_away_is_not_in(
    world: World, door: socket.socket, guests: Guests
) -> None:
    def welcome(reactor: Reactor, fd: int, address: Address) -> Channel:
        channel = Echo(reactor, fd, address)
        channel.close()
        return channel

    server = ChannelServer(world.reactor, welcome, door, most=1)
    guests(2)
    world.run_until(1)

    assert (server.clients, server.accepted) == (0, 2)
    server.close()


# -- draining


def test_draining_an_empty_server_is_told_in_a_later_turn(
    world: World, door: socket.socket
) -> None:
    told: list[int] = []
    server = ChannelServer(world.reactor, Echo, door)
    server.drain(5, told.append)
    assert told == []

    world.run_until(1)

    assert told == [0]


def test_who_only_answers_leaves_at_once_and_nobody_comes_in(
    world: World, door: socket.socket, guests: Guests
) -> None:
    told: list[tuple[int, float]] = []
    server = ChannelServer(world.reactor, Echo, door)
    (one,) = guests(1)
    world.run_until(1)
    server.drain(60, lambda cut: told.append((cut, world.clock.now)))
    assert server.draining
    assert repr(server).endswith(", draining, 1 in>")
    with pytest.raises(ConnectionRefusedError):
        guests(1)
    world.run_until(1)
    assert read_to_end(one) == b"0"
    one.close()
    world.run_until(2)

    assert told == [(0, 1.0)]


def test_who_is_busy_leaves_when_it_is_done(
    world: World, door: socket.socket, guests: Guests
) -> None:
    told: list[int] = []
    server = ChannelServer(world.reactor, Slow, door)
    (one,) = guests(1)
    world.run_until(1)
    server.drain(60, told.append)
    world.run_until(2)
    one.send(b" more")
    world.run_until(3.1)
    assert read_to_end(one) == b"0 more"
    assert told == []

    world.run_until(4)

    assert told == [0]


def test_who_is_still_in_when_time_is_up_is_cut_and_counted(
    world: World, door: socket.socket, guests: Guests
) -> None:
    told: list[tuple[int, float]] = []
    server = ChannelServer(world.reactor, partial(Slow, idle_seconds=600), door)
    guests(3)
    Slow.seconds = 300
    try:
        world.run_until(1)
        server.drain(5, lambda cut: told.append((cut, world.clock.now)))
        world.run_until(7)
    finally:
        Slow.seconds = 2.0

    assert told == [(3, 6.0)]
    assert server.clients == 0


def test_who_does_not_take_its_reply_is_cut(
    world: World, door: socket.socket, guests: Guests
) -> None:
    class Talks(Echo):
        def received(self, data: bytes) -> None:
            self.send(MUCH)

    def welcome(reactor: Reactor, fd: int, address: Address) -> Channel:
        with socket.socket(fileno=os.dup(fd)) as sock:
            make_small(sock)
        return Talks(reactor, fd, address)

    told: list[int] = []
    server = ChannelServer(world.reactor, welcome, door)
    guests(1)
    world.run_until(1)
    server.drain(5, told.append)
    world.run_until(5.9)
    assert told == []
    world.run_until(7)

    assert told == [1]


def test_what_one_client_does_at_its_end_harms_no_other(
    door: socket.socket, guests: Guests, seed: int | None
) -> None:
    class Rude(Echo):
        def leave(self) -> None:
            raise ValueError("I stay")

        def ended(self, error: Exception | None) -> None:
            raise ValueError("I was cut")

    heard: list[str] = []
    told: list[int] = []
    with World(on_error=lambda what, error: heard.append(str(error)), seed=seed) as world:
        server = ChannelServer(world.reactor, Rude, door)
        guests(2)
        world.run_until(1)
        server.drain(5, told.append)
        world.run_until(7)

    assert heard == ["I stay", "I stay", "I was cut", "I was cut"]
    assert told == [2]


def test_who_ends_in_the_turn_in_which_draining_begins_is_not_asked_to_leave(
    world: World, door: socket.socket, guests: Guests
) -> None:
    channels: list[Channel] = []

    class Leaves(Echo):
        def leave(self) -> None:
            self.send(b"bye")  # which raises ClosedError on one that has ended
            self.finish()

    def welcome(reactor: Reactor, fd: int, address: Address) -> Channel:
        channels.append(Leaves(reactor, fd, address))
        return channels[-1]

    told: list[int] = []
    server = ChannelServer(world.reactor, welcome, door)
    guests(1)
    world.run_until(1)
    server.drain(5, told.append)
    channels[0].close()
    world.run_until(2)

    assert told == [0]
    with pytest.raises(ClosedError):
        channels[0].leave()


@pytest.mark.parametrize(("first", "second"), [(60, 2), (1, 2)])
def test_draining_again_says_anew_how_long_it_may_take(
    world: World, door: socket.socket, guests: Guests, first: float, second: float
) -> None:
    told: list[tuple[str, int, float]] = []
    server = ChannelServer(world.reactor, Slow, door)
    guests(1)
    Slow.seconds = 300
    try:
        world.run_until(1)
        server.drain(first, lambda cut: told.append(("first", cut, world.clock.now)))
        server.drain(second, lambda cut: told.append(("second", cut, world.clock.now)))
        world.run_until(100)
    finally:
        Slow.seconds = 2.0

    assert told == [("first", 1, 3.0), ("second", 1, 3.0)]


def test_draining_for_no_number_changes_nothing(world: World, door: socket.socket) -> None:
    server = ChannelServer(world.reactor, Echo, door)
    with pytest.raises(ValueError, match="cannot be drained in NaN seconds; give a number"):
        server.drain(nan)

    assert not server.draining
    server.close()


def test_draining_may_be_asked_for_by_a_client(
    world: World, door: socket.socket, guests: Guests
) -> None:
    told: list[int] = []

    class Ends(Channel):
        def received(self, data: bytes) -> None:
            asked.append(data)
            server.drain(5, told.append)

    asked: list[bytes] = []
    server = ChannelServer(world.reactor, Ends, door)
    one, two = guests(2)
    one.close()
    two.close()
    world.run_until(7)

    assert asked
    assert told == [0] * len(asked)  # each is told


def test_a_closed_server_serves_who_is_in_on(
    world: World, door: socket.socket, guests: Guests
) -> None:
    server = ChannelServer(world.reactor, Echo, door, most=1)
    (one,) = guests(1)
    world.run_until(1)
    server.close()
    one.send(b" still there?")
    world.run_until(2)
    assert hears(one) == b"0 still there?"
    one.close()
    world.run_until(3)

    assert server.clients == 0


def test_a_socket_that_goes_wrong_is_reported_and_who_is_in_is_served_on(
    door: socket.socket, guests: Guests, seed: int | None
) -> None:
    heard: list[Exception] = []
    with (
        World(on_error=lambda what, error: heard.append(error), seed=seed) as world,
        socket.socket(fileno=os.dup(door.fileno())) as again,
    ):
        server = ChannelServer(world.reactor, Echo, door)
        (one,) = guests(1)
        world.run_until(1)
        again.shutdown(socket.SHUT_RDWR)
        world.run_until(2)
        (error,) = heard
        assert isinstance(error, OSError)
        assert error.errno == errno.EINVAL

        one.send(b"!")
        world.run_until(3)
        assert hears(one) == b"0!"
        server.drain(0)
        world.run_until(4)


def test_over_tcp_in_real_time() -> None:
    with Reactor() as reactor:
        door = listen("127.0.0.1", 0)
        with socket.socket(fileno=os.dup(door.fileno())) as same:
            server = ChannelServer(reactor, Echo, door)
            clients = knock(same, 3)
        while server.accepted < 3:
            reactor.turn()
        cut: list[int] = []
        server.drain(DEADLINE, cut.append)
        for client in clients:
            client.shutdown(socket.SHUT_WR)
        while not cut:
            reactor.turn()
        close_all(clients)

    assert cut == [0]


def test_whom_draining_finds_half_made_leaves_too(
    world: World, door: socket.socket, guests: Guests
) -> None:
    class Silent(Channel):
        def received(self, data: bytes) -> None:
            pass

    def make(reactor: Reactor, fd: int, address: Address) -> Channel:
        server.drain(60, told.append)
        return Silent(reactor, fd, address)

    told: list[int] = []
    server = ChannelServer(world.reactor, make, door)
    (one,) = guests(1)
    world.run_until(0.1)
    assert told == []
    assert read_to_end(one) == b""
    one.close()
    world.run_until(0.2)

    assert (told, server.clients) == ([0], 0)


def test_others_may_hear_of_the_end_of_a_client_too(
    world: World, door: socket.socket, guests: Guests
) -> None:
    def make(reactor: Reactor, fd: int, address: Address) -> Channel:
        made.append(Echo(reactor, fd, address))
        return made[-1]

    made: list[Channel] = []
    heard: list[Channel] = []
    server = ChannelServer(world.reactor, make, door)
    (one,) = guests(1)
    world.run_until(1)
    made[0].when_ended(lambda channel, error: heard.append(channel))
    one.close()
    world.run_until(2)

    assert (heard, server.clients) == (made, 0)
    server.close()


def test_it_drains_when_a_signal_comes(world: World, door: socket.socket, guests: Guests) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    told: list[int] = []
    server = ChannelServer(world.reactor, Echo, door)
    server.drain_on(signal.SIGUSR1, signal.SIGUSR2, seconds=60, drained=told.append)
    (one,) = guests(1)
    world.run_until(1)
    assert repr(server).endswith(", running, 1 in>")
    signal.raise_signal(signal.SIGUSR2)
    world.run_until(1.1)
    assert server.draining
    assert read_to_end(one) == b"0"
    one.close()
    world.run_until(2)

    assert told == [0]
    assert signal.getsignal(signal.SIGUSR1) == before


def test_who_drains_it_otherwise_gives_the_signals_back(world: World, door: socket.socket) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    server = ChannelServer(world.reactor, Echo, door)
    server.drain_on(signal.SIGUSR1, seconds=5)
    assert signal.getsignal(signal.SIGUSR1) != before
    server.drain(5)

    assert signal.getsignal(signal.SIGUSR1) == before


def test_draining_on_a_signal_for_no_number_is_refused_at_once(
    world: World, door: socket.socket
) -> None:
    server = ChannelServer(world.reactor, Echo, door)
    with pytest.raises(ValueError, match="cannot be drained in NaN seconds; give a number"):
        server.drain_on(signal.SIGUSR1, seconds=nan)
    server.close()
