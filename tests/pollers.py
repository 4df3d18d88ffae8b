"""Every poller there is, by name: what holds for one must hold for all.

Law of this file: a test of a floor above that depends on the poller runs over all of EVERY_POLLER.
Where the system has no kqueue, its poller runs on a stand-in (tests/poller/kqueue_standin.py says
what that proves); where it has no epoll, epoll is left out.

    @each_poller
    def test_a_byte_wakes_its_reader(make_poller: MakePoller) -> None: ...
"""

from __future__ import annotations

import select
import selectors
import socket
from collections.abc import Callable
from typing import Final

import pytest

from reactor.poller import (
    EpollPoller,
    KqueuePoller,
    Poller,
    PollPoller,
    SelectorPoller,
    SelectPoller,
)
from tests.poller.kqueue_standin import KqueueStandIn

MakePoller = Callable[[], Poller]

Pair = tuple[socket.socket, socket.socket]
"""Two sockets that talk to each other."""


def kqueue_poller() -> KqueuePoller:
    """Return a poller on the system's kqueue, or on the stand-in where it has none."""
    return KqueuePoller() if hasattr(select, "kqueue") else KqueuePoller(KqueueStandIn())


def adapter() -> SelectorPoller:
    """Return the standard library's default selector as a poller."""
    return SelectorPoller(selectors.DefaultSelector())


_EPOLL: Final[tuple[tuple[str, MakePoller], ...]] = (
    (("epoll", EpollPoller),) if hasattr(select, "epoll") else ()
)

EVERY_POLLER: Final[tuple[tuple[str, MakePoller], ...]] = (
    *_EPOLL,
    ("poll", PollPoller),
    ("select", SelectPoller),
    ("kqueue", kqueue_poller),
    ("adapter", adapter),
)
"""Pairs of a name and what makes a new poller; whoever makes one closes it."""

each_poller: Final = pytest.mark.parametrize(
    "make_poller", [pytest.param(make, id=name) for name, make in EVERY_POLLER]
)
"""Marks a test to run over every poller; its argument `make_poller` makes a new one."""
