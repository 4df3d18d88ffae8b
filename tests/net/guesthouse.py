"""A server as a process of its own, which can be left short of descriptors.

    python -m tests.net.guesthouse tasks|callbacks [room]

It echoes. On standard output it tells its port, then what its listener tells of shortages. room is
for how many clients there are descriptors, and the word "room" from one of them makes more. The end
of standard input is its end.
"""

from __future__ import annotations

import errno
import os
import resource
import sys
from functools import partial

from reactor import Reactor, TaskGroup, current_task, run, wait_readable
from reactor.net import Address, CallbackListener, Channel, Connection, Listener, listen

SPARE = 30


def say(word: object) -> None:
    print(word, flush=True)


def tell(error: OSError | None) -> None:
    say("works" if error is None else f"short of {errno.errorcode[error.errno or 0]}")


class Room:
    """Room for so many descriptors, and a few more that are set free on demand."""

    def __init__(self, count: int) -> None:
        self._before = resource.getrlimit(resource.RLIMIT_NOFILE)
        # They fill the gaps between the numbers, too.
        self._spare = [os.open(os.devnull, os.O_RDONLY) for _ in range(SPARE)]
        limit = max(self._spare) + 1 + count
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, self._before[1]))

    def make(self) -> None:
        while self._spare:
            os.close(self._spare.pop())

    def close(self) -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, self._before)


class Tasks:
    """The server as tasks."""

    def __init__(self, room: int) -> None:
        self._count = room
        self._guests = TaskGroup()

    def run(self) -> None:
        run(self._main)

    async def _main(self) -> None:
        async with self._guests:
            self._guests.spawn(self._accept)
            await wait_readable(sys.stdin)
            self._guests.cancel()

    async def _accept(self) -> None:
        with Listener(current_task().reactor, listen("127.0.0.1", 0), shortage=tell) as listener:
            room = Room(self._count)
            say(listener.address)
            try:
                while True:
                    self._guests.spawn(self._serve, await listener.accept(), room)
            finally:
                room.close()

    async def _serve(self, connection: Connection, room: Room) -> None:
        with connection:
            while data := await connection.receive():
                if data == b"room":
                    room.make()
                await connection.send_all(data)


class Guest(Channel):
    """A client of the server as callbacks."""

    def __init__(self, reactor: Reactor, room: Room, fd: int, address: Address) -> None:
        self._room = room
        super().__init__(reactor, fd, address)

    def received(self, data: bytes) -> None:
        if data == b"room":
            self._room.make()
        self.send(data)


class Callbacks:
    """The server as callbacks."""

    def __init__(self, room: int) -> None:
        self._count = room

    def run(self) -> None:
        with Reactor() as reactor:
            reactor.on_readable(sys.stdin, reactor.stop)
            door = listen("127.0.0.1", 0)
            room = Room(self._count)
            listener = CallbackListener(reactor, door, partial(Guest, reactor, room), shortage=tell)
            say(listener.address)
            reactor.run()
            listener.close()
            room.close()


def main(form: str, room: str = "1000") -> None:
    (Tasks if form == "tasks" else Callbacks)(int(room)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
