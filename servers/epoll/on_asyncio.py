"""Model 3 on stdlib asyncio: a loop that waits with epoll, and callbacks for what it finds.

Law of this file: while a reply, or a part of one, is unsent, its client is not read from.
"""

from __future__ import annotations

import asyncio
import selectors
import socket

from servers.asyncio_stopping import stop_signals
from servers.conversation import RECEIVE_LIMIT, answer
from servers.journal import Address, Journal
from servers.options import Options
from servers.policy import DISCARD_SECONDS, REPLY_SECONDS, AcceptErrors


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""

    def epoll_loop() -> asyncio.AbstractEventLoop:
        epoll = getattr(selectors, "EpollSelector")  # noqa: B009  # not on every system
        return asyncio.SelectorEventLoop(epoll())

    with asyncio.Runner(loop_factory=epoll_loop) as runner:
        loop = runner.get_loop()
        server = _Server(loop, listener, options, journal)
        with stop_signals(loop, server.stop):
            server.start()
            loop.run_until_complete(server.ended)


class _Server:
    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listener: socket.socket,
        options: Options,
        journal: Journal,
    ) -> None:
        self.loop = loop
        self.options = options
        self.journal = journal
        self._listener = listener
        self._errors = AcceptErrors(journal)
        self._clients: dict[_Client, asyncio.Task[object]] = {}
        self._stopping = False
        self.ended = loop.create_future()

    def start(self) -> None:
        self._listener.setblocking(False)
        self.loop.add_reader(self._listener, self._accept)
        self.journal.ready()

    def stop(self, signum: int) -> None:
        self.journal.stopping(signum)
        self._stopping = True
        self.loop.remove_reader(self._listener)
        self._listener.close()
        for client in self._clients:
            client.leave()
        self.loop.call_later(REPLY_SECONDS, self._cut)
        self._end_after_the_last()

    def forget(self, client: _Client) -> None:
        del self._clients[client]
        self.journal.descriptors(len(self._clients))
        self._end_after_the_last()

    def _accept(self) -> None:
        # One at a time: who still waits at the door makes it ready again in the next turn.
        try:
            sock, address = self._listener.accept()
        except BlockingIOError:
            pass  # gone again
        except OSError as error:
            self.loop.remove_reader(self._listener)  # first: what is raised now would be each turn
            self.loop.call_later(self._errors.pause_after(error), self._resume)
        else:
            self._errors.worked()
            self.journal.accept(self._listener.fileno(), address)
            self._let_in(sock, address)

    def _resume(self) -> None:
        if not self._stopping:
            self.loop.add_reader(self._listener, self._accept)

    def _let_in(self, sock: socket.socket, address: Address) -> None:
        limit = self.options.limit
        if limit is not None and len(self._clients) >= limit:
            self.journal.over_limit(sock.fileno(), limit)
            sock.close()
            return
        self.journal.client(sock.fileno(), address)
        client = _Client(self, sock.fileno())
        # asyncio's one way from an accepted socket to callbacks is a coroutine.
        joining = self.loop.connect_accepted_socket(lambda: client, sock)
        self._clients[client] = self.loop.create_task(joining)
        self.journal.descriptors(len(self._clients))

    def _cut(self) -> None:
        for client in self._clients:
            client.cut()

    def _end_after_the_last(self) -> None:
        if self._stopping and not self._clients and not self.ended.done():
            self.ended.set_result(None)


class _Client(asyncio.BufferedProtocol):
    """One client: what to do when something came, when its reply went out, when it is over."""

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
