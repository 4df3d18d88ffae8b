"""Recordings that nobody made: as large as wanted, and the same each time.

Law of this file: what it writes could have happened. A server's task accepts, one task for each
client receives, with a timeout each time, and a callback counts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from reactor.watch import Event, Header

HEADER: Final[Header] = {
    "format": "reactor recording",
    "version": 1,
    "program": ["/srv/servers/__main__.py", "run", "coroutines"],
    "python": "3.12.1",
    "poller": "EpollPoller",
    "pid": 4242,
    "thread": "MainThread",
    "began": 1772366400.0,
}

PLACES: Final = (
    ("serve", "/srv/echo.py", 10, "async with TaskGroup() as group:"),
    ("serve", "/srv/echo.py", 12, "client = await listener.accept()"),
    ("talk", "/srv/echo.py", 20, "async def talk(client):"),
    ("talk", "/srv/echo.py", 22, "data = await client.receive()"),
    ("count", "/srv/echo.py", 30, "def count():"),
)

TIMEOUT: Final = 60_000
"""Microseconds after which a client who says nothing is given up, times one to five."""

NAP: Final[list[Event]] = [
    [0, "place", 1, "nap", "/srv/nap.py", 3, "    await sleep(0.1)\n"],
    [0, "thing", 1, "task", "nap", 1],
    [1, "spawn", 1, None],
    [2, "wake", 1],
    [3, "turn", 0],
    [4, "poll", []],
    [5, "run", 1, 1],
    [6, "thing", 2, "timer", "nap", 1],
    [6, "schedule", 2, 100_006],
    [7, "park", 1, "<Sleep 0.1 s>", 1],
    [8, "turn", 99_998],
    [100_008, "poll", []],
    [100_009, "wake", 2],
    [100_010, "run", 2, None],
    [100_011, "run", 1, 1],
    [100_020, "finish", 1, None],
    [100_021, "end"],
]
"""A task that sleeps once: its timer runs it."""


class Maker:
    """Writes events; each moment is later than the one before."""

    def __init__(self, clients: int, tricky: str = "") -> None:
        self.events: list[Event] = []
        self._now = 0
        self._things = 0
        for number, place in enumerate(PLACES):
            self.tell("place", number, *place)
        self.server = self.thing("task", f"serve{tricky}", 0)
        self.tell("spawn", self.server, None)
        self.tell("wake", self.server)
        self.tell("turn", 0)
        self.tell("poll", [])
        self.tell("run", self.server, 0)
        self.clients = [self._client(number) for number in range(clients)]
        self.tell("watch", 5, "r", self.server)
        self.tell("park", self.server, "<Side fd=5 reading>", 1)
        self._begin()

    def _client(self, number: int) -> int:
        client = self.thing("task", f"client {number}", 2)
        self.tell("spawn", client, self.server)
        self.tell("wake", client)
        return client

    def _begin(self) -> None:
        self.tell("turn", 0)
        self.tell("poll", [])
        self.timers: list[tuple[int, int]] = []  # when each client's is due, and its number
        for number, client in enumerate(self.clients):
            self.tell("run", client, 2)
            self._receive(number, client)

    def _receive(self, number: int, client: int) -> None:
        timer = self.thing("timer", f"timeout of {number}", 4)
        when = self._now + TIMEOUT * (1 + number * 7 % 5)
        self.timers[number : number + 1] = [(when, timer)]
        self.tell("schedule", timer, when)
        self.tell("watch", 6 + number, "r", client)
        self.tell("park", client, f"<Side fd={6 + number} reading>", 3)

    def round(self, number: int) -> None:
        """A turn in which two clients are heard, and one callback runs."""
        heard = sorted({(number + step) % len(self.clients) for step in (0, 3)})
        self.tell("turn", 5000)
        self._now += 400
        self.tell("poll", [[6 + each, "r"] for each in heard])
        for each in heard:
            self.tell("wake", self.clients[each])
        callback = self.thing("callback", "count", 4)
        for each in heard:
            self.tell("run", self.clients[each], 3)
            self.tell("cancel", self.timers[each][1])
            self._receive(each, self.clients[each])
        self.tell("wake", callback)
        self.tell("turn", 0)
        self.tell("poll", [])
        self.tell("run", callback, None)

    def expire(self) -> None:
        """Turns in which nobody is heard until the first client's time is up."""
        until = self.timers[0][0]
        late = [number for number, (when, _) in enumerate(self.timers) if when <= until]
        self.tell("turn", until - self._now)
        self._now = until
        self.tell("poll", [])
        for number in late:
            self.tell("wake", self.timers[number][1])
        for number in late:
            self.tell("run", self.timers[number][1], None)
            self.tell("throw", self.clients[number], "Cancelled()")
            self.tell("wake", self.clients[number])
        self.tell("turn", 0)
        self.tell("poll", [])
        for number in late:
            self.tell("run", self.clients[number], 3)
            self.tell("forget", 6 + number)
            self.tell("finish", self.clients[number], "Cancelled()")

    def thing(self, kind: str, name: str, place: int | None) -> int:
        """Introduce a thing, and return its number."""
        self._things += 1
        self.tell("thing", self._things, kind, name, place)
        return self._things

    def tell(self, kind: str, *rest: object) -> None:
        """Write an event, 3 microseconds after the one before."""
        self._now += 3
        self.events.append([self._now, kind, *rest])


def recording(clients: int = 4, rounds: int = 6, tricky: str = "") -> tuple[Header, list[Event]]:
    """Return header and events of a recording; tricky stands in the name of its first task."""
    maker = Maker(clients, tricky)
    for number in range(rounds):
        maker.round(number)
    maker.expire()
    maker.tell("end")
    return HEADER, maker.events


def write(path: Path, **of: Any) -> Path:
    """Write such a recording to a file, and return its path."""
    header, events = recording(**of)
    path.write_text("".join(f"{json.dumps(each)}\n" for each in [header, *events]))
    return path
