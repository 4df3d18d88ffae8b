"""What goes wrong at accept: one client's affair, or a shortage, which passes."""

from __future__ import annotations

import errno
import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import pytest

from reactor import ClosedError, Scope, TaskGroup
from reactor.net import Address, CallbackListener, Listener
from reactor.poller import PollPoller
from reactor.testing import World
from tests.net.conftest import Turns
from tests.net.peers import close_all, knock

PAUSE = 0.1

# man 2 accept: errors of the one connection that is accepted. ECONNRESET is there for the BSDs.
GONE_AGAIN = [
    getattr(errno, name)
    for name in (
        *("ECONNABORTED", "ECONNRESET", "EPERM", "EPROTO", "ENOPROTOOPT", "EOPNOTSUPP"),
        *("EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENONET", "ETIMEDOUT"),
    )
    if hasattr(errno, name)
]
SHORTAGES = [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM]
UNHEARD_OF = [errno.EIO]


def name(code: int) -> str:
    return errno.errorcode[code]


class Played(socket.socket):
    """A listening socket at which accept fails as told, in this order, and works after that.

    asked is how often it was tried; while always is an error, it fails with that.
    """

    def __init__(self, sock: socket.socket, failures: Sequence[int]) -> None:
        super().__init__(fileno=sock.detach())
        self.failures = list(failures)
        self.always = 0
        self.asked = 0

    def _accept(self) -> tuple[int, Address]:
        self.asked += 1
        code = self.always or (self.failures.pop(0) if self.failures else 0)
        if code:
            raise OSError(code, os.strerror(code))
        client: tuple[int, Address] = super()._accept()  # type: ignore[misc]  # not in typeshed
        return client


class House:
    """A listener of either kind, and who came in when, as (number, moment)."""

    def __init__(self, world: World, door: socket.socket, *, callbacks: bool) -> None:
        self.guests: list[tuple[int, float]] = []
        self.told: list[tuple[str, float]] = []
        self._world = world
        self._scope = Scope()
        self.listener: Listener | CallbackListener
        if callbacks:
            self.listener = CallbackListener(world.reactor, door, self._take, shortage=self._tell)
        else:
            self.listener = Listener(world.reactor, door, shortage=self._tell)

    def _take(self, fd: int, address: Address) -> None:
        with socket.socket(fileno=fd) as client:
            self.guests.append((int(client.recv(100)), self._now()))

    def _tell(self, error: OSError | None) -> None:
        text = "works" if error is None else name(error.errno or 0)
        self.told.append((text, self._now()))

    def _now(self) -> float:
        return round(self._world.clock.now, 6)

    def open_until(self, when: float) -> None:
        """Let people in until the clock shows when."""
        if isinstance(self.listener, Listener):
            self._world.run(self._accept, self.listener, when)
        else:
            self._world.run_until(when)

    async def _accept(self, listener: Listener, when: float) -> None:
        with Scope(when - self._world.clock.now):
            while True:
                connection = await listener.accept()
                self._take(os.dup(connection.fileno()), connection.peer)
                connection.close()


OpenHouse = Callable[[socket.socket], House]


@pytest.fixture(params=["tasks", "callbacks"])
def open_house(request: pytest.FixtureRequest, world: World) -> Iterator[OpenHouse]:
    """Makes a house with a listener of either kind, which is closed afterwards."""
    houses: list[House] = []

    def make(door: socket.socket) -> House:
        houses.append(House(world, door, callbacks=request.param == "callbacks"))
        return houses[-1]

    yield make
    for house in houses:
        house.listener.close()


@pytest.mark.parametrize("code", GONE_AGAIN, ids=name)
def test_a_client_who_is_gone_again_is_passed_over_in_silence(
    door: socket.socket, open_house: OpenHouse, code: int
) -> None:
    played = Played(door, [code, code])
    clients = knock(played, 2)
    house = open_house(played)

    house.open_until(1)

    assert house.guests == [(0, 0), (1, 0)]
    assert house.told == []
    close_all(clients)


@pytest.mark.parametrize("code", SHORTAGES + UNHEARD_OF, ids=name)
def test_a_shortage_pauses_accepting_and_is_told_once_and_its_end_too(
    door: socket.socket, open_house: OpenHouse, code: int
) -> None:
    played = Played(door, [code] * 5)
    clients = knock(played, 3)
    house = open_house(played)

    house.open_until(2)

    after = 5 * PAUSE
    assert house.told == [(name(code), 0), ("works", after)]
    assert house.guests == [(0, after), (1, after), (2, after)]
    close_all(clients)


def test_each_shortage_is_told(door: socket.socket, open_house: OpenHouse) -> None:
    played = Played(door, [errno.EMFILE])
    clients = knock(played)
    house = open_house(played)
    house.open_until(1)
    played.failures = [errno.ENFILE]
    clients += knock(played)
    house.open_until(2)

    assert [text for text, _ in house.told] == ["EMFILE", "works", "ENFILE", "works"]
    assert [number for number, _ in house.guests] == [0, 0]
    close_all(clients)


def test_a_shortage_that_ends_when_nobody_is_left_to_accept_is_told_to_be_over(
    door: socket.socket, open_house: OpenHouse
) -> None:
    played = Played(door, [errno.EMFILE, errno.EAGAIN])
    clients = knock(played)
    house = open_house(played)

    house.open_until(1)

    assert [text for text, _ in house.told] == ["EMFILE", "works"]
    assert [number for number, _ in house.guests] == [0]
    close_all(clients)


def test_while_a_shortage_lasts_it_is_tried_ten_times_a_second(
    door: socket.socket, open_house: OpenHouse, turns: Turns
) -> None:
    played = Played(door, [])
    played.always = errno.EMFILE
    clients = knock(played)
    house = open_house(played)

    house.open_until(10)

    assert 95 <= played.asked <= 101
    assert turns.count < 400
    assert house.told == [("EMFILE", 0)]
    close_all(clients)


def test_when_every_client_is_gone_again_for_ever_it_does_not_spin(
    door: socket.socket, open_house: OpenHouse, turns: Turns
) -> None:
    played = Played(door, [])
    played.always = errno.ECONNABORTED
    clients = knock(played)
    house = open_house(played)

    house.open_until(10)
    assert house.told == [("ECONNABORTED", 0)]
    assert played.asked <= 65 * 101, "a burst, then a pause"
    assert turns.count < 400

    played.always = 0
    house.open_until(11)
    assert [number for number, _ in house.guests] == [0]
    assert [text for text, _ in house.told] == ["ECONNABORTED", "works"]
    close_all(clients)


def test_a_burst_of_clients_who_are_gone_again_is_no_shortage_if_one_stays(
    door: socket.socket, open_house: OpenHouse
) -> None:
    played = Played(door, [errno.ECONNABORTED] * 64)
    clients = knock(played)
    house = open_house(played)

    house.open_until(1)

    assert house.guests == [(0, 0)]
    assert house.told == []
    close_all(clients)


def test_clients_gone_again_are_counted_anew_after_each_who_stays(
    door: socket.socket, open_house: OpenHouse
) -> None:
    played = Played(door, [*[errno.EPROTO] * 60, 0, *[errno.EPROTO] * 60, 0, *[errno.EPROTO] * 60])
    clients = knock(played, 3)
    house = open_house(played)

    house.open_until(1)

    assert [number for number, _ in house.guests] == [0, 1, 2]
    assert house.told == []
    close_all(clients)


def test_those_who_are_in_are_served_while_accepting_pauses(
    world: World, door: socket.socket
) -> None:
    played = Played(door, [])
    (client,) = knock(played)

    async def main() -> list[bytes]:
        with Listener(world.reactor, played, shortage=lambda error: None) as listener:
            with await listener.accept() as connection:
                heard = [await connection.receive()]
                played.always = errno.EMFILE
                late = knock(played)
                async with TaskGroup() as group:
                    group.spawn(listener.accept)
                    for number in range(5):
                        client.send(b"still here")
                        world.reactor.call_later(number, lambda: None)
                        heard.append(await connection.receive())
                    group.cancel()
                close_all(late)
        return heard

    assert world.run(main) == [b"0", *[b"still here"] * 5]
    client.close()


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
    door: socket.socket, callbacks: bool
) -> None:
    poller = Crowded()
    with World(poller) as world:
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


def test_a_poller_without_room_for_it_at_first_is_told(door: socket.socket) -> None:
    poller = Crowded()
    clients: list[socket.socket] = []
    with World(poller) as world:
        poller.refusal = OSError(errno.ENOSPC, "")
        house = House(world, door, callbacks=False)
        world.reactor.call_at(0.55, lambda: clients.extend(knock(door)))
        world.reactor.call_at(0.95, lambda: setattr(poller, "refusal", None))

        house.open_until(2)

        assert house.told == [("ENOSPC", 0), ("works", 1)]
        assert house.guests == [(0, 1)]
        house.listener.close()
    close_all(clients)
