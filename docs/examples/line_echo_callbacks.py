"""Line echo in callbacks: each line comes back as it was sent.

One service in three forms, to be read side by side: line_echo_generators.py, line_echo_async.py
and line_echo_callbacks.py behave alike. A line has a limit, a client may be silent only for so
long, so many are in at a time while others wait, and SIGTERM lets all out in good order.

    python3 docs/examples/line_echo_callbacks.py
    nc 127.0.0.1 7000
"""

from __future__ import annotations

import argparse
import sys
from itertools import takewhile
from signal import SIGINT, SIGTERM
from typing import Final

import checkout

from reactor import Reactor
from reactor.net import Address, CallbackListener, Channel, listen

LONGEST: Final = 1000  # bytes of a line
PATIENCE: Final = 5.0  # seconds for what is on its way at the end


class LineEcho:
    def __init__(self, reactor: Reactor, host: str, port: int, most: int, idle: float) -> None:
        self.reactor = reactor
        self.most = most
        self.idle_seconds = idle
        self.clients: dict[Client, None] = {}
        self.draining = False
        self.door = listen(host, port)
        self.open()
        self.signals = [reactor.on_signal(signum, self.drain) for signum in (SIGINT, SIGTERM)]

    def open(self) -> None:
        # A listener of callbacks cannot pause. It owns a second descriptor of the door instead, and
        # is closed: the door goes on to listen, so whoever comes waits in the backlog.
        self.listener = CallbackListener(self.reactor, self.door.dup(), self.accepted)

    def accepted(self, fd: int, peer: Address) -> None:
        self.clients[Client(self, fd, peer)] = None
        if len(self.clients) == self.most:
            self.listener.close()

    def left(self, client: Client) -> None:
        del self.clients[client]
        if self.draining and not self.clients:
            self.reactor.stop()
        elif not self.draining and len(self.clients) == self.most - 1:
            self.open()

    def drain(self) -> None:
        for watch in self.signals:
            watch.cancel()
        self.draining = True
        self.listener.close()
        self.door.close()
        for client in list(self.clients):
            client.finish()
        self.reactor.call_later(PATIENCE if self.clients else 0, self.reactor.stop)


class Client(Channel):
    def __init__(self, service: LineEcho, fd: int, peer: Address) -> None:
        super().__init__(service.reactor, fd, peer, idle_seconds=service.idle_seconds)
        self.service = service
        self.begun = b""  # of a line that has no end yet

    def received(self, data: bytes) -> None:
        *lines, self.begun = (self.begun + data).split(b"\n")
        good = list(takewhile(lambda line: len(line) <= LONGEST, lines))
        self.send(b"".join(line.removesuffix(b"\r") + b"\n" for line in good))
        if len(good) < len(lines) or len(self.begun) > LONGEST:
            self.send(b"that line is too long\n")
            self.finish()

    def received_end(self) -> None:
        if self.begun:
            self.send(self.begun + b"\n")

    def ended(self, error: Exception | None) -> None:
        if error is not None:
            print(f"{self!r}: {error}", file=sys.stderr)
        self.service.left(self)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send lines back.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7000)
    parser.add_argument("--most", type=int, default=1000, help="clients at a time")
    parser.add_argument("--idle", type=float, default=60, help="seconds of silence")
    given = parser.parse_args()
    with Reactor() as reactor:
        service = LineEcho(reactor, given.host, given.port, given.most, given.idle)
        print("listening on {} port {}".format(*service.door.getsockname()), flush=True)
        reactor.run()
