"""Choosing a poller: the only place that knows what each platform has, and what it is called."""

from __future__ import annotations

import select
from collections.abc import Callable
from typing import Final

from .base import Poller
from .epoll_poller import EpollPoller
from .kqueue_poller import KqueuePoller
from .poll_poller import PollPoller
from .select_poller import SelectPoller

_BY_NAME: Final[dict[str, Callable[[], Poller]]] = {
    "select": SelectPoller,
    "poll": PollPoller,
    "epoll": EpollPoller,
    "kqueue": KqueuePoller,
}


def poller_named(name: str) -> Poller:
    """Return a new poller on the mechanism of that name: select, poll, epoll or kqueue.

    Raises ValueError for another name, OSError where this system lacks it.
    """
    if name not in _BY_NAME:
        raise ValueError(f"no poller is called {name!r}; give one of {', '.join(_BY_NAME)}")
    return _BY_NAME[name]()


def default_poller() -> Poller:
    """Return a new poller on the best mechanism here: epoll or kqueue, else poll, else select."""
    for name in ("epoll", "kqueue", "poll"):
        if hasattr(select, name):
            return poller_named(name)
    return SelectPoller()
