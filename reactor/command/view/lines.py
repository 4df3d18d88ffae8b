"""Lines: a recording as a text, a line for each event.

Law of this file: a turn has a heading, and what happens while something runs stands further in.
Names stand where the recording has numbers; what only introduces them is left out. A name is one
line whatever is in it, and moves no terminal's cursor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reactor.command.words import printable
from reactor.watch import Event

from .names import Names

_SIDES = {"r": "reading", "w": "writing", "rw": "reading, writing"}


def as_lines(events: Sequence[Event]) -> Iterator[str]:
    """Return the lines of a text that tells a recording."""
    names = Names(events)
    turn = 0
    indent = ""
    for event in events:
        kind = event[1]
        if kind in ("place", "thing"):
            continue
        if kind == "turn":
            turn += 1
            yield ""
            yield f"turn {turn}, at {_moment(event[0])}: {_patience(event[2])}"
            indent = ""
            continue
        if kind == "run":
            indent = ""
        told, place = (printable(text.strip()) for text in _told(event[1:], names))
        yield f"{_moment(event[0]):>15}  {f'{indent}{kind}':<11} {told:<40} {place}".rstrip()
        if kind == "run":
            indent = "  "


def _told(told: list[object], names: Names) -> tuple[str, str]:
    """Return what is said of an event after its kind, and the place, if one belongs to it."""
    match told:
        case ["run", thing, place]:
            return names.of(thing), names.place(place)
        case ["park", thing, door, place]:
            return f"{names.of(thing)} on {door}", names.place(place)
        case ["schedule", thing, when]:
            return f"{names.of(thing)} {'never' if when is None else f'at {_moment(when)}'}", ""
        case ["spawn", thing, parent]:
            return names.of(thing) + ("" if parent is None else f" in {names.of(parent)}"), ""
        case ["error" | "throw" | "finish", thing, error]:
            return names.of(thing) + ("" if error is None else f" with {error}"), ""
        case ["wake" | "cancel", thing]:
            return names.of(thing), ""
        case _:
            return _told_of_poller(told, names), ""


def _told_of_poller(told: list[object], names: Names) -> str:
    match told:
        case ["poll", list(events)]:
            return ", ".join(map(_ready, events)) or "nothing"
        case ["watch", fd, side, thing]:
            return f"fd {fd} {_side(side)}: {names.of(thing)}"
        case ["disarm", fd, side]:
            return f"fd {fd} {_side(side)}"
        case ["forget", fd]:
            return f"fd {fd}"
        case ["cut", events]:
            return f"the recording was full after {events} events"
        case _:
            return " ".join(map(str, told[1:]))


def _patience(patience: object) -> str:
    if patience is None:
        return "may sleep until something happens"
    return f"may sleep for {_moment(patience)}" if patience else "does not sleep"


def _moment(micros: object) -> str:
    return f"{micros / 1000:,.3f} ms" if isinstance(micros, int | float) else str(micros)


def _ready(event: object) -> str:
    return f"fd {event[0]} {_side(event[1])}" if isinstance(event, list) else str(event)


def _side(side: object) -> str:
    return _SIDES.get(str(side), str(side))
