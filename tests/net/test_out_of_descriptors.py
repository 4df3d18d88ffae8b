"""Out of descriptors: what needs one says so, and leaves nothing behind; the rest goes on."""

from __future__ import annotations

import encodings.idna  # noqa: F401 - or the first look-up of all would need a descriptor to load it
import errno
import os
import resource
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeAlias

import pytest

from reactor import Operation, Reactor, wait
from reactor.net import bind_udp, connect, connect_unix, listen, listen_unix, resolve, stream_pair
from reactor.process import in_process, run_process
from reactor.tasks import run_in
from reactor.workers import in_thread

pytestmark = pytest.mark.once


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Take all that there are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = [os.open(os.devnull, os.O_RDONLY)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken[0] + 20, hard))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for fd in taken:
            os.close(fd)


async def pair() -> object:
    return stream_pair()


async def door() -> object:
    return listen("127.0.0.1", 0)


async def unix_door() -> object:
    return listen_unix("/no/such/door")


Way: TypeAlias = Callable[[], Operation[object] | Coroutine[Any, Any, object]]

# What needs a descriptor, and what its error has to name.
WAYS: Final[dict[str, tuple[Way, str]]] = {
    "connect": (lambda: connect("127.0.0.1", 9), "'127.0.0.1' port 9"),
    "connect by name": (lambda: connect("host.example", 9), "'host.example'"),
    "connect_unix": (lambda: connect_unix("/no/such/door"), "'/no/such/door'"),
    "listen_unix": (unix_door, "'/no/such/door'"),
    "bind_udp": (lambda: bind_udp("127.0.0.1", 0), "127.0.0.1 port 0"),
    "listen": (door, "127.0.0.1 port 0"),
    "stream_pair": (pair, "pair of connections"),
    "resolve": (lambda: resolve("host.example", 9), "'host.example'"),
    "run_process": (lambda: run_process("true"), "'true'"),
    "in_process": (lambda: in_process(len, "abc"), "process for len"),
}


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the system answer look-ups of names as one does that could not open its files."""
    ask = socket.getaddrinfo

    def nobody_has_it(host: str, port: int, **hints: int) -> object:
        if "flags" in hints:
            return ask(host, port, **hints)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody_has_it)


@pytest.mark.usefixtures("played")
@pytest.mark.parametrize("way", WAYS)
def test_what_needs_a_descriptor_says_that_there_is_none(way: str, real: Reactor) -> None:
    async def main() -> OSError:
        with no_descriptor_left(), pytest.raises(OSError, match="Too many open files") as caught:
            await wait(make())
        return caught.value

    make, named = WAYS[way]
    error = run_in(real, main)

    assert (error.errno, isinstance(error, socket.gaierror)) == (errno.EMFILE, False)
    assert named in str(error)


def test_who_is_connected_and_the_threads_go_on(real: Reactor) -> None:
    async def main() -> tuple[bytes, int]:
        near, far = stream_pair()
        with near, far, no_descriptor_left():
            await near.send_all(b"still here")
            return await far.receive(), await in_thread(len, "abc")

    assert run_in(real, main) == (b"still here", 3)
