"""CallbackListener: clients as they come, for callbacks."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from reactor import Reactor
from reactor.net import Address, CallbackListener, listen
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import DEADLINE, InThread, close_all, is_over, knock, read_to_end
from tests.net.recorder import Recorder, echo


class Guests:
    """Takes clients in, in order; after each it does what it is told to."""

    def __init__(self, after_each: Callable[[], object] = lambda: None) -> None:
        self.numbers: list[int] = []
        self.addresses: list[Address] = []
        self._after_each = after_each

    def take(self, fd: int, address: Address) -> None:
        with socket.socket(fileno=fd) as client:
            self.numbers.append(int(client.recv(100)))
        self.addresses.append(address)
        self._after_each()


def test_it_waits_for_clients_and_hands_them_over(world: World, door: socket.socket) -> None:
    guests = Guests()
    listener = CallbackListener(world.reactor, door, guests.take)
    clients: list[socket.socket] = []
    for when in (1, 5):
        world.reactor.call_at(when, lambda: clients.extend(knock(door)))

    world.run_until(4)
    assert guests.numbers == [0]
    world.run_until(6)

    assert guests.numbers == [0, 0]
    listener.close()
    close_all(clients)


def test_it_tells_the_address_of_a_client(real: Reactor) -> None:
    guests = Guests(real.stop)
    door = listen("127.0.0.1", 0)
    listener = CallbackListener(real, door, guests.take)
    (client,) = knock(door)

    real.run()

    assert guests.addresses == [client.getsockname()]
    listener.close()
    client.close()


def test_two_hundred_at_once_come_in_the_order_in_which_they_knocked(
    world: World, door: socket.socket
) -> None:
    clients = knock(door, 200)
    guests = Guests()
    listener = CallbackListener(world.reactor, door, guests.take)

    world.run_until(1)

    assert guests.numbers == list(range(200))
    listener.close()
    close_all(clients)


def test_in_a_crowd_others_have_their_turn_between_bursts(
    world: World, door: socket.socket, turns: Turns
) -> None:
    clients = knock(door, 200)
    guests = Guests(lambda: taken_in.append(turns.count))
    taken_in: list[int] = []
    listener = CallbackListener(world.reactor, door, guests.take)

    world.run_until(1)

    bursts = [taken_in.count(turn) for turn in dict.fromkeys(taken_in)]
    assert max(bursts) == 64, "a burst has a bound"
    assert len(bursts) < 20, "and bursts grow, or each client would cost a turn"
    listener.close()
    close_all(clients)


def test_when_nobody_comes_nothing_wakes_up(
    world: World, door: socket.socket, turns: Turns
) -> None:
    listener = CallbackListener(world.reactor, door, Guests().take)

    world.run_until(86_000)

    assert turns.count <= 2
    listener.close()


def test_an_accepted_that_fails_costs_only_its_client(
    lenient: World, door: socket.socket, errors: list[Exception]
) -> None:
    clients = knock(door, 10)
    guests = Guests()

    def take(fd: int, address: Address) -> None:
        guests.take(fd, address)
        if guests.numbers[-1] % 2:
            raise ZeroDivisionError

    listener = CallbackListener(lenient.reactor, door, take)
    lenient.run_until(1)

    assert guests.numbers == list(range(10))
    assert [type(error) for error in errors] == [ZeroDivisionError] * 5
    listener.close()
    close_all(clients)


def test_an_accepted_that_closes_it_gets_nobody_more(world: World, door: socket.socket) -> None:
    clients = knock(door, 10)

    def close_after_the_second() -> None:
        if len(guests.numbers) == 2:
            listener.close()

    guests = Guests(close_after_the_second)
    listener = CallbackListener(world.reactor, door, guests.take)

    world.run_until(1)

    assert guests.numbers == [0, 1]
    assert listener.fileno() == -1
    close_all(clients)


def test_closed_in_the_turn_in_which_somebody_came_it_accepts_nobody(
    world: World, door: socket.socket
) -> None:
    guests = Guests()
    listener = CallbackListener(world.reactor, door, guests.take)
    clients = knock(door)
    had_come: list[int] = []

    def close() -> None:  # without a seed it runs before the listener, which is queued
        listener.close()
        had_come.extend(guests.numbers)

    world.reactor.call_soon(close)
    world.run_until(1)

    assert guests.numbers == had_come
    close_all(clients)


def test_closing_it_closes_the_socket_once(world: World, door: socket.socket) -> None:
    listener = CallbackListener(world.reactor, door, Guests().take)
    number = listener.fileno()
    assert number == door.fileno()

    listener.close()
    assert listener.fileno() == door.fileno() == -1
    with socket.socket() as newcomer:
        assert newcomer.fileno() == number, "the lowest number is free again"
        listener.close()
        assert os.fstat(number)


def test_a_descriptor_that_somebody_else_forgot_is_theirs(
    world: World, door: socket.socket
) -> None:
    guests = Guests()
    listener = CallbackListener(world.reactor, door, guests.take)
    with socket.socket(fileno=door.fileno()) as theirs:
        clients = knock(theirs)
        world.reactor.forget(theirs)
        world.run_until(1)
        listener.close()

        client, _ = theirs.accept()
        client.close()
    assert guests.numbers == []
    assert listener.fileno() == -1
    close_all(clients)


def test_it_says_where_it_listens(world: World, door: socket.socket) -> None:
    listener = CallbackListener(world.reactor, door, Guests().take)

    assert listener.address == door.getsockname()
    assert repr(listener) == f"<CallbackListener at {door.getsockname()!r}>"
    listener.close()


def test_it_says_at_which_port(real: Reactor) -> None:
    listener = CallbackListener(real, listen("127.0.0.1", 0), Guests().take)

    assert listener.address == ("127.0.0.1", listener.port)
    listener.close()


def test_many_clients_are_served_at_a_time(real: Reactor) -> None:
    ended: list[Recorder] = []

    def note(channel: Recorder) -> None:
        ended.append(channel)
        if len(ended) == 20:
            listener.close()
            real.stop()

    def take(fd: int, address: Address) -> None:
        Recorder(real, fd, on_data=echo, on_ended=note, limit=7)

    def talk(door: socket.socket) -> list[bytes]:
        clients = knock(door, 20)
        for client in clients:
            client.settimeout(DEADLINE)
            client.sendall(b" says hello")
            client.shutdown(socket.SHUT_WR)
        heard = [read_to_end(client) for client in clients]
        close_all(clients)
        return heard

    door = listen("127.0.0.1", 0)
    listener = CallbackListener(real, door, take)
    with InThread(talk, door.dup()) as peer:
        real.run()

    assert peer.result() == [f"{number} says hello".encode() for number in range(20)]
    assert [channel.ended_with for channel in ended] == [[None]] * 20


def test_a_channel_that_fails_at_once_leaves_no_client_hanging(
    lenient: World, door: socket.socket, errors: list[Exception]
) -> None:
    def take(fd: int, address: Address) -> None:
        Recorder(lenient.reactor, fd, limit=0)

    (client,) = knock(door)
    listener = CallbackListener(lenient.reactor, door, take)
    lenient.run_until(1)

    assert [type(error) for error in errors] == [ValueError]
    assert is_over(client)
    listener.close()
    client.close()
