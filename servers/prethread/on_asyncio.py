"""Model 7 on stdlib asyncio: threads started ahead, a loop in each, and a lock for accepting.

Law of this file: the main thread only starts, replaces and stops the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

from servers.asyncio_stopping import stop_signals
from servers.asyncio_worker import Worker
from servers.journal import Journal, Thread
from servers.options import WORKERS, Options
from servers.policy import WORKER_SECONDS
from servers.supervision import Supervisor
from servers.threads import LoopThread


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        server = _Server(runner.get_loop(), listener, options, journal)
        with stop_signals(server.loop, server.stop):
            server.supervisor.start()
            journal.ready()
            server.loop.run_forever()


class _Server:
    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listener: socket.socket,
        options: Options,
        journal: Journal,
    ) -> None:
        self.loop = loop
        self.listener = listener
        listener.setblocking(False)  # all its duplicates are as it is, and dup() makes it so again
        self.options = options
        self.journal = journal
        self.lock = threading.Lock()
        count = options.workers or WORKERS
        self.supervisor = Supervisor(count, self._hire, loop.call_later, journal)

    def _hire(self) -> _Thread:
        listener = self.listener.dup()  # its own, to be watched by its loop
        thread = _Thread(self, listener)
        try:
            thread.start()
        except RuntimeError:  # the system has none to give
            listener.close()
            raise
        return thread

    def ended(self, thread: _Thread, error: BaseException | None) -> None:
        thread.join()
        if error is not None:
            self.journal.worker_ended(Thread(thread.ident or 0), repr(error))
        self.supervisor.gone(thread)
        self._end_after_the_last()

    def stop(self, signum: int) -> None:
        self.journal.stopping(signum)
        self.listener.close()
        self.supervisor.stop()
        for thread in self.supervisor.workers:
            thread.leave()
        self.loop.call_later(WORKER_SECONDS, self.loop.stop)
        self._end_after_the_last()

    def _end_after_the_last(self) -> None:
        if self.supervisor.stopped and not self.supervisor.workers:
            self.loop.stop()


class _Thread(LoopThread):
    """A thread with a worker in it."""

    def __init__(self, server: _Server, listener: socket.socket) -> None:
        super().__init__()
        self._server = server
        self._listener = listener

    def work(self) -> None:
        server, who = self._server, Thread(threading.get_ident())
        runs = asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)
        with self._listener as listener, runs as runner:
            worker = Worker(listener, server.lock, who, server.options, server.journal)
            with self.hearing(runner.get_loop().call_soon_threadsafe, worker.leave):
                runner.run(worker.run())

    def ended(self, error: BaseException | None) -> None:
        with contextlib.suppress(RuntimeError):  # a second signal: the main loop is closed
            self._server.loop.call_soon_threadsafe(self._server.ended, self, error)
