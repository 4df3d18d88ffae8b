"""Names: which addresses a host has.

Law of this file: a look-up takes as long as some server far away likes, so it happens in a thread,
and never in the loop; what is an address already needs none. Nothing is kept: the system's resolver
knows for how long an answer holds, and we do not.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any, Final, NamedTuple, TypeAlias

from reactor.tasks import Steps, breathe, coroutine
from reactor.workers import in_thread

from .sockets import Address, refuse_port

_BREATH: Final = breathe()

InternetAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int]
"""What IPv4 and IPv6 sockets take: (host, port), with flow info and scope id for IPv6. The host is
an address, not a name.
"""


class Place(NamedTuple):
    """Where somebody can be reached: an address, and of which family it is."""

    family: socket.AddressFamily
    address: InternetAddress


@coroutine
def resolve(host: str, port: int) -> Steps[list[Place]]:
    """Look host up, and return its addresses with that port, the one to try first first.

    That is getaddrinfo (man 3 getaddrinfo) in a thread of the reactor's pool, so the order is that
    of RFC 6724. An address needs no thread, and comes without a wait. Raises gaierror if nobody has
    that name, or nobody can be asked; OSError if no descriptor is left to ask with; ValueError for
    a port that cannot be. Cancelled: at once, and the thread is left to its end.
    """
    refuse_port(port)
    yield _BREATH
    place = literal(host, port)
    if place is not None:
        return [place]
    answer = yield from in_thread(_look_up, host, port, cancellable=True)
    if isinstance(answer, socket.gaierror):
        raise socket.gaierror(answer.errno, f"{answer.strerror}: {host!r}; give another host")
    if isinstance(answer, OSError):
        raise OSError(answer.errno, f"{answer.strerror}: {host!r} cannot be looked up")
    return answer


def _look_up(host: str, port: int) -> list[Place] | OSError:
    """Ask the system. An error is an answer: when the task has left, nobody wants to hear of it."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)  # or each comes three times
    except socket.gaierror as error:
        return _shortage() or error
    except UnicodeError:  # a label is empty, or longer than DNS can say
        return socket.gaierror(socket.EAI_NONAME, "No host can have this name")
    return [_place(*info) for info in found]


def _shortage() -> OSError | None:
    """Return why no file can be opened, if that is so. Then the system could not read its own, and
    says that nobody has the name, which sounds as if it were for good.
    """
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error
    return None


def _place(family: socket.AddressFamily, *rest: Any) -> Place:
    return Place(family, rest[-1])


def literal(host: str, port: int) -> Place | None:
    """Return the place that host, an address, means; None if it is none. It does not wait.

    Raises gaierror for what can be neither address nor name.
    """
    if not host or "\0" in host:  # the system would read up to the NUL, and take it for an address
        raise socket.gaierror(socket.EAI_NONAME, f"No host can have this name: {host!r}")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (socket.gaierror, UnicodeError):
        return None
    return _place(*found[0])


def refuse_name(family: int, address: Address) -> None:
    """Raise ValueError if an internet address has a name for a host, or for its zone: the socket
    would look it up, and hold the loop.
    """
    if isinstance(address, tuple) and family in (socket.AF_INET, socket.AF_INET6):
        host = address[0]
        try:
            socket.inet_pton(family, host)
        except OSError:
            raise ValueError(
                f"{host!r} is no address of {socket.AddressFamily(family).name}; resolve it first"
            ) from None


def interleaved(places: Iterable[Place]) -> list[Place]:
    """Return places, each once, with the families by turns (RFC 8305, section 4).

    So a host whose IPv6 does not work costs one delay, not one for each of its addresses.
    """
    lines: dict[socket.AddressFamily, list[Place]] = {}
    for place in dict.fromkeys(places):
        lines.setdefault(place.family, []).append(place)
    rows = zip_longest(*lines.values())
    return [place for row in rows for place in row if place is not None]
