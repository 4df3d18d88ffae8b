"""Connecting in callbacks: a channel to a host or to a Unix socket, or an error, is told later.

Law of this file: the way there is that of connecting.py, by a task of its own, so there is one
Happy Eyeballs. A channel is made in the very step in which its socket is reached: whoever calls it
off before that gets none, also when the answer is on its way already, and no socket is left behind.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from reactor.loop import Reactor
from reactor.tasks import Operation, Scope, Steps, coroutine, current_task, spawn_in, wait

from .channel import Channel
from .connecting import Attempt, Resolver, reach
from .names import resolve
from .sockets import Address, refuse_port
from .unix import UnixPath, reach_unix, unix_address

MakeChannel: TypeAlias = Callable[[Reactor, int, Address], Channel]
"""What makes a channel, and owns the descriptor from then on: a class derived from Channel, or a
functools.partial of one.
"""


def connect_channel(
    reactor: Reactor,
    host: str,
    port: int,
    make: MakeChannel,
    failed: Callable[[Exception], object],
    *,
    seconds: float | None = None,
    local: tuple[str, int] | None = None,
    resolver: Resolver = resolve,
    attempt: Attempt | None = None,
) -> Scope:
    """Connect to a TCP port of host as connect does, and call make(reactor, fd, address) once that
    is done, or failed(error) with what connect raises.

    Either is called in a later turn. cancel() on what this returns calls it off: neither is called
    then. What make and failed raise goes to the reactor's on_error. Raises ValueError for a port
    that cannot be.
    """
    refuse_port(port)
    to_host = partial(
        reach, host, port, seconds=seconds, local=local, resolver=resolver, attempt=attempt
    )
    return spawn_in(reactor, _connect, reactor, to_host, make, failed)


def connect_unix_channel(
    reactor: Reactor, path: UnixPath, make: MakeChannel, failed: Callable[[Exception], object]
) -> Scope:
    """Connect to who listens at path as connect_unix does, and go on as connect_channel."""
    to_path = partial(reach_unix, unix_address(path))
    return spawn_in(reactor, _connect, reactor, to_path, make, failed)


@coroutine
def _connect(
    reactor: Reactor,
    way: Callable[[], Operation[tuple[Address, socket.socket]]],
    make: MakeChannel,
    failed: Callable[[Exception], object],
) -> Steps[None]:
    scope = current_task().scope
    try:
        address, sock = yield from wait(way())
    except Exception as error:
        if not scope.cancelling:
            failed(error)
        return
    _hand_over(sock, partial(make, reactor), address, called_off=scope.cancelling)


def _hand_over(
    sock: socket.socket,
    make: Callable[[int, Address], object],
    address: Address,
    *,
    called_off: bool,
) -> None:
    if called_off:
        sock.close()
    else:
        make(sock.detach(), address)
