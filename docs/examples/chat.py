"""Chat: names, rooms, and a slow reader who harms nobody.

Each member is two tasks: one hears him, the other sends what waits in a queue of his own. Whoever
speaks only puts into queues, and waits for nobody. He whose queue is full does not keep up: he is
dropped, and the others are told why.

    python3 docs/examples/chat.py
    nc 127.0.0.1 7001

A member says his name first; then /join ROOM, /who, or whatever the others in his room shall read.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import AsyncIterator
from signal import SIGINT, SIGTERM
from typing import Final

import checkout

from reactor import BusyError, ReactorError, TaskGroup, all_of, run
from reactor.net import Connection, listen
from reactor.serving import Server
from reactor.sync import Queue, SignalReceiver

LONGEST: Final = 1000  # bytes of a line
KEPT: Final = 100  # lines for one who has not taken them yet
PATIENCE: Final = 5.0  # seconds for what is on its way at the end
NAME: Final = re.compile(r"\w{1,20}")


class Member:
    def __init__(self, name: str) -> None:
        self.name = name
        self.room = "lobby"
        self.farewell = "has left"
        self.group = TaskGroup()
        self.lines: Queue[bytes] = Queue(KEPT)

    def tell(self, text: str) -> None:
        try:
            self.lines.put_nowait(f"{text}\n".encode())
        except BusyError:
            self.farewell = "does not keep up, and was dropped"
            self.group.cancel()

    async def read(self, connection: Connection) -> None:
        async for line in self.lines:
            await connection.send_all(line)


class Chat:
    def __init__(self, host: str, port: int, most: int, idle_seconds: float) -> None:
        self.members: dict[str, Member] = {}
        self.door = listen(host, port)
        self.server = Server(self.welcome, self.door, most=most, idle_seconds=idle_seconds)

    async def run(self) -> None:
        await all_of(self.server.run, self.drain_when_asked)

    async def drain_when_asked(self) -> None:
        with SignalReceiver(SIGINT, SIGTERM) as signals:
            print("listening on {} port {}".format(*self.door.getsockname()), flush=True)
            await signals.next()
        for member in self.members.values():
            member.tell("* this chat is over")
        await self.server.drain(PATIENCE)

    async def welcome(self, connection: Connection) -> None:
        said = self.lines_from(connection)
        await connection.send_all(b"* your name?\n")
        async for name in said:
            if NAME.fullmatch(name) and name not in self.members:
                await self.serve(Member(name), connection, said)
                return
            await connection.send_all(b"* no name, or taken; another?\n")

    async def lines_from(self, connection: Connection) -> AsyncIterator[str]:
        while True:
            with self.server.at_rest() as rest:
                line = await connection.receive_line(LONGEST)
            if rest.cancelled_caught or line is None:
                return
            yield "".join(filter(str.isprintable, line.decode(errors="replace")))

    async def serve(self, member: Member, connection: Connection, said: AsyncIterator[str]) -> None:
        self.members[member.name] = member
        try:
            async with member.group as group:
                group.spawn(member.read, connection)
                try:
                    self.tell(member.room, f"* {member.name} is here")
                    async for text in said:
                        self.hear(member, text)
                finally:
                    del self.members[member.name]
                    member.lines.close()
        except* (OSError, ReactorError) as errors:
            member.farewell = f"is lost: {errors.exceptions[0]}"
        self.tell(member.room, f"* {member.name} {member.farewell}")

    def hear(self, member: Member, text: str) -> None:
        match text.split():
            case ["/join", room] if NAME.fullmatch(room):
                self.tell(member.room, f"* {member.name} goes to {room}")
                member.room = room
                self.tell(room, f"* {member.name} is here")
            case ["/who"]:
                names = [other.name for other in self.members_in(member.room)]
                member.tell(f"* {member.room}: {' '.join(names)}")
            case _:
                self.tell(member.room, f"{member.name}: {text}")

    def tell(self, room: str, text: str) -> None:
        for member in self.members_in(room):
            member.tell(text)

    def members_in(self, room: str) -> list[Member]:
        return [member for member in self.members.values() if member.room == room]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Let people talk to each other.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7001)
    parser.add_argument("--most", type=int, default=1000, help="members at a time")
    parser.add_argument("--idle", type=float, default=3600, help="seconds of silence")
    given = parser.parse_args()
    run(Chat(given.host, given.port, given.most, given.idle).run)
