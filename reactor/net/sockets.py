"""Sockets by number: what a connection does to its descriptor.

Law of this file: connections hold numbers, not socket objects, because reading and writing
through an object costs a fifth of a request more; the seldom calls borrow an object for a moment.
A number is kept only by its owner, who forgets it first and closes it then.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
from typing import Any, Final, TypeAlias

from reactor.errors import ReactorError, WrongThreadError
from reactor.loop import Reactor, Side

Address: TypeAlias = tuple[str, int] | tuple[str, int, int, int] | str | bytes | None
"""What accept gives: (host, port) and two more for IPv6, a path for a Unix socket, None if it was
not known any more.
"""

CHUNK = 65_536
"""How much is received at a time at first, unless a limit is given, in bytes.

More makes many an allocator map memory at each call that brings little.
"""

LARGEST = 262_144
"""How much is received at a time, at most, from a peer who fills what is offered, in bytes."""

# Let go again, this has glibc map no memory any more for what is not larger, and give none back
# until twice as much is free (mallopt(3), M_MMAP_THRESHOLD). Else, until something large was let
# go by chance, it maps and unmaps each message of 128 KiB, and the kernel clears the pages one by
# one: an echo of that size costs 4 times as much. For messages that are joined of several receives
# it is larger than what is received at a time: those of 1 MiB cost up to half as much again with
# less.
bytes(16 * LARGEST)

UNSENT = 16 * 1024 * 1024
"""How much a channel keeps for a peer that does not keep up before it refuses more, unless another
limit is given, in bytes.
"""

# Of asm-generic/socket.h and linux/sock_diag.h; the socket module has no name for it.
_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("=9I")

_sendfile: Final[Any] = getattr(os, "sendfile", None)  # some systems have none
_NOT_COPIED: Final = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.ENOTSOCK)


def listen(host: str | None, port: int, *, backlog: int = socket.SOMAXCONN) -> socket.socket:
    """Return a socket that listens on the first address of host that works, with SO_REUSEADDR;
    port 0 takes a free one.

    None and "" mean all interfaces, for IPv4 and IPv6 alike: clients of IPv4 come from addresses
    like ::ffff:192.0.2.1 then. Where a socket cannot do both, it is IPv4 only. An IPv6 address,
    "::" too, means IPv6 only.

    The look-up of a name may block. Raises ValueError for a port that cannot be, OSError: of the
    first address, if none works.
    """
    refuse_port(port)
    found = _listed(host, port) if host else [anywhere(port)]
    errors: list[OSError] = []
    for family, address in found:
        try:
            return _listening(family, address, backlog, both=not host)
        except OSError as error:
            where = f"{host or 'all interfaces'} port {port}"
            errors.append(OSError(error.errno, error.strerror, where))
    raise errors[0]


def _listed(host: str, port: int) -> list[tuple[int, tuple[object, ...]]]:
    kind, flags = socket.SOCK_STREAM, socket.AI_PASSIVE
    infos = socket.getaddrinfo(host, port, type=kind, flags=flags)
    return [(family, address) for family, _, _, _, address in infos]


def _listening(
    family: int, address: tuple[object, ...], backlog: int, *, both: bool
) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # see Acceptor
        bind(sock, address, both=both)
        sock.listen(backlog)
    except BaseException:
        sock.close()
        raise
    return sock


def anywhere(port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Return the family and the address that mean all interfaces: of IPv6, where a socket of it
    takes IPv4 too, else of IPv4.
    """
    if socket.has_dualstack_ipv6():
        return socket.AF_INET6, ("::", port)
    return socket.AF_INET, ("0.0.0.0", port)


def bind(sock: socket.socket, address: tuple[object, ...], *, both: bool) -> None:
    """Bind sock to address; one of IPv6 takes IPv4 too if both. Raises OSError."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not both)
    sock.bind(address)


def refuse_port(port: int) -> None:
    """Raise ValueError for a port that cannot be: a look-up would take the lower 16 bits of it."""
    if not 0 <= port <= 65_535:
        raise ValueError(f"there is no port {port}; give 0 to 65535")


def port_of(address: Address) -> int:
    """Return the port of a TCP address. Raises ValueError for another kind of address."""
    if not isinstance(address, tuple):
        what = f"{address!r} has no port; only addresses of TCP have"
        raise ValueError(what)  # noqa: TRY004 - it is an address, of another family
    return address[1]


def refuse_closed(sock: socket.socket) -> None:
    """Raise ValueError if sock is closed, or has been given away."""
    if sock.fileno() < 0:
        raise ValueError(
            f"{sock!r} is closed, or taken over already: whoever it was given to first owns it; "
            "go on with that one, or give another socket"
        )


def own(reactor: Reactor, sock: socket.socket | int) -> Side:
    """Take over a connected socket, an object or a number, and return its reading side.

    From now on it is non-blocking, and ours to close: also here, if the reactor refuses it. Raises
    ValueError for one that is closed or has an owner already, or that does more with its bytes than
    pass them on.
    """
    if not isinstance(sock, int):
        refuse_closed(sock)
        if type(sock).send is not socket.socket.send:  # an SSLSocket: its bytes would go out plain
            raise ValueError(f"{sock!r} sends in a way of its own; give the plain socket under it")
        sock = sock.detach()
    elif sock < 0:
        raise ValueError(f"{sock} is no descriptor; give the number of a connected socket")
    os.set_blocking(sock, False)
    try:
        return reactor.reading_anew(sock)
    except ReactorError:
        socket.close(sock)
        raise


def larger(size: int) -> int:
    """Return how much to receive at a time from a peer who has filled size bytes."""
    return min(2 * size, LARGEST)


def give_back(reactor: Reactor, fd: int) -> None:
    """Forget a descriptor, then close it, whatever comes of that; in another thread, do nothing.

    socket.close, since close(2) tells of a reset on some systems, when there is nothing to be done.
    """
    try:
        reactor.forget(fd)
    except WrongThreadError:
        raise
    except BaseException:  # an interrupt; nobody would close it any more
        socket.close(fd)
        raise
    socket.close(fd)


def give_back_later(reactor: Reactor, fd: int) -> None:
    """Give back the descriptor of what the garbage collector has found, in the reactor's own time.

    The collector comes in any thread, and in the middle of anything.
    """
    keeper = socket.socket(fileno=fd)  # which closes it, should the reactor not run any more
    try:
        reactor.call_threadsafe(_give_back, reactor, keeper)
    except ReactorError:
        give_back(reactor, keeper.detach())


def _give_back(reactor: Reactor, keeper: socket.socket) -> None:
    give_back(reactor, keeper.detach())


def part(most: int, count: int | None, done: int) -> int:
    """Return how much of a file to send next: of count bytes, or of all, so many are done.

    Raises ValueError for a count below 0.
    """
    if count is None:
        return most
    if count < 0:
        raise ValueError(f"{count} bytes of a file cannot be sent; give 0 or more, or None for all")
    return min(most, count - done)


def copy_file(fd: int, source: int, offset: int, size: int) -> int:
    """Have the kernel send size bytes of the file source from offset on, and return how many it
    took (man 2 sendfile). What it does not copy, a file of /proc for instance, is read and sent.
    """
    if _sendfile is not None:  # pragma: no branch - every system that the tests run on has it
        try:
            sent: int = _sendfile(fd, source, offset, size)
        except OSError as error:
            if error.errno not in _NOT_COPIED:
                raise
        else:
            return sent
    return os.write(fd, os.pread(source, size, offset))


def is_hung_up(sock: socket.socket) -> bool:
    """Tell whether both directions of sock are over (POLLHUP, man 2 poll)."""
    poll = select.poll()
    poll.register(sock, 0)
    return bool(poll.poll(0))


def dropped_by(sock: socket.socket) -> int | None:
    """Return how many datagrams the system has dropped since sock's buffer was full; None where
    it does not tell.
    """
    try:
        told = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
        return int(_MEMINFO.unpack(told)[8])  # SK_MEMINFO_DROPS
    except (OSError, struct.error):
        return None


def half_close(fd: int) -> None:
    """Tell the peer that nothing more comes (FIN); it may still send.

    Raises OSError if it is gone.
    """
    sock = socket.SocketType(fileno=fd)  # what is in C of a socket: the rest is dear to make
    try:
        sock.shutdown(socket.SHUT_WR)
    finally:
        sock.detach()


def reset_on_close(fd: int) -> None:
    """Have the close of fd send RST, and throw away what is still to be sent (SO_LINGER of 0, man
    7 socket).
    """
    sock = socket.SocketType(fileno=fd)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    finally:
        sock.detach()
