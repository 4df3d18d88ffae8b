"""Clients on the reactor, as tasks: the door, the conversation, and how it is ended.

Law of this file: who is asked to leave gets the reply in hand and waits for no other message; a
reply that is not taken in REPLY_SECONDS is cut. Nobody who was accepted is lost.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Self

from reactor import ClosedError, IdleError, Reactor, Scope, Steps, coroutine
from reactor.net import Connection, Listener
from servers.conversation import RECEIVE_LIMIT, answer
from servers.journal import Journal, Who
from servers.policy import DISCARD_SECONDS, REPLY_SECONDS


class Door:
    """A listening socket for tasks, which it closes when a `with` block is left."""

    def __init__(
        self,
        reactor: Reactor,
        listener: socket.socket,
        journal: Journal,
        idle_timeout: float | None,
    ) -> None:
        self._listener = Listener(reactor, listener, shortage=journal.shortage)
        self._idle_timeout = idle_timeout
        self.fd = listener.fileno()  # its name in the journal, also when it is shut
        self._waiting = Scope()

    @coroutine
    def next(self) -> Steps[Connection | None]:
        """Wait for the next client and return its connection; None once shut.

        Raises OSError if the listening socket itself is wrong.
        """
        with suppress(ClosedError), Scope() as self._waiting:
            return (yield from self._listener.accept(idle_seconds=self._idle_timeout))
        return None

    def shut(self) -> None:
        """Let nobody else in: who waits for the next client gets None."""
        self._waiting.cancel()
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.shut()


class Clients:
    """Those who are in. With once, each is answered once and then seen off."""

    def __init__(self, reactor: Reactor, journal: Journal, *, once: bool = False) -> None:
        self._reactor = reactor
        self._journal = journal
        self._once = once
        self._in: dict[Client, None] = {}
        self._leaving = False

    def __len__(self) -> int:
        return len(self._in)

    def admit(self, connection: Connection, who: Who) -> Client:
        """Let a client in, and tell so; its run() must follow. who stands for it in the journal."""
        self._journal.client(who, connection.peer)
        client = Client(self, connection, who, self._journal, self._once)
        self._in[client] = None
        if self._leaving:  # accepted in the same moment
            client.leave()
        return client

    def forget(self, client: Client) -> None:
        """Client has gone."""
        del self._in[client]

    def leave(self) -> None:
        """Let the replies in hand go out, and those who come still leave at once."""
        self._leaving = True
        for client in self._in:
            client.leave()
        self._reactor.call_later(REPLY_SECONDS, self._cut)

    def _cut(self) -> None:
        for client in self._in:
            client.cut()


class Client:
    """One client, for a task of its own or inside of another."""

    def __init__(
        self, clients: Clients, connection: Connection, who: Who, journal: Journal, once: bool
    ) -> None:
        self._clients = clients
        self._connection = connection
        self._who = who
        self._journal = journal
        self._once = once
        self._talking = Scope()
        self._replying = False
        self._leaving = False

    @coroutine
    def run(self) -> Steps[None]:
        """Hold the conversation until the client has gone, and close."""
        try:
            with self._connection as connection:
                try:
                    with self._talking:
                        yield from self._converse()
                except IdleError:
                    self._journal.idle(self._who)
                except OSError as error:
                    self._journal.lost(self._who, error)
                if self._leaving and not self._replying:
                    yield from connection.finish(DISCARD_SECONDS)
        finally:
            self._clients.forget(self)

    @coroutine
    def _converse(self) -> Steps[None]:
        while not self._leaving:
            data = yield from self._connection.receive(RECEIVE_LIMIT)
            if not data:
                self._journal.end(self._who)
                return
            self._journal.received(self._who, data)
            self._replying = True
            yield from self._connection.send_all(answer(data))
            self._replying = False
            self._leaving |= self._once

    def leave(self) -> None:
        """Let the reply in hand go out, but wait for no other message."""
        self._leaving = True
        if not self._replying:
            self._talking.cancel()

    def cut(self) -> None:
        """Give up a reply that the peer still does not take."""
        if self._replying:
            self._journal.cut(self._who)
            self._talking.cancel()
