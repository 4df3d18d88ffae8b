"""Metrics: a service that tells Prometheus how it is, and its log who has held its loop.

The service is the echo of line_echo_async.py, on one port; on the other one stands what an
operator asks for: turns, connections, and how long a turn is at work. Both are on one loop.

    python3 docs/examples/metrics.py
    nc 127.0.0.1 7000
    curl http://127.0.0.1:9100/metrics
"""

from __future__ import annotations

import argparse
import logging
from signal import SIGINT, SIGTERM
from typing import Final

import checkout

from reactor import LimitError, TaskGroup, current_task, run
from reactor.net import Connection, listen
from reactor.serving import Server
from reactor.watch import CONTENT_TYPE, Counters, Watchdog

LONGEST: Final = 1000  # bytes of a line
HEAD: Final = 16_384  # bytes of a request
PATIENCE: Final = 5.0  # seconds for what is on its way at the end


class Echo:
    def __init__(self, host: str, port: int) -> None:
        self.door = listen(host, port)
        self.server = Server(self.echo, self.door, most=1000, idle_seconds=60)
        self.lines = 0

    async def echo(self, connection: Connection) -> None:
        try:
            while (line := await connection.receive_line(LONGEST)) is not None:
                self.lines += 1
                await connection.send_all(line + b"\n")
        except LimitError:
            await connection.send_all(b"that line is too long\n")


class Desk:
    """Where an operator asks: one request a connection, which is all that Prometheus needs."""

    def __init__(self, host: str, port: int, counters: Counters) -> None:
        self.door = listen(host, port)
        self.server = Server(self.answer, self.door, most=10, idle_seconds=10)
        self._counters = counters

    async def answer(self, connection: Connection) -> None:
        request = (await connection.receive_until(b"\r\n\r\n", HEAD)).split(b" ", 2)
        if request[:2] == [b"GET", b"/metrics"]:
            head, body = f"200 OK\r\nContent-Type: {CONTENT_TYPE}", self._counters.prometheus()
        else:
            head, body = "404 Not Found\r\nContent-Type: text/plain", "there is /metrics only\n"
        data = body.encode()
        head += f"\r\nContent-Length: {len(data)}\r\nConnection: close"
        await connection.send_all(f"HTTP/1.1 {head}\r\n\r\n".encode() + data)


async def main(host: str, port: int, metrics_port: int, held: float) -> None:
    reactor = current_task().reactor
    counters = Counters(reactor)
    echo, desk = Echo(host, port), Desk(host, metrics_port, counters)
    counters.server(echo.server, "echo")
    counters.server(desk.server, "desk")
    counters.counter("echo_lines", lambda: echo.lines, "Lines that came back.")

    def ready() -> None:
        print("metrics at http://{}:{}/metrics".format(*desk.door.getsockname()), flush=True)
        print("listening on {} port {}".format(*echo.door.getsockname()), flush=True)

    with Watchdog(reactor, held):
        async with TaskGroup() as group:
            group.spawn(desk.server.run)
            await echo.server.run_until(SIGINT, SIGTERM, seconds=PATIENCE, ready=ready)
            await desk.server.drain(PATIENCE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send lines back, and tell how that goes.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7000)
    parser.add_argument("--metrics-port", type=int, default=9100)
    parser.add_argument("--held", type=float, default=0.5, help="seconds a turn may take")
    given = parser.parse_args()
    logging.basicConfig(format="%(levelname)s %(message)s")
    run(main, given.host, given.port, given.metrics_port, given.held)
