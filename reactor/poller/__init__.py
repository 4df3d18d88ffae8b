"""Floor 0, pollers: select, poll, epoll and kqueue behind one face and four hooks.

Read mechanism.py, then one of them: epoll_poller.py shows most, poll_poller.py least.
"""

from __future__ import annotations

from .base import Poller
from .choice import default_poller, poller_named
from .epoll_poller import EpollPoller
from .kqueue_poller import KqueuePoller
from .mechanism import INVALID, LONGEST, READ, WRITE, Mechanism, bounded, fd_of
from .poll_poller import PollPoller
from .select_poller import FD_SETSIZE, SelectPoller, is_open
from .selector_poller import SelectorPoller

__all__ = [
    "FD_SETSIZE",
    "INVALID",
    "LONGEST",
    "READ",
    "WRITE",
    "EpollPoller",
    "KqueuePoller",
    "Mechanism",
    "PollPoller",
    "Poller",
    "SelectPoller",
    "SelectorPoller",
    "bounded",
    "default_poller",
    "fd_of",
    "is_open",
    "poller_named",
]
