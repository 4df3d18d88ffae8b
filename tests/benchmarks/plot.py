"""Plots of growth, as text and as SVG, drawn by hand: nothing is needed for it.

Law of this file: both axes are logarithmic, so that flat is flat, in proportion is a diagonal, and
what is between them is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final

from tests.benchmarks.growth import Curve, Panel

BARS: Final = "▁▂▃▄▅▆▇█"
WIDTH: Final = 460
HEIGHT: Final = 260
LEFT: Final = 70
TOP: Final = 40
BOTTOM: Final = 50
KEY: Final = 110
COLOURS: Final = ("#1b6ca8", "#d1495b", "#3a7d44", "#8e5ea2", "#e08e0b", "#555555")


def as_text(panel: Panel) -> str:
    """Return panel as lines: numbers, a bar for each, and how many times the first the last is.

    A bar at the top is eight times the lowest of its panel or more.
    """
    numbers = [f"{number:,}" for number, _ in panel.curves[0].points]
    lines = [f"{panel.title}, microseconds; {panel.across}: {', '.join(numbers)}"]
    lowest = min(cost for curve in panel.curves for _, cost in curve.points)
    for curve in panel.curves:
        costs = [cost for _, cost in curve.points]
        bars = "".join(BARS[min(int(cost / lowest) - 1, 7)] for cost in costs)
        figures = " ".join(f"{cost * 1e6:8.2f}" for cost in costs)
        lines.append(f"  {curve.name:<17} {bars:<6} {figures}   x {curve.growth:.2f}")
    return "\n".join(lines)


def as_svg(panels: Sequence[Panel]) -> str:
    """Return panels, one below the other, as an SVG picture."""
    width, height = LEFT + WIDTH + KEY + 30, TOP + HEIGHT + BOTTOM
    inner = [
        line
        for index, panel in enumerate(panels)
        for line in (f'<g transform="translate(0 {index * height})">', *_panel(panel), "</g>")
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height * len(panels)}" '
        'font-family="sans-serif" font-size="12">'
    )
    return "\n".join((head, '<rect width="100%" height="100%" fill="white"/>', *inner, "</svg>\n"))


class _Scale:
    """Where a number stands between two powers of ten that hold all of them."""

    def __init__(self, numbers: Iterable[float], start: float, length: float) -> None:
        logs = [log10(number) for number in numbers]
        self._low = floor(min(logs) + 1e-9)
        self._high = max(ceil(max(logs) - 1e-9), self._low + 1)
        self._start = start
        self._length = length

    def place(self, number: float) -> float:
        """Return where number stands."""
        part = (log10(number) - self._low) / (self._high - self._low)
        return round(self._start + part * self._length, 1)

    def ticks(self) -> list[float]:
        """Return the powers of ten from end to end."""
        return [10.0**power for power in range(self._low, self._high + 1)]


def _panel(panel: Panel) -> list[str]:
    points = [point for curve in panel.curves for point in curve.points]
    across = _Scale((number for number, _ in points), LEFT, WIDTH)
    up = _Scale((cost * 1e6 for _, cost in points), TOP + HEIGHT, -HEIGHT)
    lines = [_text(LEFT, TOP - 15, f"{panel.title}, microseconds of CPU", "start", "bold")]
    for tick in across.ticks():
        at = across.place(tick)
        lines.append(_line(at, TOP, at, TOP + HEIGHT))
        lines.append(_text(at, TOP + HEIGHT + 16, f"{tick:,.0f}", "middle"))
    for tick in up.ticks():
        at = up.place(tick)
        lines.append(_line(LEFT, at, LEFT + WIDTH, at))
        lines.append(_text(LEFT - 6, at + 4, f"{tick:g}", "end"))
    lines.append(_text(LEFT + WIDTH / 2, TOP + HEIGHT + 34, panel.across, "middle"))
    for index, curve in enumerate(panel.curves):
        lines += _curve(curve, across, up, index)
    return lines


def _curve(curve: Curve, across: _Scale, up: _Scale, index: int) -> list[str]:
    colour = COLOURS[index % len(COLOURS)]
    places = [(across.place(number), up.place(cost * 1e6)) for number, cost in curve.points]
    line = " ".join(f"{x},{y}" for x, y in places)
    dots = [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in places]
    name = _text(LEFT + WIDTH + 14, TOP + 12 + 18 * index, curve.name, "start", colour=colour)
    return [f'<polyline points="{line}" fill="none" stroke="{colour}"/>', *dots, name]


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#dddddd"/>'


def _text(
    x: float, y: float, words: str, anchor: str, weight: str = "normal", colour: str = "black"
) -> str:
    style = f'text-anchor="{anchor}" font-weight="{weight}" fill="{colour}"'
    return f'<text x="{x}" y="{y}" {style}>{escape(words)}</text>'
