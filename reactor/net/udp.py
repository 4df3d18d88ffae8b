"""UDP: a datagram socket for the first address of a host that works.

Law of this file: nothing is sent to find that out. That there is a way to an address is all that is
known; whether somebody is there, the first datagram tells.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from reactor.tasks import Steps, breathe, coroutine, current_task, wait

from .connecting import Resolver
from .datagrams import DatagramSocket
from .names import InternetAddress, Place, refuse_name, resolve
from .sockets import anywhere, bind, refuse_port

_BREATH: Final = breathe()


@coroutine
def bind_udp(host: str | None, port: int, *, resolver: Resolver = resolve) -> Steps[DatagramSocket]:
    """Return a UDP socket on the first address of host that works; port 0 takes a free one.

    None and "" mean all interfaces, for IPv4 and IPv6 alike, as for listen. Raises gaierror if
    host is not found, OSError: of the first address, if none works; ValueError for a port that
    cannot be. An address needs no wait. Cancelled: at once.
    """
    refuse_port(port)
    yield _BREATH
    places = (yield from wait(resolver(host, port))) if host else [Place(*anywhere(port))]
    where = f"{host or 'all interfaces'} port {port}"
    return _first_that_works(places, where, partial(bind, both=not host))


@coroutine
def connect_udp(host: str, port: int, *, resolver: Resolver = resolve) -> Steps[DatagramSocket]:
    """Return a UDP socket that sends to the first address of host to which there is a way, and
    receives from there alone.

    Nothing is sent, so nobody needs to be there. Raises as bind_udp does. Cancelled: at once.
    """
    refuse_port(port)
    places = yield from wait(resolver(host, port))
    return _first_that_works(places, f"{host} port {port}", socket.socket.connect)


def _first_that_works(
    places: Sequence[Place],
    where: str,
    set_up: Callable[[socket.socket, InternetAddress], None],
) -> DatagramSocket:
    reactor = current_task().reactor
    errors: list[OSError] = []
    for place in places:
        refuse_name(*place)
        try:
            sock = socket.socket(place.family, socket.SOCK_DGRAM)
            try:
                set_up(sock, place.address)
                return DatagramSocket(reactor, sock)
            except BaseException:
                sock.close()
                raise
        except OSError as error:
            errors.append(OSError(error.errno, error.strerror, where))
    raise errors[0] if errors else OSError(f"no address is known of {where}; give another host")
