"""Model 9 on stdlib asyncio: an accepting task and a task for each client.

Law of this file: nothing may block, and a call that might complete at once every time is followed
by `sleep(0)`, since tasks take turns only where an await really waits.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
from typing import Literal

from servers.asyncio_stopping import see_off, stop_signals
from servers.conversation import RECEIVE_LIMIT, answer
from servers.journal import Address, Journal
from servers.options import Options
from servers.policy import REPLY_SECONDS, AcceptErrors


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""

    def chosen_loop() -> asyncio.AbstractEventLoop:
        if options.poller is None:
            return asyncio.SelectorEventLoop()
        selector = getattr(selectors, f"{options.poller.capitalize()}Selector")
        return asyncio.SelectorEventLoop(selector())

    with asyncio.Runner(loop_factory=chosen_loop) as runner:
        stop: asyncio.Future[int] = runner.get_loop().create_future()
        with stop_signals(runner.get_loop(), stop.set_result):
            runner.run(_Server(listener, options, journal).run(stop))


class _Server:
    def __init__(self, listener: socket.socket, options: Options, journal: Journal) -> None:
        self._listener = listener
        self._options = options
        self._journal = journal
        self._clients: dict[_Client, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Future[int]) -> None:
        self._listener.setblocking(False)
        async with asyncio.TaskGroup() as tasks:
            accepting = tasks.create_task(self._accept(tasks))
            self._journal.ready()
            self._journal.stopping(await stop)
            accepting.cancel()
            await asyncio.wait([accepting])  # the loop must let go of the listener first
            self._listener.close()
            await self._see_off_clients()

    async def _see_off_clients(self) -> None:
        for client, task in self._clients.items():
            client.leave(task)
        if self._clients:
            await asyncio.wait(self._clients.values(), timeout=REPLY_SECONDS)
        for client, task in self._clients.items():
            client.cut(task)

    async def _accept(self, tasks: asyncio.TaskGroup) -> None:
        errors = AcceptErrors(self._journal)
        while True:
            await self._somebody_waits()
            try:
                sock, address = self._listener.accept()
            except BlockingIOError:
                continue  # gone again
            except OSError as error:
                await asyncio.sleep(errors.pause_after(error))
                continue
            errors.worked()
            self._journal.accept(self._listener.fileno(), address)
            self._let_in(tasks, sock, address)

    async def _somebody_waits(self) -> None:
        # Not sock_accept: it tries before it waits, so that with no descriptor left it would fail
        # again and again with nobody at the door; and whom it took in when cancelled is lost.
        loop, somebody = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._listener, somebody.set)
        try:
            await somebody.wait()
        finally:
            loop.remove_reader(self._listener)

    def _let_in(self, tasks: asyncio.TaskGroup, sock: socket.socket, address: Address) -> None:
        limit = self._options.limit
        if limit is not None and len(self._clients) >= limit:
            self._journal.over_limit(sock.fileno(), limit)
            sock.close()
            return
        sock.setblocking(False)
        self._journal.client(sock.fileno(), address)
        client = _Client(sock, self._options.idle_timeout, self._journal)
        self._clients[client] = tasks.create_task(client.run())
        self._clients[client].add_done_callback(lambda _: self._clients.pop(client))


class _Client:
    def __init__(self, sock: socket.socket, idle_timeout: float | None, journal: Journal) -> None:
        self._sock = sock
        self._fd = sock.fileno()
        self._idle_timeout = idle_timeout
        self._journal = journal
        self._doing: Literal["resting", "receiving", "replying"] = "resting"
        self._leaving = False

    async def run(self) -> None:
        patience = asyncio.timeout(self._idle_timeout)
        with self._sock:
            try:
                async with patience:
                    await self._converse(patience)
            except OSError as error:  # the TimeoutError of patience is one too
                if patience.expired():
                    self._journal.idle(self._fd)
                else:
                    self._journal.lost(self._fd, error)
            except asyncio.CancelledError:
                if not self._leaving:
                    raise
                if self._doing == "replying":
                    self._journal.cut(self._fd)
            if self._leaving and self._doing != "replying":
                await see_off(self._sock)

    async def _converse(self, patience: asyncio.Timeout) -> None:
        loop = asyncio.get_running_loop()
        while not self._leaving:
            self._doing = "receiving"
            data = await loop.sock_recv(self._sock, RECEIVE_LIMIT)
            if not data:
                self._journal.end(self._fd)
                return
            self._journal.received(self._fd, data)
            self._doing = "replying"
            await loop.sock_sendall(self._sock, answer(data))
            self._doing = "resting"
            if self._idle_timeout is not None:
                patience.reschedule(loop.time() + self._idle_timeout)
            await asyncio.sleep(0)

    def leave(self, task: asyncio.Task[None]) -> None:
        """Let the reply in hand go out, but wait for no other message."""
        self._leaving = True
        if self._doing == "receiving":
            task.cancel()

    def cut(self, task: asyncio.Task[None]) -> None:
        """Give up a reply that the peer still does not take."""
        if self._doing == "replying":
            task.cancel()
