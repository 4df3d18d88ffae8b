"""SOCKS5: a proxy that connects to wherever its clients ask (RFC 1928), by name if they like.

A protocol of bytes, read by count, one step after the other, as one would tell it: what comes too
early is held, what is missing is waited for, and a deadline is round all of it. With --user and
--password a client has to say them (RFC 1929).

    python3 docs/examples/socks5.py
    curl --socks5-hostname localhost:7003 https://www.example.org/
"""

from __future__ import annotations

import argparse
import errno
import os
import socket
import sys
from hmac import compare_digest
from ipaddress import ip_address
from math import inf
from signal import SIGINT, SIGTERM
from typing import Final

import checkout

from reactor import ReactorError, run, timeout
from reactor.net import Connection, Stream, connect, listen, relay
from reactor.serving import Server

PATIENCE: Final = 5.0  # seconds for what is on its way at the end

# RFC 1928, sections 3 to 6: methods, the command, kinds of address, codes of replies.
NOTHING, PASSWORD, NO_METHOD = 0, 2, 255
CONNECT = 1
IPV4, NAME, IPV6 = 1, 3, 4
SUCCEEDED, FAILED, UNREACHABLE, NO_SUCH_COMMAND, NO_SUCH_KIND = 0, 1, 4, 7, 8
CODES: Final = {errno.ENETUNREACH: 3, errno.EHOSTUNREACH: UNREACHABLE, errno.ECONNREFUSED: 5}


class RefusedError(Exception):
    def __init__(self, answer: bytes) -> None:
        self.answer = answer


def reply(code: int, host: str = "0.0.0.0", port: int = 0) -> bytes:
    address = ip_address(host)
    kind = IPV4 if address.version == 4 else IPV6
    return bytes([5, code, 0, kind]) + address.packed + port.to_bytes(2)


async def field(client: Stream) -> bytes:
    (count,) = await client.receive_exactly(1)
    return await client.receive_exactly(count)


async def requested(client: Stream) -> tuple[str, int]:
    version, command, _, kind = await client.receive_exactly(4)
    if kind == NAME:
        host = (await field(client)).decode("ascii", "replace")
    elif kind in (IPV4, IPV6):
        host = str(ip_address(await client.receive_exactly(4 if kind == IPV4 else 16)))
    else:
        raise RefusedError(reply(NO_SUCH_KIND))
    port = int.from_bytes(await client.receive_exactly(2))
    if (version, command) != (5, CONNECT):
        raise RefusedError(reply(NO_SUCH_COMMAND))
    return host, port


def address_of(connection: Connection) -> tuple[str, int]:
    with socket.socket(fileno=os.dup(connection.fileno())) as sock:
        host, port, *_ = sock.getsockname()
        return host, port


class Socks5:
    def __init__(self, given: argparse.Namespace) -> None:
        self.secret = f"{given.user}\0{given.password}".encode() if given.user else b""
        self.patience: float = given.patience
        self.idle_seconds: float = given.idle
        self.door = listen(given.host, given.port)
        self.server = Server(self.serve, self.door, most=given.most, idle_seconds=self.idle_seconds)

    async def run(self) -> None:
        await self.server.run_until(SIGINT, SIGTERM, seconds=PATIENCE, ready=self.ready)

    def ready(self) -> None:
        print("listening on {} port {}".format(*self.door.getsockname()), flush=True)

    async def serve(self, client: Connection) -> None:
        try:
            with timeout(self.patience) as limit:
                await self.agree(client)
                host, port = await requested(client)
                limit.deadline = inf  # the request is here; what follows has limits of its own
                with await self.reach(host, port) as target:
                    await client.send_all(reply(SUCCEEDED, *address_of(target)))
                    await self.carry(client, target)
        except RefusedError as refused:
            await client.send_all(refused.answer)

    async def agree(self, client: Stream) -> None:
        version, count = await client.receive_exactly(2)
        if version != 5:
            raise ConnectionError(f"speaks version {version} of SOCKS, or something else")
        methods = await client.receive_exactly(count)
        method = PASSWORD if self.secret else NOTHING
        if method not in methods:
            raise RefusedError(bytes([5, NO_METHOD]))
        await client.send_all(bytes([5, method]))
        if method == PASSWORD:
            await client.receive_exactly(1)
            user, password = await field(client), await field(client)
            if not compare_digest(user + b"\0" + password, self.secret):
                raise RefusedError(b"\1\1")
            await client.send_all(b"\1\0")

    async def reach(self, host: str, port: int) -> Connection:
        try:
            return await connect(host, port, seconds=self.patience, idle_seconds=self.idle_seconds)
        except (socket.gaierror, TimeoutError):
            code = UNREACHABLE
        except OSError as error:
            code = CODES.get(error.errno or 0, FAILED)
        raise RefusedError(reply(code))

    async def carry(self, client: Stream, target: Stream) -> None:
        try:
            await relay(client, target)
        except* (OSError, ReactorError) as lost:
            client.abort()
            target.abort()
            print(f"{client!r}: {lost.exceptions[0]}", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Connect to where clients ask.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7003)
    parser.add_argument("--user", help="only whoever says this, and the password")
    parser.add_argument("--password", default="")
    parser.add_argument("--most", type=int, default=1000, help="clients at a time")
    parser.add_argument("--patience", type=float, default=10, help="seconds for a request")
    parser.add_argument("--idle", type=float, default=60, help="seconds of silence")
    run(Socks5(parser.parse_args()).run)
