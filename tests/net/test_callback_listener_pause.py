"""CallbackListener.pause: who comes waits in the backlog."""

from __future__ import annotations

import errno
import socket

import pytest

from reactor.net import CallbackListener
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import close_all, knock
from tests.net.played_door import Played
from tests.net.test_callback_listener import Guests


def test_a_paused_listener_accepts_nobody_until_it_is_resumed(
    world: World, door: socket.socket
) -> None:
    guests = Guests()
    listener = CallbackListener(world.reactor, door, guests.take)
    listener.pause()
    clients = knock(door, 3)
    world.run_until(1)
    assert guests.numbers == []
    listener.resume()
    assert guests.numbers == [], "not inside of resume"
    world.run_until(2)

    assert guests.numbers == [0, 1, 2]
    listener.close()
    close_all(clients)


@pytest.mark.parametrize("most", [1, 3])
def test_pausing_inside_of_accepted_takes_no_further_client(
    world: World, door: socket.socket, most: int
) -> None:
    clients = knock(door, 5)

    def enough() -> None:
        if len(guests.numbers) % most == 0:
            listener.pause()

    guests = Guests(enough)
    listener = CallbackListener(world.reactor, door, guests.take)
    world.run_until(1)
    assert len(guests.numbers) == most
    listener.resume()
    world.run_until(2)

    assert guests.numbers == list(range(min(2 * most, 5)))
    assert listener.accepted == len(guests.numbers)
    listener.close()
    close_all(clients)


def test_pausing_and_resuming_by_turns_takes_each_client_once(
    world: World, door: socket.socket
) -> None:
    clients = knock(door, 3)
    guests = Guests()
    listener = CallbackListener(world.reactor, door, guests.take)

    def blink() -> None:  # runs before the listener, which is queued
        for _ in range(3):
            listener.pause()
            listener.resume()

    world.reactor.call_soon(blink)
    world.run_until(1)

    assert guests.numbers == [0, 1, 2]
    listener.close()
    close_all(clients)


def test_a_pause_in_the_turn_in_which_a_client_came_holds(
    world: World, door: socket.socket
) -> None:
    clients = knock(door, 1)
    guests = Guests()
    listener = CallbackListener(world.reactor, door, guests.take)
    had_come: list[int] = []

    def pause() -> None:  # without a seed it runs before the listener, which is queued
        listener.pause()
        had_come.extend(guests.numbers)

    world.reactor.call_soon(pause)
    world.run_until(1)

    assert guests.numbers == had_come
    listener.close()
    close_all(clients)


def test_resuming_one_that_is_not_paused_does_nothing(
    world: World, door: socket.socket, turns: Turns
) -> None:
    listener = CallbackListener(world.reactor, door, Guests().take)
    world.run_until(1)
    before = turns.count
    listener.resume()
    world.run_until(2)

    assert turns.count - before <= 2
    listener.close()


def test_a_pause_costs_no_turns_while_clients_wait(
    world: World, door: socket.socket, turns: Turns
) -> None:
    clients = knock(door, 1)
    listener = CallbackListener(world.reactor, door, Guests().take)
    listener.pause()
    world.run_until(1)
    before = turns.count
    world.run_until(1_000)

    assert turns.count - before <= 2
    listener.close()
    close_all(clients)


@pytest.mark.parametrize("resumed", [0.05, 0.5])
def test_one_that_is_paused_in_a_shortage_comes_back_from_both(
    world: World, door: socket.socket, resumed: float
) -> None:
    played = Played(door, [errno.EMFILE])
    clients = knock(played, 2)
    guests = Guests()
    told: list[object] = []
    listener = CallbackListener(world.reactor, played, guests.take, shortage=told.append)
    world.reactor.call_at(0.01, listener.pause)
    world.reactor.call_at(resumed, listener.resume)
    world.run_until(max(resumed, 0.1) - 0.001)
    assert guests.numbers == []
    world.run_until(2)

    assert guests.numbers == [0, 1]
    assert len(told) == 2
    listener.close()
    close_all(clients)


def test_one_whose_socket_went_wrong_stays_so(
    lenient: World, door: socket.socket, errors: list[Exception]
) -> None:
    played = Played(door, [errno.EINVAL] * 5)
    clients = knock(played, 1)
    listener = CallbackListener(lenient.reactor, played, Guests().take)
    lenient.run_until(1)
    listener.pause()
    listener.resume()
    lenient.run_until(2)

    assert len(errors) == 1
    assert played.asked == 1
    listener.close()
    close_all(clients)


def test_a_closed_one_can_be_paused_and_resumed_in_vain(world: World, door: socket.socket) -> None:
    listener = CallbackListener(world.reactor, door, Guests().take)
    listener.pause()
    listener.resume()
    listener.close()
    listener.pause()
    listener.resume()

    world.run_until(1)

    assert listener.fileno() == -1
