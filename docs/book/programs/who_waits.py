"""One blocking server, two clients: who waits for whom, told in the order in which it happens.

python3 -m docs.book.programs.who_waits
"""

from __future__ import annotations

import socket
from queue import SimpleQueue
from select import select
from threading import Thread


def serve(listener: socket.socket, clients: int, tell: SimpleQueue[str]) -> None:
    """The whole server: each line waits until it is done."""
    for _ in range(clients):
        client, _ = listener.accept()
        tell.put("accepts, and waits in recv")
        if client.recv(512):
            client.sendall(b"OK\n")
        client.close()
        tell.put("closes")


def story() -> list[tuple[str, str]]:
    """Return who does what, in order."""
    told: list[tuple[str, str]] = []
    server: SimpleQueue[str] = SimpleQueue()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, args=(listener, 2, server))
        thread.start()

        silent = socket.create_connection(listener.getsockname())
        told.append(("silent", "connects"))
        told.append(("server", server.get()))

        polite = socket.create_connection(listener.getsockname())
        told.append(("polite", "connects: nobody has accepted"))
        polite.sendall(b"hello")
        told.append(("polite", "sends: nobody has received"))
        has_reply = bool(select([polite], [], [], 0.1)[0])
        told.append(("polite", f"has a reply: {has_reply}"))

        silent.close()
        told.append(("silent", "leaves"))
        told.append(("server", server.get()))
        told.append(("server", server.get()))
        told.append(("polite", f"receives {polite.recv(512)!r}"))
        polite.close()
        told.append(("server", server.get()))
        thread.join()
    return told


def drawn(told: list[tuple[str, str]]) -> list[str]:
    """Return the story as three columns, time going down."""
    columns = ["silent", "server", "polite"]
    lines = ["silent         server                        polite"]
    for who, what in told:
        place = [0, 15, 45][columns.index(who)]
        lines.append(" " * place + what)
    return lines


if __name__ == "__main__":
    print("\n".join(drawn(story())))
