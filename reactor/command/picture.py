"""Picture: what `top` shows of a reactor at one moment, in as many lines as there are.

Law of this file: what there is no room for is counted. Tasks have half of the room, descriptors and
timers share the rest, and what one of them does not need the next may take.
"""

from __future__ import annotations

from . import answers
from .rates import Rates
from .target import Answer
from .words import counted, printable, share, span

PARTS = ("tasks", "descriptors", "timers", "lag")


def picture(answer: Answer, speed: Rates, room: int | None) -> list[str]:
    """Return the lines of a picture, at most room of them; None: as many as there are."""
    lines = [answers.title(answer), _pulse(answer, speed)]
    sections = (_tasks(answer), answers.descriptors(answer), answers.timers(answer))
    for count, section in enumerate(sections):
        lines += ["", *section] if room is None else _fit(section, _part(room, lines, count))
    return lines if room is None else lines[:room]


def _part(room: int, lines: list[str], count: int) -> int:
    left = room - len(lines)
    return left if count == 2 else left // 2


def _fit(section: list[str], room: int) -> list[str]:
    """Return an empty line and section, cut to room lines together."""
    if len(section) < room:
        return ["", *section]
    if room < 3:
        return []
    kept = section[: room - 2]
    return ["", *kept, f"... and {len(section) - len(kept)} more"]


def _pulse(answer: Answer, speed: Rates) -> str:
    lag = answer["lag"]["seconds"]
    late = f"lag {span(lag)}" if lag is not None else "does not turn now"
    moves = f"{speed.turns:.1f} turns/s, {speed.events:.1f} events/s"
    ready = f"{counted(answer['ready_count'], 'call')} ready"
    return f"{moves}, busy {share(speed.busy)}, {late}, {ready}"


def _tasks(answer: Answer) -> list[str]:
    """Return a line for each task, with the place where it stands."""
    lines: list[str] = []
    for row in answer["tasks"]["rows"]:
        if "task" in row:
            at = "".join(f" at {place}" for place in answers.places(row["stack"])[-1:])
            lines.append(printable(f"{'  ' * row['depth']}{row['text']}{at}"))
    return [*lines, *answers.left_out(answer["tasks"])] or ["no tasks"]
