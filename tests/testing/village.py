"""A village: a program of some size, of which a seed decides all that chance would.

Law of this file: what it does is written down to the last step, and nothing in that comes from
anywhere but the seed: no address of an object, no set, no hash. A client may be lost at any byte,
gives up after any time, and sends lines of any length.

    python -m tests.testing.village 7     the trace of seed 7
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from random import Random

from reactor import EndOfStream, IdleError, TaskGroup, Tracer, move_on_after, sleep
from reactor.net import Connection
from reactor.sync import Lock, Queue
from reactor.testing import MemoryListener, MemoryStream, Network, World

HOOKS = sorted(name for name in vars(Tracer) if not name.startswith("_"))

LOST = (ConnectionError, EndOfStream, IdleError)


class Transcript(Tracer):
    """Writes each hook as a line, with all that it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        for hook in HOOKS:
            if hook != "begin":  # which tells of a clock and a poller, and they have no names
                setattr(self, hook, self._writer(hook))

    def write(self, *words: object) -> None:
        """Write a line of one's own."""
        self.lines.append(" ".join(map(str, words)))

    def _writer(self, hook: str) -> object:
        return lambda *told: self.write(hook, *map(repr, told))

    def text(self) -> str:
        """Return all lines."""
        return "".join(f"{line}\n" for line in self.lines)


class Village:
    """A service, its clients, and what goes on beside."""

    def __init__(self, world: World, transcript: Transcript, clients: int) -> None:
        self._world = world
        self._write = transcript.write
        self._clients = clients
        self._dice = Random(world.seed)
        self._heard: Queue[str] = Queue(2)
        self._well = Lock()
        self._network = Network(
            world,
            latency=self._dice.choice([0.0, 0.01, 0.1]),
            bandwidth=self._dice.choice([200.0, 5000.0]),
            buffer=self._dice.randint(8, 64),
        )

    async def live(self) -> None:
        """Have everybody come, and close when the last client has gone."""
        near, far = socket.socketpair()
        bell = self._world.reactor.call_later(0.25, self._ring)
        async with TaskGroup() as around:
            with self._network.listen("inn", backlog=2) as listener:
                around.spawn(self._serve, listener)
                around.spawn(self._count)
                around.spawn(self._echo, far)
                async with TaskGroup() as guests:
                    for number in range(self._clients):
                        guests.spawn(self._visit, number)
                    guests.spawn(self._talk, near)
                bell.cancel()
                around.cancel()

    async def _serve(self, listener: MemoryListener) -> None:
        async with TaskGroup() as group:
            while True:
                group.spawn(self._host, await listener.accept(idle_seconds=2))

    async def _host(self, stream: MemoryStream) -> None:
        with stream:
            try:
                async for line in stream.lines():
                    await self._heard.put(line.decode())
                    await stream.send_all(line.upper() + b"\n")
            except LOST as error:
                self._write("host", type(error).__name__)

    async def _visit(self, number: int) -> None:
        await sleep(self._dice.randrange(10) / 10)
        with move_on_after(self._dice.randrange(1, 30) / 10) as patience:
            with await self._network.connect("inn") as stream:
                if self._dice.random() < 0.5:
                    stream.lose_after(self._dice.randrange(60))
                with suppress(*LOST):
                    await self._ask(number, stream)
        self._write("guest", number, patience.cancelled_caught, self._world.clock.now)

    async def _ask(self, number: int, stream: MemoryStream) -> None:
        for _ in range(4):
            line = bytes(self._dice.choices(b"abc", k=self._dice.randint(1, 20)))
            async with self._well:
                await stream.send_all(line + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                piece = await stream.receive()
                self._write("guest", number, "hears", piece)
                if not piece:
                    return
                answer += piece
            assert answer == line.upper() + b"\n"

    async def _count(self) -> None:
        async for line in self._heard:
            self._write("heard", line)
            await sleep(0.03)

    async def _talk(self, near: socket.socket) -> None:
        with Connection(self._world.reactor, near) as connection:
            for number in range(20):
                await connection.send_all(b"%d\n" % number)
                assert await connection.receive_until() == b"%d" % number

    async def _echo(self, far: socket.socket) -> None:
        with Connection(self._world.reactor, far) as connection:
            while data := await connection.receive():
                await connection.send_all(data)

    def _ring(self) -> None:
        self._write("bell", self._world.clock.now)
        self._world.reactor.call_soon(self._write, "echo of the bell")


def trace(seed: int, clients: int = 12) -> str:
    """Return all that happens in a village under seed, a line for each thing."""
    transcript = Transcript()
    with World(seed=seed, tracer=transcript) as world:
        world.run(Village(world, transcript, clients).live)
    return transcript.text()


if __name__ == "__main__":
    sys.stdout.write(trace(int(sys.argv[1])))
