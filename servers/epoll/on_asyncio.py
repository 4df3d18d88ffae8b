"""Model 3 on stdlib asyncio: a loop that waits with epoll, and callbacks for what it finds.

Law of this file: while a reply, or a part of one, is unsent, its client is not read from.
"""

from __future__ import annotations

import asyncio
import selectors
import socket

from servers.asyncio_server import MultiplexingServer
from servers.conversation import RECEIVE_LIMIT, answer
from servers.journal import Journal
from servers.options import Options
from servers.policy import DISCARD_SECONDS


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""

    def epoll_loop() -> asyncio.AbstractEventLoop:
        epoll = getattr(selectors, "EpollSelector")  # noqa: B009  # not on every system
        return asyncio.SelectorEventLoop(epoll())

    with asyncio.Runner(loop_factory=epoll_loop) as runner:
        _Server(runner.get_loop(), listener, options, journal).run()


class _Server(MultiplexingServer["_Client"]):
    def welcome(self, sock: socket.socket) -> _Client:
        client = _Client(self, sock.fileno())
        # asyncio's one way from an accepted socket to callbacks is a coroutine.
        joining = self.loop.connect_accepted_socket(lambda: client, sock)
        client.joining = self.loop.create_task(joining)
        return client


class _Client(asyncio.BufferedProtocol):
    """One client: what to do when something came, when its reply went out, when it is over."""

    joining: asyncio.Task[object]
    _transport: asyncio.Transport

    def __init__(self, server: _Server, fd: int) -> None:
        self._server = server
        self._loop = server.loop
        self._fd = fd
        self._received = bytearray(RECEIVE_LIMIT)
        self._busy = True  # not yet connected to its transport, or with a reply in hand
        self._leaving = False
        self._heard = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=0)  # pause at the first byte that does not go out
        self._check_idle()
        self._not_busy()

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._received

    def buffer_updated(self, nbytes: int) -> None:
        if self._leaving:
            return  # thrown away
        self._heard = self._loop.time()
        data = bytes(self._received[:nbytes])
        self._server.journal.received(self._fd, data)
        self._transport.write(answer(data))

    def pause_writing(self) -> None:
        self._busy = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._heard = self._loop.time()
        self._transport.resume_reading()
        self._loop.call_soon(self._not_busy)  # soon: the transport is still in the midst of it

    def eof_received(self) -> None:
        self._server.journal.end(self._fd)  # and the transport closes once the reply is out

    def connection_lost(self, error: Exception | None) -> None:
        if isinstance(error, OSError):
            self._server.journal.lost(self._fd, error)
        if self._timer is not None:
            self._timer.cancel()
        self._server.forget(self)

    def leave(self) -> None:
        """Let the reply in hand go out, but take no other message."""
        self._leaving = True
        if not self._busy:
            self._half_close()

    def cut(self) -> None:
        """Give up a reply that the peer still does not take."""
        if self._busy:
            self._server.journal.cut(self._fd)
            self._transport.abort()

    def _not_busy(self) -> None:
        self._busy = False
        if self._leaving:
            self._half_close()

    def _half_close(self) -> None:
        try:
            self._transport.write_eof()
        except OSError:  # the peer has reset the connection, and nothing need be thrown away
            self._transport.abort()
        self._loop.call_later(DISCARD_SECONDS, self._transport.abort)

    def _check_idle(self) -> None:
        seconds = self._server.options.idle_timeout
        if seconds is None:
            return
        left = self._heard + seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._check_idle)
        else:
            self._server.journal.idle(self._fd)
            self._transport.abort()
