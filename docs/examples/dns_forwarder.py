"""DNS forwarder: passes questions on to a server that knows, and remembers what it said.

It shows datagrams: many questions in flight over one connected socket, each answer given to whom it
is for; what is lost asked again; strangers and nonsense passed over. A thousand clients are looked
after at a time, then the system's buffer is the queue, and drops what is too much. Left out is TCP,
and asking once where two clients ask the same at the same time.

    pip install dnspython
    python3 docs/examples/dns_forwarder.py 9.9.9.9 --port 5353
    dig @127.0.0.1 -p 5353 example.org
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from math import ceil
from secrets import randbelow
from signal import SIGINT, SIGTERM
from typing import Final, TypeAlias

import checkout
import dns.exception
import dns.flags
import dns.message
import dns.rcode
from dns.message import Message, QueryMessage
from dns.rrset import RRset

from reactor import Scope, TaskGroup, WaitQueue, current_task, move_on_after, run
from reactor.net import Address, DatagramSocket, bind_udp, connect_udp
from reactor.sync import Semaphore, SignalReceiver

MOST_CLIENTS: Final = 1000  # looked after at a time
MOST_KEPT: Final = 10_000  # answers
TRIES: Final = 3
PAYLOAD: Final = 1232  # bytes, which pass every network in one piece (DNS flag day 2020)
HEADER: Final = 12  # bytes

Key: TypeAlias = tuple[object, ...]


class Upstream:
    """The server that knows, asked by many tasks over one socket."""

    def __init__(self, sock: DatagramSocket, seconds: float) -> None:
        self._sock = sock
        self._seconds = seconds
        self._asked: dict[int, tuple[Message, WaitQueue[Message]]] = {}

    async def ask(self, query: Message) -> Message | None:
        """Return the answer to query, None if there is none, however often it is asked."""
        while (number := randbelow(65_536)) in self._asked:
            pass
        query.id = number
        answered: WaitQueue[Message] = WaitQueue()
        self._asked[number] = query, answered
        try:
            for _ in range(TRIES):
                with suppress(OSError):  # nobody listens there, or did not the last time
                    await self._sock.send(query.to_wire())
                with move_on_after(self._seconds):
                    return await answered
        finally:
            del self._asked[number]
        return None

    async def listen(self) -> None:
        """Give answers to those who wait for them, until cancelled."""
        while True:
            with suppress(OSError, dns.exception.DNSException):
                data, _ = await self._sock.receive()
                answer = dns.message.from_wire(data)
                if answer.id in self._asked:
                    query, answered = self._asked[answer.id]
                    if query.is_response(answer):  # the very same question, that is
                        answered.wake_all(answer)


class Kept:
    """Answers, each for as long as the first of its records lives."""

    def __init__(self) -> None:
        self._now = current_task().reactor.now
        self._answers: dict[Key, tuple[Message, float]] = {}

    def get(self, key: Key) -> Message | None:
        """Return the answer for key, with what is left of its time."""
        answer, until = self._answers.get(key, (None, 0.0))
        left = ceil(until - self._now())
        if answer is None or left <= 0:
            self._answers.pop(key, None)
            return None
        for record in records(answer):
            record.ttl = left
        return answer

    def keep(self, key: Key, answer: Message) -> None:
        """Keep answer if it is one that holds for a while."""
        if not isinstance(answer, QueryMessage) or answer.flags & dns.flags.TC:
            return
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return
        with suppress(dns.exception.DNSException):  # it contradicts itself
            ttl = answer.resolve_chaining().minimum_ttl  # also that of a "no" (RFC 2308)
            ttl = min([ttl, *(record.ttl for record in records(answer))])
            self._answers[key] = answer, self._now() + ttl
            if len(self._answers) > MOST_KEPT:
                del self._answers[next(iter(self._answers))]


class Forwarder:
    """Takes questions in at a door, and answers them; cancel taking_in, and it ends with the last
    answer.
    """

    def __init__(self, door: DatagramSocket, upstream: Upstream) -> None:
        self.taking_in = Scope()
        self._door = door
        self._upstream = upstream
        self._kept = Kept()
        self._room = Semaphore(MOST_CLIENTS)

    async def serve(self) -> None:
        """Look after each client in a task of its own."""
        async with TaskGroup() as group:
            with self.taking_in:
                while True:
                    await self._room.acquire()  # which the task releases
                    group.spawn(self._look_after, *await self._door.receive())

    async def _look_after(self, data: bytes, client: Address) -> None:
        try:
            if len(data) >= HEADER and not data[2] & 0x80:  # two who answer answers never end
                with suppress(OSError, dns.exception.DNSException):  # the client will ask again
                    await self._door.send_to(await self._reply(data), client)
        finally:
            self._room.release()

    async def _reply(self, data: bytes) -> bytes:
        if data[2] & 0x78:
            return refusal(data, dns.rcode.NOTIMP)  # it is no query
        try:
            query = dns.message.from_wire(data)
            [question] = query.question
        except (dns.exception.DNSException, ValueError):
            return refusal(data, dns.rcode.FORMERR)
        secure = bool(query.ednsflags & dns.flags.DO)
        key = question.name, question.rdtype, question.rdclass
        answer = self._kept.get((*key, secure))
        if answer is None:
            own = dns.message.make_query(*key, want_dnssec=secure, payload=PAYLOAD)
            answer = await self._upstream.ask(own)
            if answer is not None:
                self._kept.keep((*key, secure), answer)
        return reply(query, answer)


def refusal(data: bytes, rcode: int) -> bytes:
    """Return the header of what came as that of an answer, with nothing behind it."""
    return data[:2] + bytes([0x80 | data[2] & 0x79, rcode]) + bytes(HEADER - 4)


def reply(query: Message, answer: Message | None) -> bytes:
    """Return what to tell who has asked query."""
    told = dns.message.make_response(query, recursion_available=True, our_payload=PAYLOAD)
    if answer is None:
        told.set_rcode(dns.rcode.SERVFAIL)
    else:
        told.set_rcode(answer.rcode())
        told.flags |= answer.flags & (dns.flags.TC | dns.flags.AD)
        told.sections[1:] = answer.sections[1:]
    return told.to_wire(max_size=query.payload or 512, prefer_truncation=True)


def records(answer: Message) -> list[RRset]:
    """Return all that answer tells."""
    return [*answer.answer, *answer.authority, *answer.additional]


async def main(upstream: tuple[str, int], host: str, port: int, seconds: float) -> None:
    """Serve until a signal says to end, and then answer whom it has taken in."""
    with await bind_udp(host, port) as door, await connect_udp(*upstream) as sock:
        server = Upstream(sock, seconds)
        forwarder = Forwarder(door, server)
        async with TaskGroup() as group:
            group.spawn(server.listen)
            serving = group.spawn(forwarder.serve)
            with SignalReceiver(SIGINT, SIGTERM) as signals:
                print(f"listening on {host} port {door.port}", flush=True)
                await signals.next()
            forwarder.taking_in.cancel()
            with move_on_after(5):
                await serving.join()
            group.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("upstream", help="the address of a server that knows")
    parser.add_argument("--upstream-port", type=int, default=53)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5353)
    parser.add_argument("--seconds", type=float, default=2, help="to wait for an answer each time")
    given = parser.parse_args()
    run(main, (given.upstream, given.upstream_port), given.host, given.port, given.seconds)
