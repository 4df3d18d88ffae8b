"""The document: words, plots and tables in one file that needs nothing but a browser.

Law of this file: the page loads nothing and runs nothing but what is in it, and says so to the
browser, by the digests of its own style and scripts.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Final

from servers.catalog import FOUNDATIONS, MODELS
from servers.compare.circumstances import Circumstances
from servers.compare.page import charts
from servers.compare.page.charts import Chart, alike, by_model, ratios
from servers.compare.page.markup import Markup, element, join
from servers.compare.page.plot import draw, form
from servers.compare.page.sheet import numbers, sheet
from servers.compare.rounds import Result

_HERE: Final = Path(__file__).parent

STYLES: Final = ("colours.css", "layout.css", "plots.css", "tables.css")
SCRIPTS: Final = ("theme.js", "values.js", "choose.js", "sort.js")


def as_page(results: Sequence[Result], circumstances: Circumstances) -> str:
    """Return results as a page of HTML that stands alone."""
    request, client = ratios(results)
    reply, silent, slow = alike([charts.REPLY, charts.SILENT, charts.SLOW], results)
    style = _read(STYLES)
    scripts = [_read([name]) for name in SCRIPTS]
    return Template(_read(["page.html"])).substitute(
        title=_title(results),
        policy=_policy(style, scripts),
        style=style,
        scripts="\n".join(f'<script type="module">{script}</script>' for script in scripts),
        facts=_facts(circumstances, results),
        headlines=join(_headline("a request", request), _headline("a client", client)),
        ratios=_figures([request, client]),
        asks=_figures([*alike([charts.REQUEST], results), reply]),
        beside=_figures([silent, slow]),
        clients=_figures([*alike([charts.CLIENT], results), *alike([charts.VISIT], results)]),
        keeps=_figures([*alike([charts.WAKEUPS], results), *alike([charts.MEMORY], results)]),
        models=_models(results),
        legend=_legend(),
        choices=_choices(results),
        sheet=sheet(results),
    )


def _title(results: Sequence[Result]) -> str:
    number = len(by_model(results))
    return "Nine servers" if number == len(MODELS) else f"{number} of nine servers"


def _read(names: Iterable[str]) -> str:
    return "".join((_HERE / name).read_text(encoding="utf-8") for name in names)


def _policy(style: str, scripts: Iterable[str]) -> str:
    allowed = " ".join(_digest(script) for script in scripts)
    return f"default-src 'none'; style-src {_digest(style)}; script-src {allowed}"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _facts(circumstances: Circumstances, results: Sequence[Result]) -> Markup:
    began = circumstances.began
    when = element("time", f"{began:%d %B %Y, %H:%M} UTC", datetime=began.isoformat())
    facts = {
        "Python": circumstances.python,
        "System": circumstances.system,
        "Processors": str(circumstances.processors),
        "Poller": _pollers(circumstances.poller, results),
        "Rounds": f"{circumstances.rounds}, in {circumstances.seconds:,.0f} s",
        "Began": when,
    }
    return join(
        *(element("div", element("dt", name), element("dd", fact)) for name, fact in facts.items())
    )


def _pollers(usual: str, results: Sequence[Result]) -> str:
    """Return what loops wait with, where a model says so and where it does not."""
    pinned: dict[str, list[str]] = {}
    for model, _ in by_model(results):
        if model.pinned_poller not in (None, usual):
            pinned.setdefault(model.pinned_poller, []).append(str(model.number))
    others = [f"{poller} in {' and '.join(numbers)}" for poller, numbers in pinned.items()]
    return "; ".join([usual, *others])


def _headline(what: str, chart: Chart) -> Markup:
    """Return what came out of a chart of ratios, in a large number and a small sentence."""
    found = [lane.point.value for row in chart.rows for lane in row.lanes if lane.point is not None]
    if not found:
        return Markup()
    middle = math.exp(sum(map(math.log, found)) / len(found))
    models = f"{min(found):.2f} to {max(found):.2f} by model" if len(found) > 1 else "in one model"
    return element(
        "p",
        element("strong", f"{middle:.2f}"),
        element("span", f"of what {what} costs on asyncio; {models}"),
        class_="headline",
    )


def _figures(shown: Iterable[Chart]) -> Markup:
    return join(*map(_figure, shown))


def _figure(chart: Chart) -> Markup:
    title = element("h3", chart.title, id=f"{chart.key}-title")
    unit = " · ".join(filter(None, (chart.unit, chart.spread)))
    caption = element("figcaption", title, element("p", unit))
    details = element("details", element("summary", "Numbers"), numbers(chart))
    return element("figure", caption, draw(chart), details, id=chart.key)


def _models(results: Sequence[Result]) -> Markup:
    items = []
    for model, _ in by_model(results):
        name = element("h3", element("b", str(model.number)), " ", model.name)
        form_ = element("p", f"ours: {model.form}", class_="form")
        items.append(
            element(
                "li", name, element("p", f"{model.summary[0].upper()}{model.summary[1:]}."), form_
            )
        )
    return join(*items)


def _legend() -> Markup:
    return join(*(element("span", _sign(on), on, class_=on) for on in FOUNDATIONS))


def _sign(on: str) -> Markup:
    return element(
        "svg", form(on, 0.0), viewBox="-7 -7 14 14", class_=f"sign {on}", aria_hidden="true"
    )


def _choices(results: Sequence[Result]) -> Markup:
    models = [_choice("model", str(model.number), str(model)) for model, _ in by_model(results)]
    foundations = [_choice("on", on, on, _sign(on)) for on in FOUNDATIONS]
    return join(
        element("fieldset", element("legend", "Models"), *models),
        element("fieldset", element("legend", "Foundations"), *foundations),
    )


def _choice(name: str, value: str, text: str, sign: Markup | None = None) -> Markup:
    box = element("input", type="checkbox", name=name, value=value, checked=True)
    return element("label", box, sign or Markup(), text, class_="choice")
