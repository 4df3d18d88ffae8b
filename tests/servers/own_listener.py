"""A server on a listening socket of the test's making, since accepted sockets inherit its buffers.

python3 -m tests.servers.own_listener MODULE [send_buffer=BYTES] [receive_buffer=BYTES]
    [idle_timeout=SECONDS] [workers=N] [reply_seconds=SECONDS] [stuck=1]
"""

from __future__ import annotations

import importlib
import signal
import socket
import sys

import servers.policy
from servers.journal import Journal, Who
from servers.options import Options


class StuckJournal(Journal):
    """Never comes back when it was told of what a client sent."""

    def received(self, who: Who, data: bytes) -> None:
        super().received(who, data)
        while True:
            signal.pause()


def main(module: str, *settings: str) -> None:
    """Serve until a signal comes."""
    for signum in (signal.SIGINT, signal.SIGTERM):  # as the command does, for those that come late
        signal.signal(signum, signal.SIG_IGN)
    given = {name: float(value) for name, _, value in (each.partition("=") for each in settings)}
    if "reply_seconds" in given:  # so that a stop takes as long as a test needs it to
        for name in ("REPLY_SECONDS", "WORKER_SECONDS"):
            vars(servers.policy)[name] = given["reply_seconds"]
    journal = StuckJournal() if given.get("stuck") else Journal()
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        for name, option in (("send", socket.SO_SNDBUF), ("receive", socket.SO_RCVBUF)):
            if (size := given.get(f"{name}_buffer")) is not None:
                listener.setsockopt(socket.SOL_SOCKET, option, int(size))
        journal.running(listener.getsockname()[1])
        workers = int(given["workers"]) if "workers" in given else None
        options = Options(idle_timeout=given.get("idle_timeout"), workers=workers)
        room = importlib.import_module(module)
        room.serve(listener, options, journal)
    journal.stopped()


main(*sys.argv[1:])
