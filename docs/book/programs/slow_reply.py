"""A loop with two clients, one of whom asks for what takes long: made in the loop, or by a thread.

python3 -m docs.book.programs.slow_reply
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Thread

Send = Callable[[socket.socket, bytes], None]


def work(question: bytes, patience: Event, seconds: float) -> bytes:
    """Make a reply. A slow one takes until somebody else was answered, or seconds at most."""
    if question == b"slow":
        patience.wait(seconds)
    return question


class InTheLoop:
    """Makes each reply where it is asked for."""

    def __init__(self, patience: Event, send: Send) -> None:
        self._patience = patience
        self._send = send
        self.sockets: list[socket.socket] = []

    def ask(self, client: socket.socket, question: bytes) -> None:
        self._send(client, work(question, self._patience, 0.1))

    def hear(self) -> None:
        """Nothing comes from elsewhere."""

    def close(self) -> None:
        """Nothing is held."""


class ByAThread:
    """Has replies made by a thread: a question goes there through a queue, a reply comes back
    through another, and a byte wakes the loop.
    """

    def __init__(self, patience: Event, send: Send) -> None:
        self._patience = patience
        self._send = send
        self._questions: SimpleQueue[tuple[socket.socket, bytes] | None] = SimpleQueue()
        self._replies: SimpleQueue[tuple[socket.socket, bytes]] = SimpleQueue()
        self._bell, self._rope = socket.socketpair()
        self.sockets = [self._bell]
        self._threads = [Thread(target=self._work) for _ in range(2)]
        for thread in self._threads:
            thread.start()

    def ask(self, client: socket.socket, question: bytes) -> None:
        self._questions.put((client, question))

    def _work(self) -> None:
        while (asked := self._questions.get()) is not None:
            client, question = asked
            self._replies.put((client, work(question, self._patience, 10)))
            self._rope.send(b"!")  # after the reply is in the queue, or the loop finds none

    def hear(self) -> None:
        self._bell.recv(1)
        self._send(*self._replies.get())

    def close(self) -> None:
        for _ in self._threads:
            self._questions.put(None)
        for thread in self._threads:
            thread.join()
        self._bell.close()
        self._rope.close()


def order(way: type[InTheLoop | ByAThread]) -> list[bytes]:
    """Serve one who asks for something slow, and one who comes right behind; return who was
    answered in which order.
    """
    answered: list[bytes] = []
    patience = Event()

    def send(client: socket.socket, reply: bytes) -> None:
        client.sendall(reply)
        answered.append(reply)
        patience.set()

    maker = way(patience, send)
    clients = []
    peers = []
    for question in (b"slow", b"quick"):
        ours, theirs = socket.socketpair()
        theirs.sendall(question)
        clients.append(ours)
        peers.append(theirs)
    while len(answered) < 2:
        readable, _, _ = select.select([*clients, *maker.sockets], [], [])
        for sock in readable:
            if sock in clients:
                maker.ask(sock, sock.recv(512))
            else:
                maker.hear()
    maker.close()
    for sock in (*clients, *peers):
        sock.close()
    return answered


if __name__ == "__main__":
    for name, way in (("in the loop", InTheLoop), ("by a thread", ByAThread)):
        print(f"{name}: answers {' then '.join(reply.decode() for reply in order(way))}")
