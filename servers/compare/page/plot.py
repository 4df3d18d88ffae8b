"""Plots: a chart as SVG, which can be read by eye, by ear and by script.

Law of this file: every mark carries its exact value, and says in words what it is; whose it is
shows in its form as well as in its colour.
"""

from __future__ import annotations

from typing import Final

from servers.compare.page.charts import Chart, Lane, Point, Row
from servers.compare.page.markup import Markup, element
from servers.compare.page.scale import shown, written

# In units of the drawing. It is as wide as a phone, so that its text is as large as any other.
WIDTH: Final = 360
LEFT: Final = 106
RIGHT: Final = 304
TOP: Final = 20
SIDES: Final = 10
LANE: Final = 14
GAP: Final = 8
RADIUS: Final = 4.5

_DIAMOND: Final = "M-5.5 0L0-5.5L5.5 0L0 5.5Z"
_CENTRED: Final = "0.35em"


def draw(chart: Chart) -> Markup:
    """Return the plot of a chart."""
    drawing = _Drawing(chart)
    return element(
        *("svg", drawing.grid(), *drawing.rows()),
        class_="plot",
        viewBox=f"0 0 {WIDTH} {drawing.height}",
        role="group",
        aria_labelledby=f"{chart.key}-title",
        data_top=drawing.top + GAP // 2,  # where the first row begins
    )


def told_spread(point: Point, chart: Chart) -> str:
    """Return the spread of a point in words, nothing if it has none."""
    if point.low is None or point.high is None:
        return ""
    return f"{shown(point.low)} to {shown(point.high)}, {chart.spread}"


def form(on: str, x: float) -> Markup:
    """Return the form by which a foundation is known, a disc or a diamond."""
    if on == "asyncio":
        return element("path", class_="dot", d=_DIAMOND, transform=f"translate({x:g} 0)")
    return element("circle", class_="dot", cx=x, r=RADIUS)


def _height(row: Row) -> int:
    return LANE * len(row.lanes) + GAP


class _Drawing:
    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.top = TOP if chart.baseline is None else TOP + SIDES
        self.height = self.top + sum(map(_height, chart.rows))

    def grid(self) -> Markup:
        """What stands behind the marks: values, and lines below them."""
        sides = [] if self.chart.baseline is None else self._sides(self.chart.baseline)
        ticks = [part for value in self.chart.scale.ticks() for part in self._tick(value)]
        return element("g", *sides, *ticks, aria_hidden="true")

    def rows(self) -> list[Markup]:
        """The models, one below the other."""
        top = self.top
        drawn = []
        for row in self.chart.rows:
            drawn.append(self._row(row, top + GAP // 2))
            top += _height(row)
        return drawn

    def _x(self, value: float) -> float:
        return round(LEFT + self.chart.scale.place(value) * (RIGHT - LEFT), 1)

    def _tick(self, value: float) -> list[Markup]:
        x, top = self._x(value), self.top - 6
        kind = "baseline" if value == self.chart.baseline else "tick"
        return [
            element("line", class_=kind, x1=x, x2=x, y1=top, y2=self.height),
            element("text", written(value), class_="tick", x=x, y=top - 3, text_anchor="middle"),
        ]

    def _sides(self, baseline: float) -> list[Markup]:
        x, top = self._x(baseline), self.top - 6
        size = {"width": x - LEFT, "height": self.height - top}
        return [
            element("rect", class_="cheaper", x=LEFT, y=top, **size),
            element("text", "◂ reactor cheaper", class_="side", x=x - 6, y=8, text_anchor="end"),
            element("text", "asyncio ▸", class_="side", x=x + 6, y=8),
        ]

    def _row(self, row: Row, top: int) -> Markup:
        middle = LANE * len(row.lanes) / 2
        marks = [
            self._mark(lane, lane.point, LANE * number + LANE / 2)
            for number, lane in enumerate(row.lanes)
            if lane.point is not None
        ]
        missing = element("text", "not measured", class_="missing", x=LEFT, y=middle, dy=_CENTRED)
        return element(
            "g",
            element("line", class_="rule", x1=0, x2=WIDTH, y1=-GAP / 2, y2=-GAP / 2),
            element("text", str(row.model), class_="model", y=middle, dy=_CENTRED),
            *(marks or [missing]),
            class_="row",
            data_model=row.model.number,
            data_height=_height(row),
            transform=f"translate(0 {top})",
        )

    def _mark(self, lane: Lane, point: Point, y: float) -> Markup:
        value = f"{shown(point.value)} {self.chart.unit}".rstrip()
        spread = told_spread(point, self.chart)
        words = "; ".join(filter(None, (f"{lane.name}: {value}", spread)))
        return element(
            *("g", element("title", words), *self._drawn(lane.on, point)),
            class_=f"mark {lane.on}",
            role="img",
            aria_label=words,
            transform=f"translate(0 {y:g})",
            data_on=lane.on,
            data_name=lane.name,
            data_value=value,
            data_spread=spread,
            data_exact=repr(point.value),
        )

    def _drawn(self, on: str, point: Point) -> list[Markup]:
        x = self._x(point.value)
        place = element("rect", class_="lane", x=LEFT - 6, y=-LANE / 2, width=WIDTH, height=LANE)
        value = element("text", shown(point.value), class_="value", x=WIDTH, dy=_CENTRED)
        parts = [place, form(on, x), value]
        if point.low is not None and point.high is not None:
            low, high = self._x(point.low), self._x(point.high)
            parts.insert(1, element("line", class_="spread", x1=low, x2=high))
        if self.chart.baseline is not None:
            parts.insert(1, element("line", class_="stem", x1=self._x(self.chart.baseline), x2=x))
        return parts
