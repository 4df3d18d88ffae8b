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
from functools import partial
from signal import SIGINT, SIGTERM
from typing import Final

import checkout

from reactor import LimitError, Reactor
from reactor.net import LineChannel, listen
from reactor.serving import ChannelServer

LONGEST: Final = 1000  # bytes of a line
PATIENCE: Final = 5.0  # seconds for what is on its way at the end


class LineEcho:
    def __init__(self, reactor: Reactor, host: str, port: int, most: int, idle: float) -> None:
        self.reactor = reactor
        self.door = listen(host, port)
        make = partial(Client, line_limit=LONGEST, idle_seconds=idle)
        self.server = ChannelServer(reactor, make, self.door, most=most)

    def run(self) -> None:
        self.server.drain_on(SIGINT, SIGTERM, seconds=PATIENCE, drained=self.drained)
        print("listening on {} port {}".format(*self.door.getsockname()), flush=True)
        self.reactor.run()

    def drained(self, cut: int) -> None:
        self.reactor.stop()


class Client(LineChannel):
    def received_line(self, line: bytes) -> None:
        self.send(line + b"\n")

    def line_too_long(self, error: LimitError) -> None:
        self.send(b"that line is too long\n")
        self.finish()

    def ended(self, error: Exception | None) -> None:
        if error is not None:
            print(f"{self!r}: {error}", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send lines back.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7000)
    parser.add_argument("--most", type=int, default=1000, help="clients at a time")
    parser.add_argument("--idle", type=float, default=60, help="seconds of silence")
    given = parser.parse_args()
    with Reactor() as reactor:
        LineEcho(reactor, given.host, given.port, given.most, given.idle).run()
