"""What was measured, as tables: what each costs, and what has been reached of what is aimed at.

Law of this file: a figure stands beside its interval, and what was not measured is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from tests.benchmarks.aims import AIMS, Aim
from tests.benchmarks.axes import Axis
from tests.benchmarks.figures import Figure, figure, ratio
from tests.benchmarks.rounds import Costs

HEADINGS: Final = ("axis", "kind", "beside", "figure", "interval", "floor", "aim", "")

EXPLANATION: Final = """\
figure: a median over the rounds; beside a peer how many times what that does for the same cost, and
for instructions how many times as many. interval: the true median is in it with 95 %; of fewer than
six rounds (memory, instructions) it is merely the lowest and the highest. ?: the interval holds
another verdict too."""


def costs_table(axis: Axis, costs: Costs) -> str:
    """Return what each costs, and how many times what the axis' base does it does for that."""
    unit, scale = axis.unit
    rows = [(axis.title, unit, "interval", f"x {axis.base}", "interval")]
    for name, values in costs.items():
        own = figure([value * scale for value in values])
        beside = ("-", "-")
        if axis.base in costs:
            against = ratio(values, costs[axis.base])
            beside = (_ratio(against.median), _span(against, _ratio))
        rows.append((name, _number(own.median), _span(own, _number), *beside))
    return aligned(rows, left=1)


def aims_table(results: Mapping[str, Costs], aims: Sequence[Aim] = AIMS) -> str:
    """Return the aims that can be judged by results, costs by axis, with how each was judged."""
    return aligned([HEADINGS, *_judged(results, aims)], left=3)


def _judged(results: Mapping[str, Costs], aims: Sequence[Aim]) -> Iterator[Sequence[str]]:
    order = list(results)
    for aim in sorted(
        (aim for aim in aims if aim.axis in order), key=lambda a: order.index(a.axis)
    ):
        found = judged(aim, results[aim.axis])
        if found is None:
            continue
        show = _number if aim.peer is None else _ratio
        sign = "<= " if aim.less else ""
        yield (
            aim.axis,
            aim.ours,
            aim.peer or "-",
            show(found.median),
            _span(found, show),
            sign + show(aim.floor),
            "-" if aim.aim is None else sign + show(aim.aim),
            _verdict(aim, found),
        )


def _verdict(aim: Aim, found: Figure) -> str:
    """Return what the median has reached; with a question mark, if the interval leaves it open."""
    verdict = aim.verdict(found.median)
    sure = {aim.verdict(found.low), aim.verdict(found.high)} == {verdict}
    return verdict if sure else f"{verdict} ?"


def judged(aim: Aim, costs: Costs) -> Figure | None:
    """Return the figure that aim is about; None if it was not measured."""
    if aim.ours not in costs:
        return None
    if aim.peer is None:
        return figure(costs[aim.ours])
    if aim.peer not in costs:
        return None
    pair = (costs[aim.ours], costs[aim.peer])
    return ratio(*reversed(pair)) if aim.less else ratio(*pair)


def _span(found: Figure, show: Callable[[float], str]) -> str:
    return f"{show(found.low)} .. {show(found.high)}"


def _ratio(value: float) -> str:
    return f"{value:.2f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def aligned(rows: Sequence[Sequence[str]], left: int) -> str:
    """Return rows as lines, in columns; the first so many columns are words, the others numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            text.ljust(width) if place < left else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
