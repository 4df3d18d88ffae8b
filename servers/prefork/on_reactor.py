"""Model 6 on our reactor: workers forked ahead, a reactor in each, a file lock for accepting.

Law of this file: the parent only starts, reaps, replaces and stops the others.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket

from reactor import Reactor, run_in
from servers.filelock import FileLock
from servers.journal import Journal, Process
from servers.options import WORKERS, Options
from servers.policy import WORKER_SECONDS
from servers.processes import Children, ending
from servers.reactor_stopping import child_stops, stop_signals
from servers.reactor_worker import Worker
from servers.supervision import Supervisor


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with (
        contextlib.closing(FileLock()) as lock,
        Children(journal) as children,
        Reactor() as reactor,
    ):
        parent = _Parent(lock, children, reactor, listener, options, journal)
        reactor.on_signal(signal.SIGCHLD, parent.reap)
        with stop_signals(reactor, parent.stop):
            parent.supervisor.start()
            journal.ready()
            reactor.run()


class _Parent:
    def __init__(
        self,
        lock: FileLock,
        children: Children,
        reactor: Reactor,
        listener: socket.socket,
        options: Options,
        journal: Journal,
    ) -> None:
        self._lock = lock
        self._children = children
        self._reactor = reactor
        self._listener = listener
        self._options = options
        self._journal = journal
        count = options.workers or WORKERS
        self.supervisor = Supervisor(count, self._hire, reactor.call_later, journal)

    def _hire(self) -> int:
        return self._children.fork(self._work)

    def reap(self) -> None:
        for pid, code in self._children.reap():
            if code or not self.supervisor.stopped:
                self._journal.worker_ended(Process(pid), ending(code))
            self.supervisor.gone(pid)
        self._end_after_the_last()

    def stop(self, signum: int) -> None:
        self._journal.stopping(signum)
        self._listener.close()
        self.supervisor.stop()
        self._children.release()
        self._reactor.call_later(WORKER_SECONDS, self._children.kill)
        self._end_after_the_last()

    def _end_after_the_last(self) -> None:
        if self.supervisor.stopped and not self.supervisor.workers:
            self._reactor.stop()

    def _work(self) -> None:
        who = Process(os.getpid())
        with Reactor() as reactor:
            worker = Worker(reactor, self._listener, self._lock, who, self._options, self._journal)
            with child_stops(reactor, worker.leave, self._children.lifeline):
                run_in(reactor, worker.run)
