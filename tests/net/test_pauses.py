"""While accepting pauses: who is in is served, and a close, a cancellation and a hook may come."""

from __future__ import annotations

import errno
import logging
import os
import socket
from typing import cast

import pytest

from reactor import ClosedError, Scope, TaskGroup
from reactor.net import Address, CallbackListener, Connection, Listener
from reactor.poller import PollPoller
from reactor.testing import World
from tests.net.conftest import OpenHouse
from tests.net.peers import close_all, is_over, knock
from tests.net.played_door import House, Played

PAUSE = 0.1


def test_those_who_are_in_are_served_while_accepting_pauses(
    world: World, door: socket.socket
) -> None:
    played = Played(door, [])
    (client,) = knock(played)
    served: list[tuple[bytes, float]] = []

    async def serve(connection: Connection) -> None:
        with connection:
            while data := await connection.receive():
                served.append((data, world.clock.now))

    async def main() -> None:
        with Listener(world.reactor, played, shortage=lambda error: None) as listener:
            async with TaskGroup() as group:
                group.spawn(serve, await listener.accept())
                played.always = errno.EMFILE
                late = knock(played)
                for when in (0.55, 0.73):
                    world.reactor.call_at(when, client.send, b"still here")
                with Scope(1):
                    await listener.accept()
                group.cancel()
        close_all(late)

    world.run(main)
    client.close()

    assert served == [(b"0", 0), (b"still here", 0.55), (b"still here", 0.73)]


def test_a_listener_closed_while_accepting_pauses_tells_who_waits(
    world: World, door: socket.socket
) -> None:
    played = Played(door, [])
    played.always = errno.EMFILE
    clients = knock(played)
    listener = Listener(world.reactor, played, shortage=lambda error: None)
    world.reactor.call_at(0.55, listener.close)

    async def main() -> None:
        with pytest.raises(ClosedError):
            await listener.accept()

    world.run(main)

    assert world.clock.now <= 0.55 + PAUSE
    close_all(clients)


def test_a_cancellation_while_accepting_pauses_loses_nobody(
    world: World, door: socket.socket
) -> None:
    played = Played(door, [errno.EMFILE])
    clients = knock(played)

    async def main() -> bytes:
        with Listener(world.reactor, played, shortage=lambda error: None) as listener:
            with Scope(PAUSE / 2):
                await listener.accept()
            with await listener.accept() as connection:
                return await connection.receive()

    assert world.run(main) == b"0"
    close_all(clients)


def test_a_callback_listener_closed_while_accepting_pauses_is_tried_no_more(
    world: World, door: socket.socket
) -> None:
    played = Played(door, [])
    played.always = errno.EMFILE
    clients = knock(played)
    listener = CallbackListener(
        world.reactor, played, lambda fd, address: None, shortage=lambda error: None
    )
    world.run_until(0.55)
    asked = played.asked

    listener.close()
    world.run_until(10)

    assert played.asked == asked
    close_all(clients)


def test_the_shortage_hook_may_close_the_listener(world: World, door: socket.socket) -> None:
    played = Played(door, [errno.EMFILE])
    clients = knock(played)
    listener = CallbackListener(
        world.reactor, played, lambda fd, address: None, shortage=lambda error: listener.close()
    )

    world.run_until(1)

    assert played.asked == 1
    assert listener.fileno() == -1
    close_all(clients)


def test_a_shortage_hook_that_fails_is_reported_and_accepting_comes_back(
    lenient: World, door: socket.socket, errors: list[Exception]
) -> None:
    def fail(error: OSError | None) -> None:
        if error is not None:
            raise ZeroDivisionError

    played = Played(door, [errno.EMFILE, errno.EMFILE])
    clients = knock(played)
    guests: list[int] = []

    def take(fd: int, address: Address) -> None:
        guests.append(fd)
        os.close(fd)

    listener = CallbackListener(lenient.reactor, played, take, shortage=fail)
    lenient.run_until(1)

    assert [type(error) for error in errors] == [ZeroDivisionError]
    assert len(guests) == 1
    listener.close()
    close_all(clients)


def test_a_hook_that_fails_when_a_shortage_ends_leaves_no_client_hanging(
    lenient: World, door: socket.socket, errors: list[Exception]
) -> None:
    def fail(error: OSError | None) -> None:
        if error is None:
            raise ZeroDivisionError

    played = Played(door, [errno.EMFILE])
    (client,) = knock(played)
    listener = CallbackListener(
        lenient.reactor, played, lambda fd, address: os.close(fd), shortage=fail
    )
    lenient.run_until(1)

    assert [type(error) for error in errors] == [ZeroDivisionError]
    assert is_over(client)
    listener.close()
    client.close()


def test_unless_told_otherwise_a_shortage_is_logged(
    world: World, door: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "reactor")
    played = Played(door, [errno.EMFILE])
    clients = knock(played)
    listener = CallbackListener(world.reactor, played, lambda fd, address: os.close(fd))

    world.run_until(1)

    assert caplog.record_tuples == [
        ("reactor", logging.WARNING, "accepting pauses: [Errno 24] Too many open files"),
        ("reactor", logging.INFO, "accepting works again"),
    ]
    listener.close()
    close_all(clients)


class Plain:
    """A socket as another implementation of Python may have it: without _accept."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def __getattr__(self, attribute: str) -> object:
        if attribute == "_accept":
            raise AttributeError(attribute)
        return getattr(self._sock, attribute)


def test_what_no_other_python_promises_is_not_needed(
    world: World, door: socket.socket, open_house: OpenHouse
) -> None:
    clients = knock(door, 5)
    house = open_house(cast("socket.socket", Plain(door)))

    house.open_until(1)

    assert [number for number, _ in house.guests] == [0, 1, 2, 3, 4]
    close_all(clients)


class Crowded(PollPoller):
    """A poller that has no room for more while refusal is set, as epoll when memory is short."""

    refusal: OSError | None = None

    def add(self, fd: int, events: int) -> None:
        if self.refusal is not None:
            raise self.refusal
        super().add(fd, events)


@pytest.mark.parametrize("callbacks", [False, True], ids=["tasks", "callbacks"])
def test_a_poller_without_room_for_it_is_a_shortage_like_others(
    door: socket.socket, callbacks: bool, seed: int | None
) -> None:
    poller = Crowded()
    with World(poller, seed=seed) as world:
        played = Played(door, [errno.EMFILE])
        clients = knock(played)
        house = House(world, played, callbacks=callbacks)
        world.reactor.call_at(0.05, lambda: setattr(poller, "refusal", OSError(errno.ENOSPC, "")))
        world.reactor.call_at(0.95, lambda: setattr(poller, "refusal", None))

        house.open_until(2)

        assert [text for text, _ in house.told] == ["EMFILE", "works"]
        assert house.guests == [(0, 1)]
        house.listener.close()
    close_all(clients)


def test_a_poller_without_room_for_it_at_first_is_told(
    door: socket.socket, seed: int | None
) -> None:
    poller = Crowded()
    clients: list[socket.socket] = []
    with World(poller, seed=seed) as world:
        poller.refusal = OSError(errno.ENOSPC, "")
        house = House(world, door, callbacks=False)
        world.reactor.call_at(0.55, lambda: clients.extend(knock(door)))
        world.reactor.call_at(0.95, lambda: setattr(poller, "refusal", None))

        house.open_until(2)

        assert house.told == [("ENOSPC", 0), ("works", 1)]
        assert house.guests == [(0, 1)]
        house.listener.close()
    close_all(clients)
