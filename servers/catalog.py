"""The catalog: the nine models by number and name, and what is known of each before it is run.

Law of this file: an entry is a model whose room exists, and knowing of a room does not open it: no
room is imported here, nor what rooms are built on. To add a room is to add its entry.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final, Literal

FOUNDATIONS: Final = ("reactor", "asyncio")
"""What a room can stand on: this project (the default), or the standard library alone."""


@dataclass(frozen=True, slots=True)
class Model:
    """One of the nine.

    name: its name. aliases: what else it is called. room: the package that it lives in, where that
    is not its name with `_` for `-`.
    summary: who waits and who works, in a line. form: how ours, on the reactor, is written.
    uses: the fields of Options that it has a use for. pinned_poller: the one mechanism that it can
    wait with, if that is what makes the model.
    """

    number: int
    name: str
    summary: str
    form: Literal["callbacks", "generators", "async def"]
    aliases: tuple[str, ...] = ()
    uses: tuple[str, ...] = ("limit", "idle_timeout")
    pinned_poller: str | None = None
    room: str | None = None

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def module(self, foundation: str) -> str:
        """Return the full name of the module whose `serve` runs this model on foundation."""
        room = self.room or self.name.replace("-", "_")
        return f"servers.{room}.on_{foundation}"

    def foundations(self) -> tuple[str, ...]:
        """Return those of FOUNDATIONS that this model can be run on."""
        return tuple(each for each in FOUNDATIONS if find_spec(self.module(each)) is not None)


MODELS: Final = (
    Model(
        number=1,
        name="simple",
        summary="one thread, one client at a time, which is answered once",
        form="async def",
        uses=("idle_timeout",),
    ),
    Model(
        number=2,
        name="select",
        summary="one thread waits for all clients at once, with select",
        form="callbacks",
        uses=("limit", "idle_timeout", "poller"),
        pinned_poller="select",
        room="select_only",  # for the standard library has a module of the other name
    ),
    Model(
        number=3,
        name="epoll",
        summary="one thread waits for all clients at once, with epoll",
        form="callbacks",
        uses=("limit", "idle_timeout", "poller"),
        pinned_poller="epoll",
    ),
    Model(
        number=4,
        name="fork",
        summary="a process forked for each connection, reaped when it ends",
        form="callbacks",
    ),
    Model(
        number=5,
        name="thread",
        summary="a thread for each connection",
        form="callbacks",
    ),
    Model(
        number=6,
        name="prefork",
        summary="processes forked ahead; a file lock, so that one at a time accepts",
        form="async def",
        uses=("workers", "idle_timeout"),
    ),
    Model(
        number=7,
        name="prethread",
        summary="threads started ahead; a lock, so that one at a time accepts",
        form="async def",
        uses=("workers", "idle_timeout"),
    ),
    Model(
        number=8,
        name="select-threads",
        summary="one thread waits, accepts and receives, with select; a pool of threads sends",
        form="callbacks",
        uses=("limit", "workers", "idle_timeout", "poller"),
        pinned_poller="select",
    ),
    Model(
        number=9,
        name="coroutines",
        aliases=("asyncio",),
        summary="one thread, an accepting task and a task for each client",
        form="generators",
        uses=("limit", "idle_timeout", "poller"),
    ),
)


def find_model(wanted: str) -> Model:
    """Return the model of that number, name or alias. Raises LookupError, with a suggestion."""
    names = {name: model for model in MODELS for name in _names(model)}
    if wanted.lower() in names:
        return names[wanted.lower()]
    close = [] if wanted.isdigit() else difflib.get_close_matches(wanted.lower(), names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(map(str, MODELS))}"
    raise LookupError(f"no model {wanted!r} here; {hint}")


def _names(model: Model) -> tuple[str, ...]:
    return (str(model.number), model.name, *model.aliases)
