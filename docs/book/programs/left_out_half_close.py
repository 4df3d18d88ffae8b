"""Half-close: a client who says "that is all" and waits for his reply, and one who said too much.

python3 -m docs.book.programs.left_out_half_close
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from reactor import TaskGroup, current_task, run
from reactor.net import Connection, Listener, listen

CHUNK = 65536


def gone_at_the_end(server: socket.socket) -> None:
    """Take the end of what the client says for his leave: the first bug."""
    while server.recv(CHUNK):
        pass
    server.close()


def closed_at_once(server: socket.socket) -> None:
    """Refuse at the first line, and close with the rest unread: the second bug."""
    server.recv(10)
    server.send(b"refused")
    server.close()


def heard_by(client: socket.socket) -> str:
    heard = b""
    try:
        while data := client.recv(CHUNK):
            heard += data
    except ConnectionResetError:
        return "a reset"
    return repr(heard.decode()) if heard else "nothing"


def with_bug(bug: Callable[[socket.socket], None], question: bytes) -> str:
    with listen("127.0.0.1", 0) as door:
        client = socket.create_connection(door.getsockname(), 10)
        server, _ = door.accept()
        with client, server:
            client.sendall(question)
            client.shutdown(socket.SHUT_WR)
            bug(server)
            return heard_by(client)


async def ours(question: bytes) -> str:
    reactor = current_task().reactor
    async with TaskGroup() as group:
        with Listener(reactor, listen("127.0.0.1", 0)) as listener:
            client = socket.create_connection(("127.0.0.1", listener.port), 10)
            connection = await listener.accept()
            group.spawn(answer, connection)
            with Connection(reactor, client) as near:
                await near.send_all(question)
                await near.send_end()
                heard = b""
                while data := await near.receive():
                    heard += data
    return repr(heard.decode())


async def answer(connection: Connection) -> None:
    with connection:
        first = await connection.receive(10)
        if len(first) == 10:
            await connection.send_all(b"refused")
        else:
            while await connection.receive():
                pass
            await connection.send_all(b"thank you")
        await connection.finish()


def lines() -> list[str]:
    short, long = b"a line\n", bytes(100_000)
    return [
        "the client asks, half-closes, and hears",
        "",
        f"the end taken for the leave   {with_bug(gone_at_the_end, short)}",
        f"ours                          {run(ours, short)}",
        "",
        "the client says more than is read, and hears",
        "",
        f"closed at once                {with_bug(closed_at_once, long)}",
        f"ours                          {run(ours, long)}",
    ]


if __name__ == "__main__":
    print("\n".join(lines()))
