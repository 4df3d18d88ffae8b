"""The loads: what a server is put through while its CPU time is read.

Law of this file: every load is bounded in time and in number, and checks every byte that comes
back; a server that is fast and wrong is an error. Clients come in waves: all ask, and when all
have their whole reply all ask again. So every server gets the same work in the same portions. If
each client went on by itself, a quick server would be woken for every single request and a slow
one would find several at a time, which costs less: measured so, the C server did 1.06 times what
uvloop's protocol does, and 1.45 times in waves.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Self

from tests.benchmarks.kinds import HEADER
from tests.benchmarks.subject import BenchmarkError

PATIENCE: Final = 20.0
"""Seconds after which a reply that has not come counts as never."""

CHURN_MOST: Final = 1_500
"""Clients of one load that come and go: each leaves a port that is taken for a while."""

EPOLLIN: Final = 0x001
EPOLLOUT: Final = 0x004
CHUNK: Final = 262_144
_PATTERNS: Final = 16
"""Different requests at a time: a reply that goes astray is noticed, and 1,000 of 128 KiB fit."""


def requests_of(size: int, language: str = "bytes") -> list[bytes]:
    """Return requests of size bytes, each different from the others; in the languages "line" and
    "message", each is one of those.
    """
    many = bytes(range(251)) * (size // 251 + 2)  # a prime: no two pieces of a buffer are alike
    requests = [many[first : first + size] for first in range(_PATTERNS)]
    if language == "line":
        return [request[:-1].replace(b"\n", b"\t") + b"\n" for request in requests]
    if language == "message":
        header = (size - HEADER).to_bytes(HEADER)
        return [header + request[HEADER:] for request in requests]
    return requests


class Client:
    """One connection: what it asks, what must come back, and how far it is."""

    __slots__ = ("got", "reply", "request", "sock", "unsent")

    def __init__(self, sock: socket.socket, request: bytes, reply: bytes) -> None:
        self.sock = sock
        self.request = request
        self.reply = reply
        self.got = 0
        self.unsent = request[:0]


class Crowd:
    """Some clients of a server on port, connected and answered once when this is made.

    request number i is asked by every client i, i + 16 and so on; reply is what must come back,
    nothing for the request itself. language is as a Kind has it. Raises BenchmarkError for a reply
    that is wrong or missing.
    """

    def __init__(
        self,
        port: int,
        number: int,
        requests: Sequence[bytes],
        reply: bytes,
        language: str = "bytes",
    ) -> None:
        self._epoll = getattr(select, "epoll")()  # noqa: B009 - not on every system
        self._clients: dict[int, Client] = {}
        try:
            for index in range(number):
                sock = connected(port, language)
                request = requests[index % len(requests)]
                self._clients[sock.fileno()] = Client(sock, request, reply or request)
                sock.setblocking(False)
                self._epoll.register(sock, EPOLLIN)
            self.ask(0.0, number)
        except BaseException:
            self.close()
            raise

    def ask(
        self,
        seconds: float,
        askers: int,
        as_they_ask: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> int:
        """Have the first askers ask in waves for so long, one wave at least; return how many
        replies came. The requests of a wave are sent inside as_they_ask().
        """
        asking = list(self._clients.values())[:askers]
        end = time.perf_counter() + seconds
        replies = 0
        while True:
            with as_they_ask():
                for client in asking:
                    self._send(client)
            self._await_replies(len(asking))
            replies += len(asking)
            if time.perf_counter() >= end:
                break
        if self._epoll.poll(0) or any(_decrypted(client.sock) for client in asking):
            raise BenchmarkError("more came than the replies, or an end")
        return replies

    def _await_replies(self, waiting: int) -> None:
        while waiting:
            ready = self._epoll.poll(PATIENCE, 1024)
            if not ready:
                raise BenchmarkError(f"{waiting} replies did not come in {PATIENCE:g} s")
            for fd, events in ready:
                client = self._clients[fd]
                if events & EPOLLOUT:
                    self._send_on(client)
                if events & ~EPOLLOUT and self._received_all(client):
                    waiting -= 1

    def _send(self, client: Client) -> None:
        sent = client.sock.send(client.request)
        if sent != len(client.request):
            client.unsent = client.request[sent:]
            self._epoll.modify(client.sock, EPOLLIN | EPOLLOUT)

    def _send_on(self, client: Client) -> None:
        client.unsent = client.unsent[client.sock.send(client.unsent) :]
        if not client.unsent:
            self._epoll.modify(client.sock, EPOLLIN)

    def _received_all(self, client: Client) -> bool:
        while client.got < len(client.reply):
            try:
                data = client.sock.recv(CHUNK)
            except (BlockingIOError, ssl.SSLWantReadError):
                return False
            if not data or not client.reply.startswith(data, client.got):
                raise BenchmarkError(f"a reply was wrong after {client.got} bytes: {data[:40]!r}")
            client.got += len(data)
        client.got = 0
        return True

    def close(self) -> None:
        """Hang up."""
        for client in self._clients.values():
            client.sock.close()
        self._clients.clear()
        self._epoll.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()


def churn(port: int, seconds: float, at_a_time: int, request: bytes) -> int:
    """Have clients come, ask once and go, for so long or until there were CHURN_MOST.

    They come so many at a time, and each has seen the server hang up before it counts.
    """
    came = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end and came < CHURN_MOST:
        socks = []
        try:
            for _ in range(at_a_time):
                socks.append(connected(port))
                socks[-1].sendall(request)
            for sock in socks:
                if (reply := _received(sock, len(request))) != request:
                    raise BenchmarkError(f"a client who came and went got {reply[:40]!r}")
                sock.shutdown(socket.SHUT_WR)
            if any(sock.recv(1) for sock in socks):
                raise BenchmarkError("more came than the reply")
        finally:
            for sock in socks:
                sock.close()
        came += at_a_time
    return came


def _decrypted(sock: socket.socket) -> int:
    """Return how many bytes are here that no poll tells of, as TLS has decrypted them already."""
    return sock.pending() if isinstance(sock, ssl.SSLSocket) else 0


def _received(sock: socket.socket, size: int) -> bytes:
    """Return the next size bytes, or what came of them before the end."""
    data = b""  # MSG_WAITALL does not wait on a socket that has a timeout
    while len(data) < size and (piece := sock.recv(size - len(data))):
        data += piece
    return data


def connected(port: int, language: str = "bytes") -> socket.socket:
    """Return a connection to a port of the loopback interface, which waits PATIENCE at most."""
    if language == "datagram":
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.connect(("127.0.0.1", port))
        sock.settimeout(PATIENCE)
        return sock
    sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return secure(sock) if language == "tls" else sock


def secure(sock: socket.socket) -> ssl.SSLSocket:
    """Return sock under TLS, whoever the server is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(sock)
