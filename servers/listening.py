"""The listening socket, and room for the descriptors of many clients.

Law of this file: what cannot be had is said in one line that tells what failed, on which address,
and what to do; what would only have been good to have is gone without.
"""

from __future__ import annotations

import contextlib
import errno
import resource
import socket
from typing import Final

DESCRIPTORS: Final = (65_536, 10_240)
"""How many descriptors we ask for; the second figure is all that macOS grants (its OPEN_MAX).

Bounded, for in a container the hard limit may be a thousand million, and programs that a server
might start close all their descriptors one by one.
"""

DESCRIPTORS_OF_SELECT: Final = 1_024
"""FD_SETSIZE: descriptors from this number up cannot be watched with `select` (`man 2 select`)."""

_ADVICE: Final = {
    errno.EADDRINUSE: "stop who has that port, or choose another --port (0 takes any free one)",
    errno.EADDRNOTAVAIL: "give --host an address of this machine",
    errno.EACCES: "only the superuser may have that port; choose a --port of 1024 or more",
}


class CannotListenError(Exception):
    """No listening socket could be had; the text says on which address, why, and what to do."""


def listen(host: str, port: int, backlog: int) -> socket.socket:
    """Return a socket that listens on the first of host's addresses that works.

    host is a name, an IPv4 or an IPv6 address. An IPv6 address means IPv6 only, on every system.
    What the clients' sockets inherit is set too: TCP_NODELAY, so that the second of two replies
    does not wait for the peer to acknowledge the first. Raises CannotListenError.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        advice = "give --host a name or an address of this machine"
        raise CannotListenError(_sentence(host, port, error, advice)) from error
    errors: list[OSError] = []
    for family, kind, protocol, _, address in found:
        try:
            return _bound(socket.socket(family, kind, protocol), address, backlog)
        except OSError as error:
            errors.append(error)
    advice = _ADVICE.get(errors[0].errno or 0, "try another --host or --port")
    raise CannotListenError(_sentence(host, port, errors[0], advice)) from errors[0]


def _bound(sock: socket.socket, address: tuple[object, ...], backlog: int) -> socket.socket:
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(backlog)
    except BaseException:
        sock.close()
        raise
    return sock


def _sentence(host: str, port: int, error: Exception, advice: str) -> str:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot listen on {where}: {reason.lower()}; {advice}"


def make_room_for_descriptors(poller: str | None) -> None:
    """Raise the number of descriptors that we may have as far as is allowed and makes sense.

    With the poller `select` it is at most what select can watch, even if that means to lower it:
    the system then refuses the client that select could not be asked about. Never fails.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (DESCRIPTORS_OF_SELECT,) if poller == "select" else DESCRIPTORS:
        target = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if poller != "select" and (soft == resource.RLIM_INFINITY or soft >= target):
            return
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
            return
