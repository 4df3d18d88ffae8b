"""Connecting: to a host, over whichever of its addresses answers first.

Law of this file: one address that is silent costs a quarter of a second, not the minutes after
which the system gives up. Attempts at a host start one after the other, without waiting for the end
of those before (Happy Eyeballs version 2, RFC 8305); the first connection wins, and the others are
closed. Whatever ends the wait, no socket is left behind.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from math import inf
from typing import Final, TypeAlias

from reactor.tasks import (
    Scope,
    Steps,
    TaskGroup,
    WaitQueue,
    breathe,
    coroutine,
    current_task,
    move_on_after,
    sleep,
    wait,
)

from .connection import Connection
from .names import InternetAddress, Place, interleaved, literal, refuse_name, resolve
from .sockets import Address, refuse_port, reset_on_close

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[Place]]]
"""What looks a host up, as resolve does: it is given host and port."""

Attempt: TypeAlias = Callable[[Place], Awaitable[socket.socket]]
"""What connects to one place, as connect_to does; an OSError is its answer if it cannot."""

CONNECTION_ATTEMPT_DELAY: Final = 0.25
"""How long an attempt has for itself before the next one starts, in seconds (RFC 8305, section 5,
which recommends this).
"""

PAUSE_WHEN_FULL: Final = 0.01
"""How long to wait before trying again where a Unix socket has no room, in seconds: it tells nobody
when it has.
"""

_BREATH: Final = breathe()


@coroutine
def connect(
    host: str,
    port: int,
    *,
    seconds: float | None = None,
    local: tuple[str, int] | None = None,
    idle_seconds: float | None = None,
    resolver: Resolver = resolve,
    attempt: Attempt | None = None,
) -> Steps[Connection]:
    """Connect to a TCP port of host, and return the connection, with TCP_NODELAY and that idle
    limit.

    The addresses that resolver finds are tried by turns of their families; an attempt starts 250 ms
    after the one before, or at once when one fails. local is the address and the port to connect
    from, and only addresses of its family are tried; port 0 takes a free one. attempt connects to
    one place, connect_to unless given.

    Raises gaierror if host is not found; TimeoutError when seconds have passed, the look-up
    included; else OSError, which says what each address answered. Its class and errno are theirs if
    all answered alike, and its cause is an ExceptionGroup of what they raised. Raises ValueError
    for a port that cannot be, for a local host that is no address, and as Connection does.
    Cancelled: at once, and everything is closed.
    """
    address, sock = yield from reach(
        host, port, seconds=seconds, local=local, resolver=resolver, attempt=attempt
    )
    return Connection(current_task().reactor, sock, address, idle_seconds=idle_seconds)


@coroutine
def reach(
    host: str,
    port: int,
    *,
    seconds: float | None,
    local: tuple[str, int] | None,
    resolver: Resolver,
    attempt: Attempt | None,
) -> Steps[tuple[Address, socket.socket]]:
    """Connect as connect does, and return the address that was reached, and the socket."""
    refuse_port(port)
    mine = None if local is None else _local(*local)
    if attempt is None:
        attempt = partial(connect_to, local=mine)
    race = _Race(attempt)
    with Scope(inf if seconds is None else seconds) as scope:
        found = yield from wait(resolver(host, port))
        places = [place for place in found if mine is None or place.family == mine.family]
        yield from race.run(interleaved(places))
    if race.won is None:
        raise race.failure(f"{host!r} port {port}", scope if scope.cancelled_caught else None)
    place, sock = race.won
    return place.address, sock


def _local(host: str, port: int) -> Place:
    refuse_port(port)
    place = literal(host, port)
    if place is None:
        raise ValueError(f"{host!r} is no address to connect from; give one of this machine's")
    return place


class _Race:
    """The attempts at one host. won is the place that was reached, with its socket."""

    __slots__ = ("_answers", "_attempt", "_failed", "_group", "won")

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._answers: dict[Place, OSError | None] = {}  # of each that was begun
        self._failed: WaitQueue[None] = WaitQueue()
        self._group = TaskGroup()
        self.won: tuple[Place, socket.socket] | None = None

    @coroutine
    def run(self, places: list[Place]) -> Steps[None]:
        """Try places until one is reached or all have failed."""
        try:
            yield from self._group.run(self._begin_all, places)
            if self.won is None:
                yield _BREATH  # attempts that were cancelled, and ended first, have not failed
        except BaseException:
            if self.won is not None:
                self.won[1].close()
            raise

    @coroutine
    def _begin_all(self, places: list[Place]) -> Steps[None]:
        for place in places:
            self._answers[place] = None
            self._group.spawn(self._try, place)
            with move_on_after(CONNECTION_ATTEMPT_DELAY):
                yield self._failed

    @coroutine
    def _try(self, place: Place) -> Steps[None]:
        try:
            sock = yield from wait(self._attempt(place))
        except OSError as error:
            self._answers[place] = error
            self._failed.wake_all(None)
            return
        if self.won is not None:  # both in one turn
            sock.close()
            return
        self.won = place, sock
        self._group.cancel()

    def failure(self, where: str, late: Scope | None) -> OSError:
        """Return what to raise: time was up, or all have failed."""
        answers, self._answers = self._answers, {}  # their tracebacks lead here
        errors = [error for error in answers.values() if error is not None]
        told = "; ".join(_told(place, error) for place, error in answers.items())
        within = "" if late is None else f" within {late.seconds:g} seconds"
        text = f"no connection to {where}{within}: {told or 'no address is known'}"
        numbers = {error.errno for error in errors}
        number = errors[0].errno if len(numbers) == 1 else None
        if late is not None:
            failure: OSError = TimeoutError(text)
        else:
            failure = OSError(text) if number is None else OSError(number, text)
        if errors:
            failure.__cause__ = ExceptionGroup(f"what the addresses of {where} answered", errors)
        return failure


def _told(place: Place, error: OSError | None) -> str:
    return f"{place.address[0]}: {'no answer' if error is None else error.strerror or error}"


@coroutine
def connect_to(place: Place, *, local: Place | None = None) -> Steps[socket.socket]:
    """Connect to one place over TCP, from local, and return the socket, non-blocking and with
    TCP_NODELAY.

    Raises as connect_socket does. Cancelled or failed: everything is closed.
    """
    sock = socket.socket(place.family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if local is not None:
            sock.bind(local.address)
        yield from connect_socket(sock, place.address)
    except BaseException:
        sock.close()
        raise
    return sock


@coroutine
def connect_socket(sock: socket.socket, address: InternetAddress | str | bytes) -> Steps[None]:
    """Connect a stream socket of your own, with whatever options it has, to address; it is
    non-blocking from now on, and stays yours.

    Without a wait where the system connects at once, as Unix sockets do. A Unix socket whose
    backlog is full says so to nobody when there is room, so it is tried every hundredth of a second
    (man 2 connect, EAGAIN). Raises OSError as the system does; ConnectionRefusedError too if the
    socket has connected to itself, as can happen on a machine's own ports; ValueError for a name:
    resolve it first. Cancelled or failed: the socket is good for nothing more; close it.
    """
    refuse_name(sock.family, address)
    sock.setblocking(False)
    yield _BREATH
    number = sock.connect_ex(address)
    while number == errno.EAGAIN and sock.family == socket.AF_UNIX:
        yield from sleep(PAUSE_WHEN_FULL)
        number = sock.connect_ex(address)
    if number in (errno.EINPROGRESS, errno.EINTR):  # either way it is under way (POSIX, connect)
        yield from _until_writable(sock)
        number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise OSError(number, os.strerror(number))
    if sock.family != socket.AF_UNIX and sock.getsockname() == sock.getpeername():
        # Nobody listens on this port, and the system has taken the very same to connect from: so
        # both of its packets met, which is a connection (RFC 9293, 3.5). A reset frees the port.
        reset_on_close(sock.fileno())
        raise OSError(errno.ECONNREFUSED, f"{os.strerror(errno.ECONNREFUSED)}: nobody but itself")


def _until_writable(sock: socket.socket) -> Steps[None]:
    """Wait, and leave nothing behind in the reactor: the caller may close the socket."""
    reactor = current_task().reactor
    writable = reactor.writing(sock)
    try:
        yield writable
    finally:
        if writable.fd >= 0:  # else somebody else has forgotten it, and perhaps closed it
            reactor.forget(writable.fd)
