"""A proxy that takes TLS off: secret towards the clients, plain towards a backend, or TLS again.

The bytes of a client go both ways. A send waits until the other side has taken what came, and
nothing is received meanwhile: that is all there is to back-pressure. An end in good
order is passed on while the other direction goes on; an end without TLS's word for it, or a reset,
ends both sides with a reset.

    python3 docs/examples/tls_proxy.py --certificate own.pem --key own.key --to localhost:8000
    curl --cacert ca.pem https://localhost:7002/
"""

from __future__ import annotations

import argparse
import ssl
import sys
from signal import SIGINT, SIGTERM
from typing import Final

import checkout

from reactor import ReactorError, run
from reactor.net import Connection, Stream, connect, listen, relay, tls_client, tls_server
from reactor.serving import Server

PATIENCE: Final = 5.0  # seconds for what is on its way at the end


class TlsProxy:
    def __init__(self, given: argparse.Namespace) -> None:
        self.own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.own.load_cert_chain(given.certificate, given.key)
        self.trusted = ssl.create_default_context(cafile=given.trust) if given.trust else None
        self.host, _, port = given.to.rpartition(":")
        self.port = int(port)
        self.patience: float = given.patience
        self.idle_seconds: float = given.idle
        self.door = listen(given.host, given.port)
        self.server = Server(self.serve, self.door, most=given.most, idle_seconds=self.idle_seconds)

    async def run(self) -> None:
        await self.server.run_until(SIGINT, SIGTERM, seconds=PATIENCE, ready=self.ready)

    def ready(self) -> None:
        print("listening on {} port {}".format(*self.door.getsockname()), flush=True)

    async def serve(self, connection: Connection) -> None:
        client = await tls_server(connection, self.own, seconds=self.patience)
        with client, await self.reach_backend() as backend:
            try:
                await relay(client, backend)
            except* (OSError, ReactorError) as lost:
                client.abort()
                backend.abort()
                print(f"{connection!r}: {lost.exceptions[0]}", file=sys.stderr)

    async def reach_backend(self) -> Stream:
        backend = await connect(
            self.host, self.port, seconds=self.patience, idle_seconds=self.idle_seconds
        )
        if self.trusted is None:
            return backend
        return await tls_client(backend, self.trusted, host=self.host, seconds=self.patience)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Take TLS off what comes.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7002)
    parser.add_argument("--certificate", required=True, help="PEM file")
    parser.add_argument("--key", help="PEM file, unless the certificate's has it too")
    parser.add_argument("--to", required=True, metavar="HOST:PORT", help="the backend")
    parser.add_argument(
        "--trust", help="PEM file: speak TLS to the backend, and trust whom it names"
    )
    parser.add_argument("--most", type=int, default=1000, help="clients at a time")
    parser.add_argument("--patience", type=float, default=10, help="seconds for a handshake")
    parser.add_argument("--idle", type=float, default=60, help="seconds of silence")
    run(TlsProxy(parser.parse_args()).run)
