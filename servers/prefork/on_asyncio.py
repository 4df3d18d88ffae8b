"""Model 6 on stdlib asyncio: workers forked ahead, a loop in each, a file lock for accepting.

Law of this file: the parent only starts, reaps, replaces and stops the others. A child never
touches its parent's loop, nor closes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket

from servers.asyncio_stopping import child_stops, stop_signals
from servers.asyncio_worker import Worker
from servers.filelock import FileLock
from servers.journal import Journal, Process
from servers.options import WORKERS, Options
from servers.policy import WORKER_SECONDS
from servers.processes import Children, ending
from servers.supervision import Supervisor


def serve(listener: socket.socket, options: Options, journal: Journal) -> None:
    """Serve the clients of listener, which is closed in the end; return after SIGTERM or SIGINT."""
    with (
        contextlib.closing(FileLock()) as lock,
        Children(journal) as children,
        asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner,
    ):
        loop = runner.get_loop()
        parent = _Parent(lock, children, loop, listener, options, journal)
        with stop_signals(loop, parent.stop):
            loop.add_signal_handler(signal.SIGCHLD, parent.reap)
            parent.supervisor.start()
            journal.ready()
            loop.run_forever()


class _Parent:
    def __init__(
        self,
        lock: FileLock,
        children: Children,
        loop: asyncio.AbstractEventLoop,
        listener: socket.socket,
        options: Options,
        journal: Journal,
    ) -> None:
        self._lock = lock
        self._children = children
        self._loop = loop
        self._listener = listener
        self._options = options
        self._journal = journal
        count = options.workers or WORKERS
        self.supervisor = Supervisor(count, self._hire, loop.call_later, journal)

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
        self._loop.call_later(WORKER_SECONDS, self._children.kill)
        self._end_after_the_last()

    def _end_after_the_last(self) -> None:
        if self.supervisor.stopped and not self.supervisor.workers:
            self._loop.stop()

    def _work(self) -> None:
        who = Process(os.getpid())
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            worker = Worker(self._listener, self._lock, who, self._options, self._journal)
            with child_stops(runner.get_loop(), worker.leave, self._children.lifeline):
                runner.run(worker.run())
