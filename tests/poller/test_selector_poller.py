"""SelectorPoller: any selector of the standard library behind the four hooks."""

from __future__ import annotations

import errno
import os
import selectors
import socket
from typing import NoReturn

import pytest

from reactor.poller import INVALID, READ, WRITE, SelectorPoller
from tests.pollers import Pair


class Broken(selectors.SelectSelector):
    """A selector whose wait fails, and not for a closed descriptor."""

    def select(self, timeout: float | None = None) -> NoReturn:
        raise OSError(errno.ENOMEM, "no memory")


def test_a_closed_descriptor_that_spoils_select_is_told_once_as_invalid_and_dropped(
    pair: Pair,
) -> None:
    near, _ = pair
    fd = near.fileno()
    other, peer = socket.socketpair()
    with other, peer, SelectorPoller(selectors.SelectSelector()) as poller:
        poller.add(other.fileno(), WRITE)
        poller.add(fd, READ | WRITE)
        near.close()

        assert poller.wait(None) == [(fd, INVALID)]
        assert poller.wait(None) == [(other.fileno(), WRITE)]
        poller.drop(fd, READ | WRITE)  # known to nobody by now, and no error
        assert poller.wait(None) == [(other.fileno(), WRITE)]


def test_a_closed_descriptor_is_ready_each_time_where_the_selector_does_not_raise(
    pair: Pair,
) -> None:
    near, _ = pair
    fd = near.fileno()
    with SelectorPoller(selectors.PollSelector()) as poller:
        poller.add(fd, READ | WRITE)
        near.close()

        assert poller.wait(0) == poller.wait(0) == [(fd, READ | WRITE)]
        poller.drop(fd, READ | WRITE)
        assert poller.wait(0) == []


def test_another_error_of_the_selector_is_raised() -> None:
    with SelectorPoller(Broken()) as poller:
        with pytest.raises(OSError, match="no memory"):
            poller.wait(0)


def test_the_selector_belongs_to_the_poller_and_is_closed_with_it(pair: Pair) -> None:
    selector = selectors.DefaultSelector()
    selector.register(pair[0], selectors.EVENT_READ)
    SelectorPoller(selector).close()

    with pytest.raises(RuntimeError):
        selector.get_key(pair[0])


def test_what_the_selector_refuses_is_not_registered(pair: Pair) -> None:
    near, _ = pair
    selector = selectors.DefaultSelector()
    selector.register(near, selectors.EVENT_READ)
    with SelectorPoller(selector) as poller:
        with pytest.raises(KeyError):
            poller.register(near, WRITE)
        assert near not in poller.get_map()
        os.fstat(near.fileno())
