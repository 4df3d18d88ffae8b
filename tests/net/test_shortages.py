"""What goes wrong at accept: one client's affair, or a shortage, which passes."""

from __future__ import annotations

import errno
import socket

import pytest

from tests.net.conftest import OpenHouse, Turns
from tests.net.peers import close_all, knock
from tests.net.played_door import Played, name

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
SHORTAGES = [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ENOSPC]
UNHEARD_OF = [errno.EIO]


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
    assert 65 * 95 <= played.asked <= 65 * 101, "a burst, then a pause"
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
