"""Acceptor: how many clients are asked for at a time. Asking in vain is dearer than a turn."""

from __future__ import annotations

import errno
import socket

from reactor.net import CallbackListener
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import close_all, knock
from tests.net.played_door import Played
from tests.net.test_callback_listener import Guests


def test_after_a_crowd_it_asks_only_once_for_a_single_client(
    world: World, door: socket.socket
) -> None:
    asked = Played(door, [])
    guests = Guests()
    listener = CallbackListener(world.reactor, asked, guests.take)
    clients = knock(asked, 20)
    world.run_until(1)
    before = asked.asked

    clients += knock(asked)
    world.run_until(2)

    assert len(guests.numbers) == 21
    assert asked.asked == before + 1
    listener.close()
    close_all(clients)


def test_where_clients_come_one_by_one_it_is_seldom_asked_for_a_second(
    world: World, door: socket.socket
) -> None:
    asked = Played(door, [])
    guests = Guests()
    listener = CallbackListener(world.reactor, asked, guests.take)

    come_one_by_one(world, asked, 100)

    assert len(guests.numbers) == 100
    assert asked.asked < 110
    listener.close()


def test_being_asked_for_nobody_is_no_reason_to_ask_for_two(
    world: World, door: socket.socket
) -> None:
    played = Played(door, [])
    listener = CallbackListener(world.reactor, played, Guests().take)
    come_one_by_one(world, played, 40)
    before = played.asked

    played.failures.append(errno.EAGAIN)  # as when another process was quicker
    come_one_by_one(world, played, 10)

    assert played.asked == before + 11
    listener.close()


def test_when_a_crowd_comes_after_many_single_clients_bursts_soon_grow(
    world: World, door: socket.socket, turns: Turns
) -> None:
    taken_in: list[int] = []
    guests = Guests(lambda: taken_in.append(turns.count))
    listener = CallbackListener(world.reactor, door, guests.take)
    come_one_by_one(world, door, 300)

    taken_in.clear()
    clients = knock(door, 200)
    world.run_until(world.clock.now + 1)
    once = len(set(taken_in))
    taken_in.clear()
    clients += knock(door, 200)
    world.run_until(world.clock.now + 1)
    again = len(set(taken_in))

    assert len(guests.numbers) == 700
    assert once < 30, "a second is asked for now and then"
    assert again < 10, "and one crowd makes ready for the next"
    listener.close()
    close_all(clients)


def come_one_by_one(world: World, door: socket.socket, count: int) -> None:
    for _ in range(count):
        client = knock(door)
        world.run_until(world.clock.now + 1)
        close_all(client)
