"""What happens when a descriptor is closed and the loop is not told: two trials. Linux only.

python3 -m docs.book.programs.wrong_descriptor
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from functools import partial

from docs.book.programs import loop_3, loop_4
from reactor import Reactor
from reactor.poller import EpollPoller

Closes = Callable[[socket.socket], None]
Waits = Callable[[int, Callable[[], object]], object]
Trial = Callable[[Waits, Callable[[], None], Closes], str]


def pair(first: bytes = b"") -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a new connection, in which something has come perhaps."""
    ours, theirs = socket.socketpair()
    theirs.send(first)
    return ours, theirs


def hit(wait_readable: Waits, turn: Callable[[], None], close: Closes) -> str:
    """Two clients are ready in one turn. Who is called first closes the other; a newcomer takes its
    number. Return what becomes of the call that the other had coming.
    """
    clients = [pair(b"to the first"), pair(b"to the second")]
    numbers = [ours.fileno() for ours, _ in clients]
    newcomers: list[tuple[socket.socket, socket.socket]] = []
    read: list[bytes] = []

    def called(me: int) -> None:
        if not newcomers:
            close(clients[1 - me][0])
            newcomers.append(pair(b"to the newcomer"))
            assert newcomers[0][0].fileno() == numbers[1 - me]
        else:
            read.append(os.read(numbers[me], 512))

    for me in (0, 1):
        wait_readable(numbers[me], partial(called, me))
    turn()
    for sock in [sock for two in (*clients, *newcomers) for sock in two]:
        sock.close()
    return f"the queued call reads {read[0]!r}" if read else "the queued call is not made"


def deaf(wait_readable: Waits, turn: Callable[[], None], close: Closes) -> str:
    """A client leaves while the loop waits for it; a newcomer takes its number. Return whether
    anything is heard of the newcomer.
    """
    client, peer = pair()
    heard: list[str] = []
    wait_readable(client.fileno(), lambda: heard.append("the client"))
    number = client.fileno()
    close(client)
    newcomer, newcomers_peer = pair(b"hello?")
    assert newcomer.fileno() == number
    wait_readable(number, lambda: heard.append("the newcomer"))
    turn()
    for sock in (peer, newcomer, newcomers_peer):
        sock.close()
    return "the newcomer is heard" if heard == ["the newcomer"] else "the newcomer is never heard"


def untold(trial: Trial) -> str:
    """Try it on the loop before this step."""
    loop = loop_3.Loop(EpollPoller())
    loop.call_soon(int)  # so that its turn does not sleep for ever
    said = trial(loop.wait_readable, loop.turn, lambda sock: sock.close())
    loop.poller.close()
    return said


def told(trial: Trial) -> str:
    """Try it on the loop after this step."""
    loop = loop_4.Loop(EpollPoller())

    def close(sock: socket.socket) -> None:
        loop.forget(sock.fileno())
        sock.close()

    loop.call_soon(int)
    said = trial(loop.wait_readable, loop.turn, close)
    loop.poller.close()
    return said


def ours(trial: Trial) -> str:
    """Try it on a Reactor."""
    with Reactor(EpollPoller()) as reactor:

        def close(sock: socket.socket) -> None:
            reactor.forget(sock)
            sock.close()

        reactor.call_soon(int)
        return trial(reactor.on_readable, reactor.turn, close)


if __name__ == "__main__":
    for name, way in (
        ("closed, not told", untold),
        ("forget, then close", told),
        ("Reactor", ours),
    ):
        print(f"{name:<20}{way(hit)}")
        print(f"{'':<20}{way(deaf)}")
