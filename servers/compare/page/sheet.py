"""Tables: all that was measured in one, and the numbers of each chart in a small one.

Law of this file: a cell that is sorted by carries the exact value; one that was not measured is a
dash, and carries none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from servers.compare.page.charts import Chart, Lane
from servers.compare.page.markup import Markup, element
from servers.compare.page.plot import told_spread
from servers.compare.page.scale import shown
from servers.compare.rounds import Result
from servers.compare.table import Fact, facts_of


class Column(NamedTuple):
    """A column of the large table: its heading, the fact, what one of its units is there."""

    heading: str
    unit: str
    fact: str
    factor: float = 1.0


class Columns(NamedTuple):
    """Columns that belong to one load."""

    heading: str
    columns: tuple[Column, ...]


_COUNTS: Final = ("requests", "clients")

GROUPS: Final = (
    Columns(
        "Ask again and again",
        (
            Column("requests", "counted", "requests"),
            Column("requests", "per CPU s", "requests_per_cpu_second"),
            Column("median", "µs", "p50_seconds", 1e6),
            Column("99 %", "µs", "p99_seconds", 1e6),
            Column("wake-ups", "each", "wakeups_per_request"),
        ),
    ),
    Columns(
        "Beside one",
        (
            Column("silent", "99 %, µs", "p99_seconds_beside_silent", 1e6),
            Column("slow", "99 %, µs", "p99_seconds_beside_slow", 1e6),
        ),
    ),
    Columns(
        "Come, ask, go",
        (
            Column("clients", "counted", "clients"),
            Column("clients", "per CPU s", "clients_per_cpu_second"),
            Column("99 %", "µs", "client_p99_seconds", 1e6),
        ),
    ),
    Columns("Stay", (Column("memory", "KiB each", "bytes_per_client", 1 / 1024),)),
    Columns(
        "Ratio of CPU",
        (
            Column("request", "to asyncio", "cpu_ratio_per_request"),
            Column("client", "to asyncio", "cpu_ratio_per_client"),
        ),
    ),
)


def sheet(results: Sequence[Result]) -> Markup:
    """Return the table of all facts, a row for each result."""
    headings = [element("th", group.heading, colspan=len(group.columns)) for group in GROUPS]
    groups = element("tr", element("td", colspan=2), *headings, class_="groups")
    columns = element(
        "tr",
        _heading("model", "number, name"),
        _heading("on", "foundation"),
        *(_heading(column.heading, column.unit) for column in _columns()),
    )
    rows = [_row(result, facts) for result, facts in zip(results, facts_of(results), strict=True)]
    caption = element("caption", "All that was measured, in all rounds together", id="sheet-title")
    return element(
        "table", caption, element("thead", groups, columns), element("tbody", *rows), id="sheet"
    )


def numbers(chart: Chart) -> Markup:
    """Return the table of what a plot shows, with its spread."""
    rows = [
        element(
            *("tr", element("th", lane.name, scope="row"), *_cells(lane, chart)),
            class_=lane.on,
            data_model=row.model.number,
            data_on=lane.on,
        )
        for row in chart.rows
        for lane in row.lanes
    ]
    caption = element("caption", chart.title)
    unit = f"value, {chart.unit}" if chart.unit else "value"
    headings = [element("th", text, scope="col") for text in ("server", unit, chart.spread)]
    return element(
        "table", caption, element("thead", element("tr", *headings)), element("tbody", *rows)
    )


def _columns() -> list[Column]:
    return [column for group in GROUPS for column in group.columns]


def _heading(name: str, unit: str) -> Markup:
    return element(
        "th", element("span", name), " ", element("small", unit), scope="col", class_="sorts"
    )


def _row(result: Result, facts: dict[str, Fact]) -> Markup:
    model = element("th", str(result.model), scope="row", data_exact=result.model.number)
    on = element("td", result.on, data_exact=result.on)
    cells = [_fact(facts[column.fact], column) for column in _columns()]
    return element(
        "tr", model, on, *cells, data_model=result.model.number, data_on=result.on, class_=result.on
    )


def _fact(fact: Fact, column: Column) -> Markup:
    if not isinstance(fact, int | float) or (column.fact in _COUNTS and not fact):
        return element("td", "-")
    text = f"{fact:,}" if isinstance(fact, int) else shown(fact * column.factor)
    return element("td", text, data_exact=repr(fact))


def _cells(lane: Lane, chart: Chart) -> list[Markup]:
    if lane.point is None:
        return [element("td", "-"), element("td", "-")]
    spread = told_spread(lane.point, chart).removesuffix(f", {chart.spread}")
    return [element("td", shown(lane.point.value)), element("td", spread or "-")]
