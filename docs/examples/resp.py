"""RESP: a server that speaks the protocol of Redis (RESP2), over keys and values in memory.

It shows a parser that knows nothing of sockets and keeps its place in a plain generator; requests
that came together answered with one send; keys that expire by the loop's own timers; and a limit
for everything that a client could make grow.

    python3 docs/examples/resp.py --port 6379
    redis-cli set greeting hello ex 60
    redis-benchmark -t set,get,incr -P 16 -q
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Generator, Iterator
from math import ceil
from signal import SIGINT, SIGTERM
from socket import socket
from typing import Final, TypeAlias

import checkout

from reactor import Reactor, Timer, breathe, current_task, run
from reactor.net import Connection, listen
from reactor.serving import Server

MOST_WORDS: Final = 65_536  # of a request
MOST_BYTES: Final = 1024 * 1024  # of all words of a request
MOST_LINE: Final = 65_536  # bytes
MOST_STORED: Final = 1024 * 1024 * 1024  # bytes, of all keys and values
MOST_CLIENTS: Final = 1000
IDLE_SECONDS: Final = 300
MANY: Final = 65_536  # bytes of replies: they are sent before more are made

UNITS: Final = {b"EX": 1, b"PX": 1000}  # to a second

Request: TypeAlias = list[bytes]
Reply: TypeAlias = str | bytes | int | list[bytes] | None


class GarbageError(Exception):
    """What came is no request, so nobody can tell where the next one begins."""


class RefusedError(Exception):
    """A request that was understood, and is not granted."""


class Requests:
    """Bytes in, requests out: each an array of bulk strings, or the words of a line."""

    def __init__(self) -> None:
        self._came = bytearray()
        self._parsed = self._parse()

    def feed(self, data: bytes) -> Iterator[Request]:
        """Yield the requests that data completes; raise GarbageError behind the last good one."""
        self._came += data
        while (request := next(self._parsed)) is not None:
            if request:
                yield request

    def _parse(self) -> Iterator[Request | None]:
        """Yield each request, and None where it takes more bytes to go on."""
        while True:
            line = yield from self._line()
            if not line.startswith(b"*"):
                yield line.split()
                continue
            request: Request = []
            room = MOST_BYTES
            for _ in range(length(line, MOST_WORDS, "multibulk")):
                head = yield from self._line()
                if not head.startswith(b"$"):
                    raise GarbageError(f"expected '$', got {head[:1].decode('latin-1')!r}")
                size = length(head, room, "bulk")
                room -= size
                request.append((yield from self._take(size + 2))[:size])
            yield request

    def _line(self) -> Generator[None, None, bytes]:
        while (end := self._came.find(b"\n", 0, MOST_LINE)) < 0:
            if len(self._came) >= MOST_LINE:
                raise GarbageError("too big inline request")
            yield
        return (yield from self._take(end + 1)).rstrip()

    def _take(self, count: int) -> Generator[None, None, bytes]:
        while len(self._came) < count:
            yield
        taken = bytes(self._came[:count])
        del self._came[:count]
        return taken


def length(line: bytes, most: int, what: str) -> int:
    """Return the number behind the mark that line begins with."""
    digits = line[1:]
    if not digits.isdigit() or len(digits) > 10 or int(digits) > most:
        raise GarbageError(f"invalid {what} length")
    return int(digits)


class Store:
    """Keys and values, and what can be asked of them."""

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._values: dict[bytes, bytes] = {}
        self._ends: dict[bytes, Timer] = {}  # of those keys that will expire
        self._size = 0

    def answer(self, request: Request) -> Reply:
        """Do what is asked, and return what came of it; raise RefusedError if it cannot be done."""
        match [request[0].upper(), *request[1:]]:
            case [b"GET", key]:
                return self._values.get(key)
            case [b"SET", key, value]:
                return self._set(key, value, None)
            case [b"SET", key, value, unit, number] if unit.upper() in UNITS:
                return self._set(key, value, in_seconds(number, unit.upper()))
            case [b"INCR", key]:
                return self._add(key, 1)
            case [b"INCRBY", key, number]:
                return self._add(key, integer(number))
            case [b"DEL", *keys]:
                return sum(map(self._drop, keys))
            case [b"EXISTS", *keys]:
                return sum(key in self._values for key in keys)
            case [b"EXPIRE", key, number]:
                return self._expire(key, in_seconds(number, b"EX"))
            case [b"TTL", key]:
                return self._left(key)
            case _:
                name = request[0][:64].decode("latin-1")
                raise RefusedError(f"ERR unknown command or wrong number of arguments for {name!r}")

    def _set(self, key: bytes, value: bytes, seconds: float | None) -> str:
        self._put(key, value)
        self._end_after(key, seconds)
        return "OK"

    def _add(self, key: bytes, number: int) -> int:
        number += integer(self._values.get(key, b"0"))
        self._put(key, b"%d" % number)
        return number

    def _put(self, key: bytes, value: bytes) -> None:
        more = len(value) - len(self._values.get(key, b"")) + len(key) * (key not in self._values)
        if self._size + more > MOST_STORED:
            raise RefusedError("OOM command not allowed when used memory > 'maxmemory'")
        self._size += more
        self._values[key] = value

    def _drop(self, key: bytes) -> bool:
        if key not in self._values:
            return False
        self._end_after(key, None)
        self._size -= len(key) + len(self._values.pop(key))
        return True

    def _left(self, key: bytes) -> int:
        if key in self._ends:
            return ceil(self._ends[key].when - self._reactor.now())
        return -1 if key in self._values else -2

    def _expire(self, key: bytes, seconds: float) -> bool:
        if key not in self._values:
            return False
        self._end_after(key, seconds)
        return True

    def _end_after(self, key: bytes, seconds: float | None) -> None:
        if key in self._ends:
            self._ends.pop(key).cancel()
        if seconds is not None:
            self._ends[key] = self._reactor.call_later(seconds, self._drop, key)


def integer(word: bytes) -> int:
    """Return the number that word says."""
    if not re.fullmatch(rb"-?\d{1,18}", word):
        raise RefusedError("ERR value is not an integer or out of range")
    return int(word)


def in_seconds(number: bytes, unit: bytes) -> float:
    """Return the seconds that number says in that unit."""
    if (count := integer(number)) <= 0:
        raise RefusedError("ERR invalid expire time")
    return count / UNITS[unit]


def encoded(reply: Reply) -> bytes:
    """Return reply as the protocol says it."""
    match reply:
        case None:
            return b"$-1\r\n"
        case str():
            return b"+%b\r\n" % reply.encode()
        case int():
            return b":%d\r\n" % reply
        case bytes():
            return b"$%d\r\n%b\r\n" % (len(reply), reply)
        case list():
            return b"*%d\r\n%b" % (len(reply), b"".join(map(encoded, reply)))


class Service:
    """The server, and what its clients share."""

    def __init__(self, sock: socket) -> None:
        self.server = Server(self._serve, sock, most=MOST_CLIENTS, idle_seconds=IDLE_SECONDS)
        self._store = Store(current_task().reactor)

    async def _serve(self, connection: Connection) -> None:
        requests = Requests()
        while True:
            with self.server.at_rest() as rest:
                data = await connection.receive()
            if rest.cancelled_caught or not data:
                return
            replies = bytearray()
            try:
                for request in requests.feed(data):
                    replies += self._reply(request)
                    if len(replies) >= MANY:
                        await connection.send_all(replies)
                        replies = bytearray()
                    await breathe()  # so that others need not wait for a thousand requests
            except GarbageError as error:
                replies += b"-ERR Protocol error: %b\r\n" % str(error).encode()
                await connection.send_all(replies)
                return
            await connection.send_all(replies)

    def _reply(self, request: Request) -> bytes:
        try:
            match [request[0].upper(), *request[1:]]:
                case [b"PING"]:
                    return encoded("PONG")
                case [b"PING" | b"ECHO", word]:
                    return encoded(word)
                case [b"CONFIG", _, name]:
                    return encoded([name, b""])
                case [b"COMMAND", *_]:
                    return encoded([])
                case _:
                    return encoded(self._store.answer(request))
        except RefusedError as refusal:
            return b"-%b\r\n" % str(refusal).encode()


async def main(host: str, port: int) -> None:
    """Serve until a signal says to end, and let go of the clients in good order."""
    sock = listen(host, port)
    service = Service(sock)

    def ready() -> None:
        print("listening on {} port {}".format(*sock.getsockname()), flush=True)

    await service.server.run_until(SIGINT, SIGTERM, seconds=5, ready=ready)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=6379)
    arguments = parser.parse_args()
    run(main, arguments.host, arguments.port)
