"""SelectPoller: what does not fit is refused at the door, what was closed is told once."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
from collections.abc import Iterator
from typing import NoReturn

import pytest

from reactor.poller import FD_SETSIZE, INVALID, READ, WRITE, Poller, SelectPoller
from tests.pollers import MakePoller, Pair, each_poller


@pytest.fixture
def beyond(pair: Pair, high_numbers: None) -> Iterator[int]:
    """The number of a writable socket, the first that does not fit into select's set."""
    number = fcntl.fcntl(pair[0], fcntl.F_DUPFD_CLOEXEC, FD_SETSIZE)
    yield number
    os.close(number)


def test_the_set_has_room_for_1024() -> None:
    assert FD_SETSIZE == 1024


def test_a_number_that_does_not_fit_is_refused_and_said_why(beyond: int) -> None:
    poller = SelectPoller()
    with pytest.raises(
        OSError,
        match=rf"fd {beyond} does not fit into select's set, which ends at 1023; use PollPoller",
    ) as caught:
        poller.register(beyond, READ)

    assert caught.value.errno == errno.EMFILE
    assert beyond not in poller.get_map()
    assert poller.wait(0) == []


def test_the_last_number_that_fits_is_watched(pair: Pair, high_numbers: None) -> None:
    number = fcntl.fcntl(pair[0], fcntl.F_DUPFD_CLOEXEC, FD_SETSIZE - 1)
    poller = SelectPoller()
    poller.add(number, WRITE)

    assert poller.wait(0) == [(number, WRITE)]
    os.close(number)


@each_poller
def test_every_other_poller_takes_any_number(make_poller: MakePoller, beyond: int) -> None:
    if make_poller is SelectPoller:
        return
    with make_poller() as poller:
        key = poller.register(beyond, WRITE)
        assert poller.select(0) == [(key, WRITE)]


@pytest.mark.parametrize("events", [READ, WRITE, READ | WRITE])
def test_a_closed_descriptor_is_told_once_as_invalid_and_dropped(pair: Pair, events: int) -> None:
    near, _ = pair
    fd = near.fileno()
    other, peer = socket.socketpair()
    with other, peer:
        poller = SelectPoller()
        poller.add(other.fileno(), WRITE)
        poller.add(fd, events)
        near.close()

        assert poller.wait(None) == [(fd, INVALID)]
        assert poller.wait(None) == [(other.fileno(), WRITE)]


def test_all_that_were_closed_are_told_at_once(pair: Pair) -> None:
    poller = SelectPoller()
    numbers = [end.fileno() for end in pair]
    poller.add(numbers[1], WRITE)
    poller.add(numbers[0], READ)
    for end in pair:
        end.close()

    assert sorted(poller.wait(None)) == sorted((fd, INVALID) for fd in numbers)
    assert poller.wait(0) == []


def test_the_face_tells_a_closed_descriptor_once_as_ready_for_what_was_asked(pair: Pair) -> None:
    near, _ = pair
    poller = SelectPoller()
    key = poller.register(near, WRITE)
    near.close()

    assert poller.select(None) == [(key, WRITE)]
    assert poller.select(0) == []
    assert poller.unregister(near) is key


def test_answers_come_in_order_of_arrival(pair: Pair) -> None:
    near, _ = pair
    poller = SelectPoller()
    copies = [os.dup(near.fileno()) for _ in range(20)]
    arrivals = copies[10:] + copies[:10]
    for fd in arrivals:
        poller.add(fd, WRITE)

    assert [fd for fd, _ in poller.wait(0)] == arrivals
    for fd in copies:
        os.close(fd)


def test_another_error_of_select_is_raised(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise OSError(errno.ENOMEM, "no memory")

    poller: Poller = SelectPoller()
    poller.add(pair[0].fileno(), WRITE)
    monkeypatch.setattr(select, "select", refuse)
    with pytest.raises(OSError, match="no memory"):
        poller.wait(0)
    monkeypatch.undo()

    assert poller.wait(0) == [(pair[0].fileno(), WRITE)]
