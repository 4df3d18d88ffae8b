"""Clients on stdlib asyncio, as tasks: the door, the conversation, and how it is ended.

Law of this file: who is asked to leave gets the reply in hand and waits for no other message; a
reply that is not taken in REPLY_SECONDS is cut. Nobody who was accepted is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any, Literal, Self

from servers.asyncio_stopping import see_off
from servers.conversation import RECEIVE_LIMIT, answer
from servers.journal import Address, Journal, Who
from servers.policy import REPLY_SECONDS, AcceptErrors


class Door:
    """A listening socket for tasks, which it closes when a `with` block is left."""

    def __init__(self, listener: socket.socket, journal: Journal) -> None:
        listener.setblocking(False)
        self._listener = listener
        self.fd = listener.fileno()  # its name in the journal, also when it is shut
        self._errors = AcceptErrors(journal)
        self._news = asyncio.Event()
        self._shut = asyncio.Event()

    async def next(self) -> tuple[socket.socket, Address] | None:
        """Wait for the next client and return its socket and address; None once shut.

        Raises OSError if the listening socket itself is wrong.
        """
        while await self._somebody_waits():
            try:
                client: tuple[socket.socket, Address] = self._listener.accept()
            except BlockingIOError:
                continue  # gone again
            except OSError as error:
                await self._pause(self._errors.pause_after(error))
                continue
            self._errors.worked()
            return client
        return None

    def shut(self) -> None:
        """Let nobody else in: who waits for the next client gets None."""
        if not self._shut.is_set():
            self._shut.set()
            self._news.set()
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()

    async def _somebody_waits(self) -> bool:
        if self._shut.is_set():
            return False
        # Not sock_accept: it tries before it waits, so that with no descriptor left it would fail
        # again and again with nobody at the door; and whom it took in when cancelled is lost.
        loop = asyncio.get_running_loop()
        loop.add_reader(self._listener, self._news.set)
        try:
            await self._news.wait()
        finally:
            if not self._shut.is_set():
                loop.remove_reader(self._listener)
        self._news.clear()
        return not self._shut.is_set()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._shut.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.shut()


class Clients:
    """Those who are in. With once, each is answered once and then seen off."""

    def __init__(self, journal: Journal, idle_timeout: float | None, *, once: bool = False) -> None:
        self._journal = journal
        self._idle_timeout = idle_timeout
        self._once = once
        self._in: dict[Client, None] = {}
        self._leaving = False

    def __len__(self) -> int:
        return len(self._in)

    def admit(self, sock: socket.socket, address: Address, who: Who) -> Client:
        """Let a client in, and tell so; its run() must follow. who stands for it in the journal."""
        self._journal.client(who, address)
        client = Client(self, sock, who, self._journal, self._idle_timeout, self._once)
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
        asyncio.get_running_loop().call_later(REPLY_SECONDS, self._cut)

    def _cut(self) -> None:
        for client in self._in:
            client.cut()


class Client:
    """One client, for a task of its own or inside of another."""

    def __init__(
        self,
        clients: Clients,
        sock: socket.socket,
        who: Who,
        journal: Journal,
        idle_timeout: float | None,
        once: bool,
    ) -> None:
        sock.setblocking(False)
        self._clients = clients
        self._sock = sock
        self._who = who
        self._journal = journal
        self._idle_timeout = idle_timeout
        self._once = once
        self._task: asyncio.Task[Any] | None = None
        self._doing: Literal["resting", "receiving", "replying"] = "resting"
        self._leaving = False

    async def run(self) -> None:
        """Hold the conversation until the client has gone, and close."""
        self._task = asyncio.current_task()
        patience = asyncio.timeout(self._idle_timeout)
        try:
            with self._sock:
                try:
                    async with patience:
                        await self._converse(patience)
                except OSError as error:  # the TimeoutError of patience is one too
                    if patience.expired():
                        self._journal.idle(self._who)
                    else:
                        self._journal.lost(self._who, error)
                except asyncio.CancelledError:
                    if not self._leaving or self._task is None:
                        raise
                    self._task.uncancel()
                    if self._doing == "replying":
                        self._journal.cut(self._who)
                if self._leaving and self._doing != "replying":
                    await see_off(self._sock)
        finally:
            self._clients.forget(self)

    async def _converse(self, patience: asyncio.Timeout) -> None:
        loop = asyncio.get_running_loop()
        while not self._leaving:
            self._doing = "receiving"
            data = await loop.sock_recv(self._sock, RECEIVE_LIMIT)
            if not data:
                self._journal.end(self._who)
                return
            self._journal.received(self._who, data)
            self._doing = "replying"
            await loop.sock_sendall(self._sock, answer(data))
            self._doing = "resting"
            if self._idle_timeout is not None:
                patience.reschedule(loop.time() + self._idle_timeout)
            self._leaving |= self._once
            await asyncio.sleep(0)

    def leave(self) -> None:
        """Let the reply in hand go out, but wait for no other message."""
        self._leaving = True
        if self._doing == "receiving" and self._task is not None:
            self._task.cancel()

    def cut(self) -> None:
        """Give up a reply that the peer still does not take."""
        if self._doing == "replying" and self._task is not None:
            self._task.cancel()
