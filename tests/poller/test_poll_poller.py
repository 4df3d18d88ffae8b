"""PollPoller: a closed descriptor is told until it is dropped; poll counts milliseconds."""

from __future__ import annotations

import errno
import os
import select

import pytest

from reactor.poller import INVALID, READ, WRITE, PollPoller
from tests.poller.scripted import ScriptedPoll
from tests.pollers import Pair


def test_where_there_is_no_poll_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "poll", raising=False)
    with pytest.raises(
        OSError, match=r"\] this system has no poll; use default_poller\(\)$"
    ) as raised:
        PollPoller()
    assert raised.value.errno == errno.ENOSYS


def test_poll_is_told_milliseconds() -> None:
    kernel = ScriptedPoll()
    poller = PollPoller(lambda: kernel)
    for timeout in (None, 0.0, 0.25, 86_400.0):
        poller.wait(timeout)

    assert kernel.asked == [None, 0.0, 250.0, 86_400_000.0]


@pytest.mark.parametrize("events", [READ, WRITE, READ | WRITE])
def test_a_closed_descriptor_is_told_until_it_is_dropped(pair: Pair, events: int) -> None:
    near, far = pair
    fd = near.fileno()
    poller = PollPoller()
    poller.add(fd, events)
    poller.add(far.fileno(), READ)
    near.close()

    for _ in range(3):
        told = dict(poller.wait(0))
        assert told[fd] == INVALID
        assert far.fileno() in told
    poller.drop(fd, events)
    assert [found for found, _ in poller.wait(0)] == [far.fileno()]


def test_the_face_tells_a_closed_descriptor_as_ready_for_what_was_asked(pair: Pair) -> None:
    near, _ = pair
    poller = PollPoller()
    key = poller.register(near, WRITE)
    near.close()

    assert poller.select(None) == poller.select(None) == [(key, WRITE)]


def test_invalid_is_what_poll_says() -> None:
    assert INVALID == select.POLLNVAL


def test_a_regular_file_is_always_ready(tmp_path: os.PathLike[str]) -> None:
    with open(os.path.join(tmp_path, "file"), "w+b") as file:
        poller = PollPoller()
        key = poller.register(file, READ | WRITE)
        assert poller.select(None) == [(key, READ | WRITE)]
