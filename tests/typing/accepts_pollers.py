"""Pollers under strict mypy: they are selectors, and mechanisms, and so is one's own."""

from __future__ import annotations

import asyncio
import select
import socket
import sys
from collections.abc import Mapping
from selectors import BaseSelector, DefaultSelector, SelectorKey
from typing import TYPE_CHECKING, assert_type

from reactor.poller import (
    FD_SETSIZE,
    INVALID,
    LONGEST,
    READ,
    WRITE,
    EpollPoller,
    KqueuePoller,
    Mechanism,
    Poller,
    PollPoller,
    SelectorPoller,
    SelectPoller,
    bounded,
    default_poller,
    fd_of,
    is_open,
    poller_named,
)

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

loops = [
    asyncio.SelectorEventLoop(EpollPoller()),
    asyncio.SelectorEventLoop(KqueuePoller()),
    asyncio.SelectorEventLoop(PollPoller()),
    asyncio.SelectorEventLoop(SelectPoller()),
    asyncio.SelectorEventLoop(SelectorPoller(DefaultSelector())),
    asyncio.SelectorEventLoop(default_poller()),
]

selectors: list[BaseSelector] = [EpollPoller(), default_poller()]

mechanisms: list[Mechanism] = [EpollPoller(), KqueuePoller(), SelectorPoller(EpollPoller())]

PollPoller(select.poll)
if sys.platform == "linux":
    EpollPoller(select.epoll)
if sys.platform == "darwin":
    KqueuePoller(select)


def use_the_face(sock: socket.socket) -> None:
    """What comes back is what `selectors` says."""
    with EpollPoller() as poller:
        assert_type(poller, EpollPoller)
        assert_type(poller.register(sock, READ | WRITE, data=object()), SelectorKey)
        assert_type(poller.register(sock.fileno(), READ), SelectorKey)
        assert_type(poller.select(), list[tuple[SelectorKey, int]])
        assert_type(poller.select(1), list[tuple[SelectorKey, int]])
        assert_type(poller.get_map(), Mapping[FileDescriptorLike, SelectorKey])
        assert_type(poller.get_map()[sock], SelectorKey)


def use_the_hooks(mechanism: Mechanism, sock: socket.socket) -> list[int]:
    """What a reactor does with a mechanism."""
    mechanism.add(fd_of(sock), READ)
    return [fd for fd, mask in mechanism.wait(bounded(1e9)) if mask & mechanism.readable]


def use_what_is_beside_them(mask: int, timeout: float | None) -> bool:
    assert_type(poller_named("poll"), Poller)
    assert_type(bounded(timeout), float | None)
    assert_type(LONGEST + 1, float)
    return is_open(FD_SETSIZE) and bool(mask & INVALID)


class Silent:
    """A mechanism of one's own need not derive from anything."""

    readable = READ
    writable = WRITE

    def add(self, fd: int, events: int) -> None: ...
    def change(self, fd: int, old: int, new: int) -> None: ...
    def drop(self, fd: int, events: int) -> None: ...
    def close(self) -> None: ...

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        return []


class SilentPoller(Poller):
    """One that derives from Poller has the face as well."""

    def add(self, fd: int, events: int) -> None: ...
    def change(self, fd: int, old: int, new: int) -> None: ...
    def drop(self, fd: int, events: int) -> None: ...

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        return []


own: list[Mechanism] = [Silent(), SilentPoller()]
own_selector: BaseSelector = SilentPoller()
