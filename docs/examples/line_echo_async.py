"""Line echo in `async def`: each line comes back as it was sent.

One service in three forms, to be read side by side: line_echo_generators.py, line_echo_async.py
and line_echo_callbacks.py behave alike. A line has a limit, a client may be silent only for so
long, so many are in at a time while others wait, and SIGTERM lets all out in good order.

    python3 docs/examples/line_echo_async.py
    nc 127.0.0.1 7000
"""

from __future__ import annotations

import argparse
from signal import SIGINT, SIGTERM
from typing import Final

import checkout

from reactor import LimitError, run
from reactor.net import Connection, listen
from reactor.serving import Server

LONGEST: Final = 1000  # bytes of a line
PATIENCE: Final = 5.0  # seconds for what is on its way at the end


class LineEcho:
    def __init__(self, host: str, port: int, most: int, idle_seconds: float) -> None:
        self.door = listen(host, port)
        self.server = Server(self.echo, self.door, most=most, idle_seconds=idle_seconds)

    async def run(self) -> None:
        await self.server.run_until(SIGINT, SIGTERM, seconds=PATIENCE, ready=self.ready)

    def ready(self) -> None:
        print("listening on {} port {}".format(*self.door.getsockname()), flush=True)

    async def echo(self, connection: Connection) -> None:
        try:
            while True:
                with self.server.at_rest() as rest:
                    line = await connection.receive_line(LONGEST)
                if rest.cancelled_caught or line is None:
                    return
                await connection.send_all(line + b"\n")
        except LimitError:
            await connection.send_all(b"that line is too long\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send lines back.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7000)
    parser.add_argument("--most", type=int, default=1000, help="clients at a time")
    parser.add_argument("--idle", type=float, default=60, help="seconds of silence")
    given = parser.parse_args()
    run(LineEcho(given.host, given.port, given.most, given.idle).run)
