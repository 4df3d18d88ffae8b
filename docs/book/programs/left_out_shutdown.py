"""Shutdown: the loop is stopped while a reply is under way.

python3 -m docs.book.programs.left_out_shutdown
"""

from __future__ import annotations

from reactor import TaskGroup, run
from reactor.net import Connection, connect, listen
from reactor.serving import Server
from reactor.sync import Event


async def stopped(gracefully: bool) -> str:
    ready = Event()  # the second half is

    async def reply(connection: Connection) -> None:
        await connection.receive()
        await connection.send_all(b"first half, ")
        await ready.wait()
        await connection.send_all(b"second half")

    door = listen("127.0.0.1", 0)
    server = Server(reply, door)
    async with TaskGroup() as group:
        host, port = door.getsockname()
        group.spawn(server.run)
        with await connect(host, port) as client:
            await client.send_all(b"a question")
            heard = await client.receive()
            if gracefully:
                group.spawn(server.drain, 5)
            else:
                await server.drain(0)
            ready.set()
            while data := await client.receive():
                heard += data
    return repr(heard.decode()) + ", and the end"


def lines() -> list[str]:
    return [
        "the client hears",
        "",
        f"stopped at once        {run(stopped, False)}",
        f"drained, for 5 s       {run(stopped, True)}",
    ]


if __name__ == "__main__":
    print("\n".join(lines()))
