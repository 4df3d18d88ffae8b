"""Datagrams: packets that arrive whole, or not at all, in any order.

Law of this file: the system's buffer is the only queue, and what does not fit there is dropped, as
datagrams may be. So a flood costs its receiver no memory, and a turn for each datagram leaves the
others theirs. An error of one datagram is no end: the socket goes on.
"""

from __future__ import annotations

import errno
import socket
import struct
import warnings
from collections.abc import Callable
from functools import partial
from typing import Final, Self

from reactor.errors import ClosedError, LimitError
from reactor.loop import Reactor
from reactor.tasks import Steps, WaitQueue, breathe, coroutine, sleep

from .connecting import PAUSE_WHEN_FULL
from .names import Place, literal, refuse_name
from .sockets import CHUNK, Address, dropped_by, give_back_later, own, port_of

_BREATH: Final = breathe()

_JOIN: Final = {socket.AF_INET: socket.IP_ADD_MEMBERSHIP, socket.AF_INET6: socket.IPV6_JOIN_GROUP}
_LEAVE: Final = {
    socket.AF_INET: socket.IP_DROP_MEMBERSHIP,
    socket.AF_INET6: socket.IPV6_LEAVE_GROUP,
}


class DatagramSocket:
    """A socket for datagrams, of UDP or Unix, taken over; made by bind_udp and connect_udp, or
    from a socket of your own.

    address is where it can be reached, peer to whom it is connected, None unless it is; received
    and sent count datagrams. One task at a time may receive; several may send. Raises ValueError
    for a socket that is closed, or of another kind; that stays yours.
    """

    __slots__ = (
        "__weakref__",
        "_crowded",
        "_known",
        "_readable",
        "_senders",
        "_sock",
        "address",
        "peer",
        "reactor",
        "received",
        "sent",
    )

    def __init__(self, reactor: Reactor, sock: socket.socket) -> None:
        if sock.type != socket.SOCK_DGRAM:
            raise ValueError(f"{sock!r} is no datagram socket; make a Connection of it")
        self.reactor: Reactor = reactor
        self._readable = own(reactor, sock)
        self._sock = socket.socket(sock.family, sock.type, sock.proto, self._readable.fd)
        self._sock.setblocking(False)
        self._crowded = False  # whether a sender waits for room; the others stand in line for it
        self._senders: WaitQueue[None] = WaitQueue()
        self._known: Address = None  # of who sent last, or was sent to: certain to be no name
        self.address: Address = self._sock.getsockname()
        self.peer: Address = _peer_of(self._sock)
        self.received: int = 0
        self.sent: int = 0

    @property
    def port(self) -> int:
        """The port of a UDP socket. Raises ValueError for one of another kind."""
        return port_of(self.address)

    @property
    def dropped(self) -> int | None:
        """How many found the system's buffer full; None where it does not tell (Linux does)."""
        return dropped_by(self._sock)

    def fileno(self) -> int:
        """Return the descriptor; -1 once closed."""
        return self._readable.fd

    @coroutine
    def receive(self, limit: int = CHUNK) -> Steps[tuple[bytes, Address]]:
        """Wait for a datagram, and return it and the address that it came from.

        It always waits first, so it lets others have their turn, also in a flood. None is longer
        than the limit unless given, but for some of Unix sockets. Raises LimitError for one that is
        longer than limit bytes: it is gone. Raises OSError for what the system has heard of
        datagrams that were sent: ConnectionRefusedError if nobody listens there, on a connected
        socket; receive again. Raises ClosedError if this is closed here, BusyError if another task
        receives, ValueError for a limit below 1. Cancelled: nothing is lost.
        """
        if limit < 1:
            raise ValueError(f"receive({limit}) on {self!r} cannot bring a byte; give 1 or more")
        readable = self._readable
        while True:
            yield readable
            if readable.fd < 0:
                raise self._closed()
            try:
                data, sender = self._sock.recvfrom(limit + 1)
            except BlockingIOError:
                continue  # its checksum was wrong, or another process took it
            self.received += 1
            self._known = sender
            if len(data) > limit:
                what = f"a datagram from {sender!r} to {self!r} was longer than {limit} bytes"
                raise LimitError(f"{what}, and is gone; give a higher limit")
            return data, sender

    @coroutine
    def send(self, data: bytes | bytearray | memoryview) -> Steps[None]:
        """Send a datagram to the peer of a connected socket, as send_to does."""
        yield _BREATH
        if self._readable.fd < 0:
            raise self._closed()
        try:
            self._sock.send(data)
        except BlockingIOError:
            pass  # waits below, or whatever is raised meanwhile would have this for its context
        else:
            self.sent += 1
            return
        yield from self._send(partial(self._sock.send, data), waits=True)

    @coroutine
    def send_to(self, data: bytes | bytearray | memoryview, address: Address) -> Steps[None]:
        """Send a datagram to address, which needs no look-up, and return when the system has it.

        That is at once, without a wait, unless its buffer is full; each 32nd time in a row others
        have their turn. Whether it arrives nobody knows. Raises OSError as the system does: for a
        datagram that is too long (EMSGSIZE), or for what it has heard of an earlier one
        (ConnectionRefusedError, on a connected socket). Either way this one was not sent, and the
        next may be. Raises ValueError for a name, and for None: the address of a Unix socket
        without a name, whom nobody can answer. Raises ClosedError. Cancelled: it was not sent.
        """
        if address is None:
            raise ValueError(f"{self!r} cannot send to None: a sender without a name has no answer")
        if address is not self._known:
            refuse_name(self._sock.family, address)
            self._known = address
        yield _BREATH
        if self._readable.fd < 0:
            raise self._closed()
        try:
            self._sock.sendto(data, address)
        except BlockingIOError:
            pass
        else:
            self.sent += 1
            return
        waits = self._sock.family != socket.AF_UNIX
        yield from self._send(partial(self._sock.sendto, data, address), waits=waits)

    def _send(self, send: Callable[[], int], *, waits: bool) -> Steps[None]:
        """Send as soon as there is room: waits says whether the system tells when that is."""
        while True:
            if waits:
                yield from self._wait_for_room()
            else:  # the receiver is full, and what would be told is room with ourselves
                yield from sleep(PAUSE_WHEN_FULL)
            if self._readable.fd < 0:
                raise self._closed()
            try:
                send()
            except BlockingIOError:
                continue
            self.sent += 1
            return

    def _wait_for_room(self) -> Steps[None]:
        """Wait for a reason to try again. Who waits first tells the others, also when cancelled."""
        if self._crowded:
            yield self._senders
            return
        self._crowded = True
        try:
            yield self._readable.other
        finally:
            self._crowded = False
            self._senders.wake_all(None)

    def join(self, group: str, interface: str = "") -> None:
        """Receive what is sent to a multicast group, an address of IPv4 or IPv6, over interface
        ("eth0"), or over the one that the system prefers.

        Raises ValueError for a group that is no address, OSError as the system does.
        """
        self._change(_JOIN, group, interface)

    def leave(self, group: str, interface: str = "") -> None:
        """Undo join."""
        self._change(_LEAVE, group, interface)

    def _change(self, how: dict[socket.AddressFamily, int], group: str, interface: str) -> None:
        if self._readable.fd < 0:
            raise self._closed()
        place = literal(group, 0)
        if place is None:
            raise ValueError(f"{group!r} is no address of a multicast group; give one")
        try:
            index = socket.if_nametoindex(interface) if interface else 0
            level, request = _membership(place, index)
            self._sock.setsockopt(level, how[place.family], request)
        except OSError as error:
            what = f"{error.strerror or error}: {self!r}, group {group!r}"
            raise OSError(error.errno or errno.ENODEV, what, interface) from None

    def close(self) -> None:
        """Close at once. Tasks that wait here get ClosedError. May be called twice."""
        if self._readable.fd >= 0:
            self.reactor.forget(self._readable.fd)
            self._sock.close()
        else:
            self._sock.detach()  # somebody else forgot the number, so it is theirs

    def _closed(self) -> ClosedError:
        return ClosedError(f"{self!r} is closed on this side; open a new one")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()

    def __del__(self) -> None:
        sock = getattr(self, "_sock", None)  # missing if there was no socket to take over
        fd = -1 if sock is None else sock.detach()
        if fd >= 0 and self._readable.fd >= 0:
            try:
                text = f"{self!r} was never closed"
                warnings.warn(text, ResourceWarning, source=self, stacklevel=2)
            finally:
                give_back_later(self.reactor, fd)

    def __repr__(self) -> str:
        peer = "" if self.peer is None else f" peer={self.peer!r}"
        return f"<{type(self).__name__} fd={self._readable.fd} at {self.address!r}{peer}>"


def _peer_of(sock: socket.socket) -> Address:
    try:
        peer: Address = sock.getpeername()
    except OSError:  # it is not connected
        return None
    return peer


def _membership(place: Place, index: int) -> tuple[int, bytes]:
    """Return the level of the socket option, and what it takes: ip_mreqn (man 7 ip), with the
    interface by its index, or ipv6_mreq (man 7 ipv6).
    """
    group = socket.inet_pton(place.family, place.address[0])
    if place.family == socket.AF_INET:
        return socket.IPPROTO_IP, struct.pack("@4s4si", group, bytes(4), index)
    return socket.IPPROTO_IPV6, struct.pack("@16sI", group, index)
