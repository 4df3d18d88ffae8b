"""The picture: who does what, and when, as a drawing that stands still.

Law of this file: several recordings of one run, of its processes and threads, are drawn below one
another, over the events of all of them in the order in which they happened. Each event has the same
room, since what matters takes microseconds, and what separates it seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from reactor.command.words import printable
from reactor.watch import Recording

from .lanes import Lane, What, lanes_of
from .names import title_of

WIDTH: Final = 960.0
LABELS: Final = 190.0
ROW: Final = 22.0
TOP: Final = 40.0

COLOURS: Final[dict[What, str]] = {
    "running": "#0067a5",
    "ready": "#d98200",
    "parked": "#b9c1cb",
    "awake": "#8b939e",
    "asleep": "#e7e4dc",
}
THICK: Final[dict[What, float]] = {
    "running": 11,
    "ready": 11,
    "parked": 3,
    "awake": 11,
    "asleep": 11,
}
LEGEND: Final[tuple[tuple[What, str], ...]] = (
    ("running", "runs"),
    ("ready", "is ready"),
    ("parked", "waits"),
    ("awake", "the loop works"),
    ("asleep", "the loop sleeps"),
)


def as_picture(recordings: Sequence[Recording]) -> str:
    """Return recordings as a picture in SVG."""
    ordered = sorted(recordings, key=lambda recording: recording.header["began"])
    moments = _moments(ordered)
    drawn: list[str] = []
    row = 0
    for title, recording, columns in zip(_titles(ordered), ordered, moments, strict=True):
        lanes = lanes_of(recording.events)
        drawn += _loop(title, lanes.all, lanes.wakes, columns, row)
        row += len(lanes.all)
    height = TOP + row * ROW + 10
    program = printable(title_of(ordered[0].header))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="#1c1f24" role="img" '
        f"aria-label={quoteattr(f'who does what, and when, in {program}')}>"
    )
    paper = f'<rect width="{WIDTH:g}" height="{height:g}" rx="8" fill="#fbfaf7"/>'
    return "\n".join([head, paper, *_legend(), *drawn, "</svg>", ""])


def _moments(recordings: Sequence[Recording]) -> list[list[float]]:
    """Return where each event of each recording stands, from left to right."""
    order = sorted(
        (recording.header["began"] + float(str(event[0])) / 1e6, which, number)
        for which, recording in enumerate(recordings)
        for number, event in enumerate(recording.events)
        if event[1] not in ("place", "thing")
    )
    step = (WIDTH - LABELS - 20) / max(1, len(order))
    places = [[0.0] * len(recording.events) for recording in recordings]
    for column, (_, which, number) in enumerate(order):
        places[which][number] = LABELS + column * step
    for row in places:  # what only introduces a name stands where the next event does
        for number in range(len(row) - 2, -1, -1):
            row[number] = row[number] or row[number + 1]
    return places


def _titles(recordings: Sequence[Recording]) -> list[str]:
    """Return what tells the loops apart: their processes, their threads, or nothing."""
    if len(recordings) < 2:
        return ["the loop"] * len(recordings)
    processes = list(dict.fromkeys(recording.header["pid"] for recording in recordings))
    if len(processes) > 1:
        return [f"process {processes.index(each.header['pid']) + 1}" for each in recordings]
    return [f"thread {number}" for number in range(1, len(recordings) + 1)]


def _loop(
    title: str,
    lanes: Sequence[Lane],
    wakes: Sequence[tuple[int, Lane, Lane]],
    columns: Sequence[float],
    row: int,
) -> Iterator[str]:
    heights = {lane: TOP + (row + number + 0.5) * ROW for number, lane in enumerate(lanes)}
    for event, waker, woken in wakes:
        x, low, high = columns[event], heights[waker], heights.get(woken)
        if high is not None and high != low:
            yield f'<path d="M{x:.1f} {low:g}V{high:g}" stroke="#d98200" stroke-width=".8"/>'
    for lane in lanes:
        y = heights[lane]
        is_loop = lane.kind == "loop"
        yield (
            f'<text x="{12 + lane.depth * 12}" y="{y + 4:g}"'
            f"{' font-weight=' + quoteattr('bold') if is_loop else ''}>"
            f"{escape(_cut(printable(title if is_loop else lane.name), lane.depth))}</text>"
        )
        for first, last, what in lane.spans:
            x, width, thick = columns[first], columns[last] - columns[first], THICK[what]
            yield (
                f'<rect x="{x:.1f}" y="{y - thick / 2:g}" width="{max(width, 0.8):.1f}" '
                f'height="{thick:g}" fill="{COLOURS[what]}"/>'
            )


def _legend() -> Iterator[str]:
    x = LABELS
    for what, text in LEGEND:
        yield (
            f'<rect x="{x:g}" y="{21 - THICK[what] / 2:g}" width="14" height="{THICK[what]:g}" '
            f'fill="{COLOURS[what]}"/>'
        )
        yield f'<text x="{x + 20:g}" y="25" fill="#5b616b">{text}</text>'
        x += 40 + 7 * len(text)


def _cut(text: str, depth: int) -> str:
    text = text.rpartition("<locals>.")[2]
    room = 26 - 2 * depth
    return text if len(text) <= room else f"{text[: room - 1]}…"
