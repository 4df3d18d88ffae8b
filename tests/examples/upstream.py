"""A server of DNS for the forwarder to ask, which says what a test wants it to say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from typing import Self, TypeAlias

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns.message import Message

from tests.net.peers import DEADLINE

Answering: TypeAlias = Callable[[Message], Iterable[Message | bytes]]

MARK = b"mark"


class Upstream:
    """Says to each query what answering returns, in a thread of its own."""

    def __init__(self) -> None:
        self.answering: Answering = lambda query: []
        self._asked: list[Message] = []
        self._marked = threading.Semaphore(0)
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._answer)

    @property
    def port(self) -> int:
        port: int = self._sock.getsockname()[1]
        return port

    def asked(self) -> list[Message]:
        """Return what was asked so far, also what has arrived and was not looked at yet."""
        self._sock.sendto(MARK, self._sock.getsockname())
        assert self._marked.acquire(timeout=DEADLINE)
        return self._asked

    def _answer(self) -> None:
        while True:
            data, client = self._sock.recvfrom(65_536)
            if not data:
                return
            if data == MARK:
                self._marked.release()
                continue
            query = dns.message.from_wire(data)
            self._asked.append(query)
            for answer in self.answering(query):
                wire = answer if isinstance(answer, bytes) else answer.to_wire(max_size=65_535)
                self._sock.sendto(wire, client)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._sock.sendto(b"", self._sock.getsockname())
        self._thread.join()
        self._sock.close()


def address(query: Message, host: str = "192.0.2.1", ttl: int = 300) -> Message:
    """Return the answer that the name which is asked for is at host."""
    answer = dns.message.make_response(query)
    answer.answer.append(dns.rrset.from_text(query.question[0].name, ttl, "IN", "A", host))
    return answer


def denial(query: Message) -> Message:
    """Return the answer that there is no such name, to be remembered for a minute."""
    answer = dns.message.make_response(query)
    answer.set_rcode(dns.rcode.NXDOMAIN)
    authority = "ns.org. root.org. 1 2 3 4 60"
    answer.authority.append(dns.rrset.from_text("org.", 300, "IN", "SOA", authority))
    return answer


def cut(query: Message) -> Message:
    """Return an answer that says of itself that something lacks."""
    answer = address(query)
    answer.flags |= dns.flags.TC
    return answer
