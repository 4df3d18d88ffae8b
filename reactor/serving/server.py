"""Server: a task for each client, limits, and an end in good order.

Law of this file: one client is one task, and what goes wrong with it is its own affair: it is
reported, and nobody else notices. Draining takes in nobody, lets go at once of those who are at
rest, waits for those who are served, and cuts the rest when time is up.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from functools import partial
from math import inf
from typing import Any, TypeAlias

from reactor.errors import BusyError, ClosedError, ReactorError
from reactor.loop import log
from reactor.net import Connection, Listener
from reactor.sync import SignalReceiver
from reactor.tasks import (
    Operation,
    Scope,
    Steps,
    TaskGroup,
    WaitQueue,
    coroutine,
    current_task,
    move_on_after,
    wait,
)

from .service import Service

Handler: TypeAlias = Callable[[Connection], Operation[object] | Coroutine[Any, Any, object]]
"""What a server does with each client."""


def log_failure(connection: Connection, error: Exception) -> None:
    """Log what a client failed with: a warning for what clients do, with a trace what is ours."""
    if isinstance(error, (OSError, ReactorError)):
        log().warning("%r: %s", connection, error)
    else:
        log().error("%r: %s", connection, error, exc_info=error)


class Server(Service):
    """Serves the clients of listening sockets: `server = Server(handler, listen(host, port))`, then
    `await server.run()`, or spawn it.

    handler(connection) is run as a task for each client, whose connection is finished in good order
    when it returns, and closed when it fails; failed(connection, error) hears of that, and logs it
    unless given. What failed raises itself ends the server, and so does what is no Exception. No
    more than most clients are in at a time, and one more for each further socket; others wait in
    the backlog. With idle_seconds a client on whose connection nothing moves for so long is lost,
    with IdleError.

    The sockets are the server's from now on.
    """

    def __init__(
        self,
        handler: Handler,
        *socks: socket.socket,
        most: float = inf,
        idle_seconds: float | None = None,
        failed: Callable[[Connection, Exception], object] = log_failure,
    ) -> None:
        super().__init__(socks, most)
        self._handler = handler
        self._idle_seconds = idle_seconds
        self._failed = failed
        self._socks = socks
        self._listeners: list[Listener] = []
        self._group: TaskGroup | None = None
        self._clients: dict[Connection, Scope] = {}
        self._resting: dict[Scope, None] = {}
        self._changes: WaitQueue[None] = WaitQueue()
        self._unasked = Scope()  # the wait for a signal to drain

    @coroutine
    def run(self) -> Steps[None]:
        """Serve until drained, or cancelled, which cuts all clients.

        Raises BusyError the second time, and an ExceptionGroup of the OSError if a socket goes
        wrong: all clients are cut then.
        """
        yield from self._run(self._open)

    @coroutine
    def run_until(
        self, *signums: int, seconds: float, ready: Callable[[], object] = lambda: None
    ) -> Steps[None]:
        """Serve until one of these signals comes, then drain, which may take so many seconds.

        ready() is called when the signals are waited for. When one has come they do what they did
        before: a second Ctrl-C interrupts. To be called in the main thread. Raises as run does, and
        ValueError for no signal, or NaN.
        """
        self._refuse_nan(seconds)
        signals = SignalReceiver(*signums)
        yield from self._run(partial(self._drain_when_asked, signals, seconds, ready))

    @coroutine
    def _run(self, body: Callable[[TaskGroup], Coroutine[Any, Any, None]]) -> Steps[None]:
        if self._group is not None:
            raise BusyError(f"{self!r} runs, or has run, already; make a new one")
        self._runs = True
        self._group = TaskGroup()
        try:
            yield from self._group.run(body, self._group)
        finally:
            self.close()

    async def _drain_when_asked(
        self,
        signals: SignalReceiver,
        seconds: float,
        ready: Callable[[], object],
        group: TaskGroup,
    ) -> None:
        await self._open(group)
        with self._unasked, signals:
            ready()
            await signals.next()
        if not self.draining:
            await self.drain(seconds)

    async def _open(self, group: TaskGroup) -> None:
        reactor = current_task().reactor
        for sock in () if self.draining else self._socks:
            listener = Listener(reactor, sock)
            self._listeners.append(listener)
            group.spawn(self._accept, group, listener)

    @coroutine
    def _accept(self, group: TaskGroup, listener: Listener) -> Steps[None]:
        while not self.draining:
            if len(self._clients) >= self._most:
                yield self._changes
                continue
            try:
                connection = yield from listener.accept(idle_seconds=self._idle_seconds)
            except ClosedError:
                return  # by drain
            self._count_in()
            self._clients[connection] = Scope()
            group.spawn(self._serve, connection)

    @coroutine
    def _serve(self, connection: Connection) -> Steps[None]:
        try:
            with connection, self._clients[connection]:
                yield from wait(self._handler(connection))
                if connection.fileno() >= 0:
                    yield from connection.finish()
        except Exception as error:
            self._count_failure()
            self._failed(connection, error)
        finally:
            del self._clients[connection]
            self._changes.wake_all(None)

    @contextmanager
    def at_rest(self) -> Generator[Scope]:
        """`with server.at_rest() as rest:` round a wait of a handler for its client's next request:
        draining cancels it, at once, and rest.cancelled_caught tells.
        """
        with Scope() as rest:
            if self.draining:
                rest.cancel()
            self._resting[rest] = None
            try:
                yield rest
            finally:
                del self._resting[rest]

    @coroutine
    def drain(self, seconds: float) -> Steps[int]:
        """Take in nobody any more, wait for those who are in, and cut who still is after seconds.

        Returns how many were cut, when they have ended; run returns then too. To be called by a
        task that is no client's. Cancelled: who is in is served on, and nobody is taken in. Raises
        ValueError for NaN.
        """
        patience = move_on_after(seconds)
        self.draining = True
        self._unasked.cancel()
        self.close()
        for rest in list(self._resting):
            rest.cancel()
        self._changes.wake_all(None)
        with patience:
            yield from self._wait_until_empty()
        cut = list(self._clients.values())
        for client in cut:
            client.cancel()
        yield from self._wait_until_empty()
        return len(cut)

    def _wait_until_empty(self) -> Steps[None]:
        while self._clients:
            yield self._changes

    def close(self) -> None:
        """Close the listening sockets; who is in is served on."""
        for listener in self._listeners:
            listener.close()
        for sock in self._socks:
            sock.close()
