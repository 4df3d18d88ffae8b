"""Charts: what is to be seen in results, each with a name, a unit and a spread.

Law of this file: a chart says in words what it shows; what was not measured is None in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from servers.catalog import Model
from servers.compare.loads import Answers
from servers.compare.page.scale import Ratios, Scale, Steps
from servers.compare.rounds import Load, Result

MICROSECONDS: Final = 1e6

SMALLEST: Final = 1e-3
"""What is less, in the unit of a chart, stands at the edge."""


class Point(NamedTuple):
    """A value, and between which others it stands if there is a spread; in the chart's unit."""

    value: float
    low: float | None = None
    high: float | None = None


class Lane(NamedTuple):
    """A place for a point, under whose name it is told. on: the foundation, or "ratio"."""

    on: str
    name: str
    point: Point | None


class Row(NamedTuple):
    """A model and its lanes."""

    model: Model
    lanes: list[Lane]


@dataclass(frozen=True, slots=True)
class Chart:
    """What one plot shows. key: its name in the page. baseline: where ratios meet, if it has."""

    key: str
    title: str
    unit: str
    spread: str
    scale: Scale
    rows: list[Row]
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A chart of both foundations, before there are results for it. floor: None: from 0 on."""

    key: str
    title: str
    unit: str
    spread: str
    point: Callable[[Result], Point | None]
    floor: float | None = SMALLEST

    def rows(self, results: Sequence[Result]) -> list[Row]:
        """Return its rows."""
        return [
            Row(model, [Lane(each.on, str(each), self.point(each)) for each in of_model])
            for model, of_model in by_model(results)
        ]


def alike(kinds: Iterable[Kind], results: Sequence[Result]) -> list[Chart]:
    """Return charts that can be laid side by side: one scale, that of the first kind, fits all."""
    first, *others = [(kind, kind.rows(results)) for kind in kinds]
    floor = first[0].floor
    values = values_of(row for _, rows in (first, *others) for row in rows)
    scale = Steps.over(values) if floor is None else Ratios.over(values, floor)
    return [
        Chart(kind.key, kind.title, kind.unit, kind.spread, scale, rows)
        for kind, rows in (first, *others)
    ]


def by_model(results: Iterable[Result]) -> list[tuple[Model, list[Result]]]:
    """Return results in their order, those of one model together."""
    found: dict[Model, list[Result]] = {}
    for result in results:
        found.setdefault(result.model, []).append(result)
    return list(found.items())


def values_of(rows: Iterable[Row]) -> list[float]:
    """Return all that a scale has to have room for; 1 if nothing was measured."""
    points = [lane.point for row in rows for lane in row.lanes if lane.point is not None]
    return [value for point in points for value in point if value is not None] or [1.0]


def cost(load: Load) -> Point | None:
    """Return CPU microseconds of a request over all rounds, between its cheapest and dearest."""
    if load.cost is None:
        return None
    costs = [each * MICROSECONDS for each in load.costs]
    return Point(load.cost * MICROSECONDS, min(costs, default=None), max(costs, default=None))


def time(answers: Answers) -> Point | None:
    """Return microseconds to a reply: half of them, between the first and the last hundredth."""
    if not len(answers):
        return None
    return Point(*(answers.quantile(part) * MICROSECONDS for part in (0.5, 0.01, 0.99)))


def wakeups(result: Result) -> Point | None:
    """Return how often a thread of the server was woken, for each request."""
    number = len(result.ping_pong.answers)
    return Point(result.wakeups / number) if number else None


def memory(result: Result) -> Point | None:
    """Return KiB for each client more: the median of the rounds, between least and most."""
    if result.memory is None:
        return None
    kibibytes = [each / 1024 for each in result.memories]
    return Point(result.memory / 1024, min(kibibytes), max(kibibytes))


ROUNDS: Final = "lowest to highest round"
HUNDREDTHS: Final = "median, 1st to 99th percentile"

REQUEST: Final = Kind(
    "request", "CPU time of a request", "µs", ROUNDS, lambda result: cost(result.ping_pong)
)
REPLY: Final = Kind(
    "reply", "Time to a reply", "µs", HUNDREDTHS, lambda result: time(result.ping_pong.answers)
)
SILENT: Final = Kind(
    *("silent", "Time to a reply beside a silent client", "µs", HUNDREDTHS),
    lambda result: time(result.beside_silent),
)
SLOW: Final = Kind(
    *("slow", "Time to a reply beside a slow reader", "µs", HUNDREDTHS),
    lambda result: time(result.beside_slow),
)
CLIENT: Final = Kind(
    "client", "CPU time of a client", "µs", ROUNDS, lambda result: cost(result.churn)
)
VISIT: Final = Kind(
    *("visit", "Time from coming to leaving", "µs", HUNDREDTHS),
    lambda result: time(result.churn.answers),
)
WAKEUPS: Final = Kind(
    "wakeups", "Wake-ups for a request", "", "all rounds together", wakeups, floor=None
)
MEMORY: Final = Kind("memory", "Memory for a client more", "KiB", ROUNDS, memory, floor=1.0)


def ratios(results: Sequence[Result]) -> list[Chart]:
    """Return charts of what ours cost through what their twins cost: of a request, of a client.

    Below 1 ours are cheaper. The spread is that of the rounds, in each of which both were measured
    one after the other.
    """
    asked = _ratio_rows(results, lambda result: result.ping_pong)
    came = _ratio_rows(results, lambda result: result.churn)
    scale = Ratios.over([0.5, 2.0, *values_of([*asked, *came])], SMALLEST)
    return [
        Chart(f"ratio-{what}", f"CPU ratio of a {what}", "", ROUNDS, scale, rows, baseline=1.0)
        for what, rows in (("request", asked), ("client", came))
    ]


def _ratio_rows(results: Sequence[Result], load: Callable[[Result], Load]) -> list[Row]:
    rows = []
    for model, of_model in by_model(results):
        loads = {result.on: load(result) for result in of_model}
        point = _ratio(loads.get("reactor", Load()), loads.get("asyncio", Load()))
        rows.append(Row(model, [Lane("ratio", str(model), point)]))
    return rows


def _ratio(ours: Load, theirs: Load) -> Point | None:
    if not ours.cost or not theirs.cost:
        return None
    pairs = zip(ours.costs, theirs.costs, strict=False)  # strict: a load may have had no request
    each = [mine / its for mine, its in pairs if its]
    return Point(ours.cost / theirs.cost, min(each, default=None), max(each, default=None))
