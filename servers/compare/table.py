"""How results are shown: a table for people, JSON for programs, out of the same facts.

Law of this file: what was not measured is a dash, or null, and never a zero.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from servers.compare.loads import Answers
from servers.compare.rounds import Load, Result

Fact = str | int | float | None

_COLUMNS: Final = (
    # two lines of heading, the fact, and what one of its units is in the table
    ("", "model", "model", 1.0),
    ("", "on", "on", 1.0),
    ("asks", "/CPU s", "requests_per_cpu_second", 1.0),
    ("p50", "us", "p50_seconds", 1e6),
    ("p99", "us", "p99_seconds", 1e6),
    ("silent", "p99", "p99_seconds_beside_silent", 1e6),
    ("slow", "p99", "p99_seconds_beside_slow", 1e6),
    ("clients", "/CPU s", "clients_per_cpu_second", 1.0),
    ("p99", "us", "client_p99_seconds", 1e6),
    ("KiB", "/client", "bytes_per_client", 1 / 1024),
    ("wakes", "/ask", "wakeups_per_request", None),
    ("ratio", "/ask", "cpu_ratio_per_request", None),
    ("ratio", "/client", "cpu_ratio_per_client", None),
)

EXPLANATION: Final = """\
asks: requests of five clients who ask again as soon as they have a reply; silent, slow: the same
beside one who says nothing, and one who does not read. clients: those who come, ask once and go.
us: microseconds. wakes: how often a thread of the server was woken. ratio: the CPU time of the
reactor's version through that of asyncio's; below 1 the reactor's is the cheaper one."""


def as_json(results: Sequence[Result]) -> str:
    """Return results as JSON, a list of objects whose names say the units; null: not measured."""
    return json.dumps(facts_of(results), indent=2)


def as_table(results: Sequence[Result]) -> str:
    """Return results as a table, followed by what its columns mean."""
    headings = [[column[0] for column in _COLUMNS], [column[1] for column in _COLUMNS]]
    measured = [
        [_shown(facts[name], unit) for _, _, name, unit in _COLUMNS] for facts in facts_of(results)
    ]
    rows = headings + measured
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([*lines, "", EXPLANATION])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    words = [text.ljust(width) for text, width in zip(row[:2], widths[:2], strict=True)]
    numbers = [text.rjust(width) for text, width in zip(row[2:], widths[2:], strict=True)]
    return "  ".join(words + numbers).rstrip()


def _shown(fact: Fact, unit: float | None) -> str:
    if fact is None:
        return "-"
    if isinstance(fact, str):
        return fact
    return f"{fact:.2f}" if unit is None else f"{fact * unit:,.0f}"


def facts_of(results: Sequence[Result]) -> list[dict[str, Fact]]:
    """Return the facts of each result, under names that say the units; None: not measured."""
    twins = {result.model: result for result in results if result.on == "asyncio"}
    return [_measured(result) | _ratios(result, twins.get(result.model)) for result in results]


def _measured(result: Result) -> dict[str, Fact]:
    asked, came = result.ping_pong, result.churn
    number = len(asked.answers)
    return {
        "model": str(result.model),
        "on": result.on,
        "requests": number,
        "requests_per_cpu_second": _rate(asked),
        "p50_seconds": _quantile(asked.answers, 0.5),
        "p99_seconds": _quantile(asked.answers, 0.99),
        "p99_seconds_beside_silent": _quantile(result.beside_silent, 0.99),
        "p99_seconds_beside_slow": _quantile(result.beside_slow, 0.99),
        "clients": len(came.answers),
        "clients_per_cpu_second": _rate(came),
        "client_p99_seconds": _quantile(came.answers, 0.99),
        "bytes_per_client": result.memory,
        "wakeups_per_request": result.wakeups / number if number else None,
    }


def _ratios(result: Result, twin: Result | None) -> dict[str, Fact]:
    if result.on != "reactor" or twin is None:
        return {"cpu_ratio_per_request": None, "cpu_ratio_per_client": None}
    return {
        "cpu_ratio_per_request": _ratio(result.ping_pong, twin.ping_pong),
        "cpu_ratio_per_client": _ratio(result.churn, twin.churn),
    }


def _ratio(ours: Load, theirs: Load) -> float | None:
    return ours.cost / theirs.cost if ours.cost and theirs.cost else None


def _rate(load: Load) -> float | None:
    return 1 / load.cost if load.cost else None


def _quantile(answers: Answers, part: float) -> float | None:
    return answers.quantile(part) if len(answers) else None
