"""Model 7 on our reactor: threads started ahead, a reactor in each, and a lock for accepting.

Law of this file: the main thread only starts, replaces and stops the others.
"""

from __future__ import annotations

import contextlib
import socket
import threading

from reactor import ClosedError, Reactor, run_in
from servers.journal import Journal, Thread
from servers.options import WORKERS, Options
from servers.policy import WORKER_SECONDS
from servers.reactor_stopping import stop_signals
from servers.reactor_worker import Worker
from servers.supervision import Supervisor
from servers.threads import LoopThread


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with Reactor() as reactor:
        server = _Server(reactor, listener, options, journal)
        with stop_signals(reactor, server.stop):
            server.supervisor.start()
            journal.ready()
            reactor.run()


class _Server:
    def __init__(
        self, reactor: Reactor, listener: socket.socket, options: Options, journal: Journal
    ) -> None:
        self.reactor = reactor
        self.listener = listener
        listener.setblocking(False)  # all its duplicates are as it is, and dup() makes it so again
        self.options = options
        self.journal = journal
        self.lock = threading.Lock()
        count = options.workers or WORKERS
        self.supervisor = Supervisor(count, self._hire, reactor.call_later, journal)

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
        self.reactor.call_later(WORKER_SECONDS, self.reactor.stop)
        self._end_after_the_last()

    def _end_after_the_last(self) -> None:
        if self.supervisor.stopped and not self.supervisor.workers:
            self.reactor.stop()


class _Thread(LoopThread):
    """A thread with a worker in it."""

    def __init__(self, server: _Server, listener: socket.socket) -> None:
        super().__init__()
        self._server = server
        self._listener = listener

    def work(self) -> None:
        server, who = self._server, Thread(threading.get_ident())
        with self._listener as listener, Reactor() as reactor:
            worker = Worker(reactor, listener, server.lock, who, server.options, server.journal)
            with self.hearing(reactor.call_threadsafe, worker.leave):
                run_in(reactor, worker.run)

    def ended(self, error: BaseException | None) -> None:
        with contextlib.suppress(ClosedError):  # a second signal: there is nobody left to tell
            self._server.reactor.call_threadsafe(self._server.ended, self, error)
